import { endpointText } from '../../policy/describe.ts'
import { type MatrixTarget, matrix } from '../../policy/matrix.ts'
import type { Endpoint, PolicyPod } from '../../policy/types.ts'
import { type FlagSpec, parseFlags } from '../kubectl/flags.ts'
import { KubectlError } from '../kubectl/kubectl-error.ts'
import { alignTabs } from '../kubectl/print/tab-writer.ts'
import { describeError } from '../kubectl/print-error.ts'
import { readPolicyState } from './cluster-policies.ts'
import type { LabCommand } from './lab-command.ts'

const FLAGS: readonly FlagSpec[] = [
  { name: 'namespace', short: 'n', type: 'string' },
  { name: 'all-namespaces', short: 'A', type: 'bool' },
]

/** `matrix`: which pod the policies let reach which port of which pod. */
export const matrixCommand: LabCommand = {
  name: 'matrix',
  summary: 'Show who may reach whom, as the policies say',
  usage: ['matrix [-n NAMESPACE | -A]'],
  words: 'none',
  async run(call, args) {
    try {
      const { flags, positionals } = parseFlags('matrix', FLAGS, args)
      const [stray] = positionals
      if (stray !== undefined) throw new KubectlError(`unexpected word ${stray}`)
      const home = flags.string('namespace') || call.namespace
      const state = await readPolicyState(call)
      const shown = state.pods.filter(
        (pod) => flags.bool('all-namespaces') || pod.namespace === home,
      )
      const targets = shown.flatMap(portsOf)
      if (targets.length === 0) {
        call.out(`No pod of namespace ${home} declares a port. Try matrix -A.\n`)
        return 0
      }
      const rows = matrix(state, targets, shown.map(endOf))
      const header = targets.map((target) => targetText(target, home))
      const lines = rows.map((row) =>
        [
          endpointText(row.from, { home }),
          ...row.cells.map((cell) => (cell === undefined ? '-' : cell.allowed ? 'yes' : 'no')),
        ].join('\t'),
      )
      call.out(alignTabs(`${['FROM \\ TO', ...header].join('\t')}\n${lines.join('\n')}\n`))
      return 0
    } catch (error) {
      call.signal.throwIfAborted()
      call.err(describeError(error).text)
      return 2
    }
  },
}

function endOf(pod: PolicyPod): Endpoint {
  return { kind: 'pod', namespace: pod.namespace, name: pod.name }
}

function portsOf(pod: PolicyPod): readonly MatrixTarget[] {
  return pod.ports.map(({ port, protocol }) => ({ to: endOf(pod), port, protocol }))
}

function targetText(target: MatrixTarget, home: string): string {
  const protocol = target.protocol === 'TCP' ? '' : `/${target.protocol}`
  return `${endpointText(target.to, { home })}:${target.port}${protocol}`
}
