import { type ManifestObject, readManifest } from '../../kube/manifest.ts'
import type { KubeObject, NetworkPolicy } from '../../kube/objects.ts'
import { type LintFinding, lint } from '../../policy/lint.ts'
import { validateNetworkPolicy } from '../../policy/validate.ts'
import type { KubectlCall } from '../kubectl/kubectl.ts'
import { KubectlError } from '../kubectl/kubectl-error.ts'
import { describeError } from '../kubectl/print-error.ts'
import { readPolicyState, readServices } from './cluster-policies.ts'
import { isNetworkPolicy } from './is-network-policy.ts'
import type { LabCommand } from './lab-command.ts'

/** `lint FILE…`: mistakes that the policies of files have on this cluster; without a file, the cluster's own policies. */
export const lintCommand: LabCommand = {
  name: 'lint',
  summary: 'Find mistakes that policies often have',
  usage: [
    'lint FILE...    what the policies of files would do to the pods that are there',
    "lint            the cluster's policies",
  ],
  words: 'files',
  prose: true,
  async run(call, args) {
    const flag = args.find((arg) => arg.startsWith('-'))
    if (flag !== undefined) {
      call.err(`lint: there is no option ${flag}; name files, as in: lint policy.yaml\n`)
      return 2
    }
    try {
      const written = await policiesOf(call, args)
      const [state, { services }] = await Promise.all([readPolicyState(call), readServices(call)])
      const keys = new Set(written.map(({ policy }) => keyOf(policy)))
      const policies = args.length === 0 ? state.policies : written.map(({ policy }) => policy)
      const others = state.policies.filter((policy) => !keys.has(keyOf(policy)))
      const world = {
        services,
        state: { ...state, policies: args.length === 0 ? policies : [...others, ...policies] },
      }
      const findings = lint(world, policies)
      for (const finding of findings) call.out(findingText(finding, written))
      if (findings.length === 0) {
        const count = policies.length
        call.out(`Nothing found in ${count} ${count === 1 ? 'policy' : 'policies'}.\n`)
      }
      return findings.length === 0 ? 0 : 1
    } catch (error) {
      call.signal.throwIfAborted()
      call.err(describeError(error).text)
      return 2
    }
  },
}

interface WrittenPolicy {
  readonly policy: NetworkPolicy
  readonly source: ManifestObject
}

/** @throws KubectlError for a file that is not there, or holds something that cannot be read */
async function policiesOf(
  call: KubectlCall,
  files: readonly string[],
): Promise<readonly WrittenPolicy[]> {
  const written: WrittenPolicy[] = []
  for (const file of files) {
    const text = await call.folder.read(file)
    if (text === undefined) {
      throw new KubectlError(`the path ${JSON.stringify(file)} does not exist`)
    }
    const { objects, problems } = readManifest(text, file)
    const [problem] = problems
    if (problem !== undefined) {
      throw new KubectlError(`${problem.file}:${problem.line}: ${problem.message}`)
    }
    for (const source of objects) {
      const { object }: { readonly object: KubeObject } = source
      if (!isNetworkPolicy(object)) continue
      const [cause] = validateNetworkPolicy(object)
      if (cause !== undefined) {
        throw new KubectlError(`${file}: ${object.metadata.name}: ${cause.field}: ${cause.message}`)
      }
      const namespace = object.metadata.namespace ?? call.namespace
      written.push({ source, policy: { ...object, metadata: { ...object.metadata, namespace } } })
    }
  }
  if (files.length > 0 && written.length === 0) {
    throw new KubectlError(`${files.join(', ')} holds no NetworkPolicy`)
  }
  return written
}

function findingText(
  { id, policy, path, found, consequence, repair }: LintFinding,
  written: readonly WrittenPolicy[],
): string {
  const source = written.find(
    ({ policy: { metadata } }) =>
      metadata.name === policy.name && metadata.namespace === policy.namespace,
  )?.source
  const place = source === undefined ? '' : `${source.file}:${source.lineOf(path)}: `
  return `${place}${policy.name}: ${id}\n  ${found}\n  ${consequence}\n  ${repair}\n`
}

function keyOf({ metadata }: NetworkPolicy): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`
}
