import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { ParsedFlags } from '../flags.ts'
import { toGoYaml } from '../print/go-yaml.ts'

/** `kubectl config view` and `current-context`: read only, the lab has one cluster. */
const CONTEXT_NAME = 'netpol-lab'

export const CONFIG_COMMANDS: readonly KubectlCommand[] = [
  {
    name: 'config view',
    summary: 'Display the settings of the lab’s one cluster',
    usage: 'kubectl config view',
    words: 'none',
    flags: [
      { name: 'minify', type: 'bool' },
      { name: 'output', short: 'o', type: 'string', default: 'yaml', values: ['yaml'] },
      { name: 'raw', type: 'bool', refused: 'netpol-lab env names the file that holds them.' },
    ],
    run: viewConfig,
  },
  {
    name: 'config current-context',
    summary: 'Display the current context',
    usage: 'kubectl config current-context',
    words: 'none',
    flags: [],
    async run(context) {
      context.out(`${CONTEXT_NAME}\n`)
      return 0
    },
  },
]

async function viewConfig(context: KubectlContext, _given: ParsedFlags): Promise<number> {
  context.out(
    toGoYaml({
      apiVersion: 'v1',
      kind: 'Config',
      preferences: {},
      'current-context': CONTEXT_NAME,
      clusters: [
        {
          name: CONTEXT_NAME,
          cluster: {
            'certificate-authority-data': 'DATA+OMITTED',
            server: context.client.server,
          },
        },
      ],
      contexts: [
        {
          name: CONTEXT_NAME,
          context: { cluster: CONTEXT_NAME, namespace: context.namespace, user: CONTEXT_NAME },
        },
      ],
      users: [{ name: CONTEXT_NAME, user: { token: 'REDACTED' } }],
    }),
  )
  return 0
}
