import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { toGoJson } from '../print/go-json.ts'
import { toGoYaml } from '../print/go-yaml.ts'
import { record, text } from '../values.ts'

/** The kubectl whose output the lab prints, and the kustomize that it carries. */
const CLIENT = { gitVersion: 'v1.32.3', kustomize: 'v5.5.0', major: '1', minor: '32' } as const

/** `kubectl version`. */
export const versionCommand: KubectlCommand = {
  name: 'version',
  summary: 'Print the client and server version information',
  usage: 'kubectl version [flags]',
  words: 'none',
  flags: [
    { name: 'client', type: 'bool' },
    { name: 'output', short: 'o', type: 'string', values: ['json', 'yaml'] },
  ],
  run: runVersion,
}

async function runVersion(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  if (positionals.length > 0) {
    throw new KubectlError(`extra arguments: [${positionals.join(' ')}]`)
  }
  const output = flags.string('output')
  if (!['', 'json', 'yaml'].includes(output)) {
    throw new KubectlError("--output must be 'yaml' or 'json'")
  }
  const server = flags.bool('client')
    ? undefined
    : record(
        (await context.client.request({ method: 'GET', path: '/version', signal: context.signal }))
          .body,
      )
  if (output !== '') {
    const { kustomize, ...client } = CLIENT
    const whole = {
      clientVersion: client,
      kustomizeVersion: kustomize,
      ...(server === undefined ? {} : { serverVersion: server }),
    }
    context.out(
      output === 'json'
        ? toGoJson(whole, { sortKeys: false }).replace(/^( +)/gm, halve)
        : `${toGoYaml(whole)}\n`,
    )
    return 0
  }
  context.out(`Client Version: ${CLIENT.gitVersion}\nKustomize Version: ${CLIENT.kustomize}\n`)
  if (server !== undefined) context.out(`Server Version: ${text(server.gitVersion)}\n`)
  return 0
}

/** `kubectl version` indents its JSON by two. */
function halve(indent: string): string {
  return indent.slice(0, indent.length / 2)
}
