import type { Protocol } from '../../kube/objects.ts'
import { describeVerdict, flowText } from '../../policy/describe.ts'
import { type FlagSpec, parseFlags } from '../kubectl/flags.ts'
import { KubectlError } from '../kubectl/kubectl-error.ts'
import { describeError } from '../kubectl/print-error.ts'
import { readPolicyState, readServices } from './cluster-policies.ts'
import { decidingRules, placeLines } from './deciding-rules.ts'
import { judgeEnd } from './judge-end.ts'
import type { LabCommand } from './lab-command.ts'
import { resolveDestination, resolveSource } from './resolve-end.ts'
import { writtenIn } from './written-policies.ts'

const FLAGS: readonly FlagSpec[] = [
  { name: 'from', type: 'string' },
  { name: 'to', type: 'string' },
  { name: 'port', type: 'string', default: '80' },
  { name: 'namespace', short: 'n', type: 'string' },
]

/** `explain --from test --to web --port 80`: what the policies say about one connection, and why. */
export const explainCommand: LabCommand = {
  name: 'explain',
  summary: 'Say whether the policies let a connection through, and why',
  usage: [
    'explain --from POD --to POD|service/NAME|node/NAME|ADDRESS --port 80[/TCP|/UDP|/SCTP]',
    'A pod of another namespace is named with it: --from shop/web',
  ],
  words: 'none',
  prose: true,
  async run(call, args) {
    try {
      const { flags, positionals } = parseFlags('explain', FLAGS, args)
      const [stray] = positionals
      if (stray !== undefined) throw new KubectlError(`unexpected word ${stray}`)
      if (flags.string('from') === '' || flags.string('to') === '') {
        throw new KubectlError('name both ends, as in: explain --from test --to web --port 80')
      }
      const home = flags.string('namespace') || call.namespace
      const { port, protocol } = parsePort(flags.string('port'))
      const [state, found] = await Promise.all([readPolicyState(call), readServices(call)])
      const world = { state, ...found }
      const from = resolveSource(world, flags.string('from'), home)
      const end = resolveDestination(world, flags.string('to'), port, protocol, home, from)
      const { verdict, notes } = judgeEnd(state, from, end, protocol)
      const names = { home }
      call.out(
        `${flowText(verdict.flow, names)} is ${verdict.allowed ? 'allowed' : 'denied'} by the policies.\n`,
      )
      for (const note of notes) call.out(`${note}\n`)
      for (const line of describeVerdict(verdict, names)) call.out(`${line}\n`)
      const placeOf = await writtenIn(call.folder, state.policies, call.namespace)
      for (const line of placeLines(decidingRules(verdict, placeOf))) call.out(`${line}\n`)
      return verdict.allowed ? 0 : 1
    } catch (error) {
      call.signal.throwIfAborted()
      call.err(describeError(error).text)
      return 2
    }
  },
}

const PROTOCOLS: readonly Protocol[] = ['TCP', 'UDP', 'SCTP']

/** `80`, `53/UDP`. @throws KubectlError */
export function parsePort(text: string): { readonly port: number; readonly protocol: Protocol } {
  const [digits = '', word = 'TCP'] = text.split('/')
  const protocol = PROTOCOLS.find((one) => one === word.toUpperCase())
  const port = Number(digits)
  if (protocol === undefined || !/^\d+$/.test(digits) || port < 1 || port > 65_535) {
    throw new KubectlError(`${text} is no port. Write a number, or a number and a protocol: 53/UDP`)
  }
  return { port, protocol }
}
