import type { Protocol } from '../../../kube/objects.ts'
import type { Connection } from '../../ports.ts'
import { AddressInUseError } from '../../ports.ts'
import { connectErrorText } from '../net/c-library.ts'
import { isIpv4, resolveHost } from '../net/resolver.ts'
import { openConnection } from '../net/tcp.ts'
import { untilAborted } from '../process/open-file.ts'
import type { ProgramContext } from '../process/program.ts'
import {
  busyboxProgram,
  type ParsedOptions,
  ProgramError,
  parseOptions,
  UsageError,
  wholeNumber,
} from './busybox-program.ts'
import { relay, serveWithProgram } from './nc-relay.ts'
import { ownerOf } from './servers/serving.ts'

const PORT_NAMES: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  domain: 53,
  ssh: 22,
  telnet: 23,
  redis: 6379,
}

/**
 * BusyBox nc with NC_110_COMPAT (networking/nc_bloaty.c). Called with none of its options (-z, -v, -u, -n, -l) it speaks like the small nc of the
 * recordings, which says why a connection failed and whose -w covers the look-up too.
 */
export const nc = busyboxProgram(async (context, args) => {
  const at = args.findIndex((argument) => /^-[a-df-z]*e$/.test(argument))
  const program = at === -1 ? undefined : args.slice(at + 1)
  const first =
    at === -1
      ? args
      : [
          ...args.slice(0, at),
          ...((args[at] ?? '') === '-e' ? [] : [(args[at] ?? '').slice(0, -1)]),
        ]
  const options = parseOptions(first, 'lkuvznbp:s:w:i:o:q:f:')
  if (program !== undefined && program.length === 0)
    throw new UsageError('option requires an argument: e')
  if (options.has('l')) return listen(context, options, program)
  const [host, portText] = options.operands
  if (host === undefined || portText === undefined) throw new UsageError('')
  const waitMs = wholeNumber(options.value('w') ?? '0') * 1000
  const bloaty = ['z', 'v', 'u', 'n'].some((letter) => options.has(letter))
  return bloaty
    ? connectBloaty(context, options, { host, port: portNumber(portText), waitMs, program })
    : connectSmall(context, { host, port: portNumber(portText), waitMs, program })
})

interface Target {
  readonly host: string
  readonly port: number
  readonly waitMs: number
  readonly program: readonly string[] | undefined
}

function portNumber(text: string): number {
  const named = PORT_NAMES[text]
  if (named !== undefined) return named
  if (!/^\d+$/.test(text) || Number(text) > 65_535) throw new ProgramError(`bad port '${text}'`)
  return Number(text)
}

async function connectSmall(context: ProgramContext, target: Target): Promise<number> {
  const { clock } = context.container
  let cancel = () => {}
  const alarm = new Promise<'timed out'>((resolve) => {
    if (target.waitMs > 0) cancel = clock.after(target.waitMs, () => resolve('timed out'))
  })
  try {
    const begun = async () => {
      const found = await resolveHost(context, target.host)
      const address = found.kind === 'found' ? found.addresses[0] : undefined
      if (address === undefined) throw new ProgramError(`bad address '${target.host}'`)
      const outcome = await openConnection(context, { address, port: target.port })
      if (outcome.kind === 'connected') return outcome.connection
      throw new ProgramError(
        `can't connect to remote host (${address}): ${connectErrorText(context, outcome.kind)}`,
      )
    }
    const connection = await Promise.race([begun(), alarm])
    if (connection === 'timed out') throw new ProgramError('timed out')
    cancel()
    return await use(context, connection, target)
  } finally {
    cancel()
  }
}

async function connectBloaty(
  context: ProgramContext,
  options: ParsedOptions,
  target: Target,
): Promise<number> {
  const verbose = options.count('v')
  const udp = options.has('u')
  const protocol: Protocol = udp ? 'UDP' : 'TCP'
  if (options.has('n') && !isIpv4(target.host))
    throw new ProgramError(`bad address '${target.host}'`)
  const found = await resolveHost(context, target.host)
  const address = found.kind === 'found' ? found.addresses[0] : undefined
  if (address === undefined) throw new ProgramError(`bad address '${target.host}'`)
  const shown = `${target.host} (${address}:${target.port})`
  const patience = udp ? Math.min(target.waitMs || 1000, 1000) : target.waitMs
  const outcome = await openConnection(
    context,
    { address, port: target.port, protocol },
    { timeoutMs: patience === 0 ? undefined : patience },
  )
  if (outcome.kind === 'connected') {
    if (verbose > 0) await context.stderr.write(`${shown} open\n`)
    if (options.has('z')) {
      outcome.connection.close()
      return 0
    }
    return use(context, outcome.connection, target)
  }
  // A datagram that nobody answers counts as delivered: UDP has no handshake to miss.
  if (udp && outcome.kind !== 'refused') {
    if (verbose > 0) await context.stderr.write(`${shown} open\n`)
    if (options.has('z')) return 0
    return waitUnanswered(context, target)
  }
  if (verbose > 1 || (verbose > 0 && outcome.kind !== 'refused')) {
    await context.stderr.write(`nc: ${shown}: ${connectErrorText(context, outcome.kind)}\n`)
  }
  return 1
}

/** What is typed is lost; with -w the wait ends after the input. */
async function waitUnanswered(context: ProgramContext, target: Target): Promise<number> {
  while ((await context.stdin.read()) !== undefined);
  if (target.waitMs > 0)
    await context.container.clock.sleep(target.waitMs, { signal: context.signal })
  else await untilAborted(new Promise(() => {}), context.signal)
  return 0
}

async function use(
  context: ProgramContext,
  connection: Connection,
  target: Target,
): Promise<number> {
  if (target.program !== undefined) return serveWithProgram(context, connection, target.program)
  await relay(context, connection, { idleMs: target.waitMs })
  return 0
}

async function listen(
  context: ProgramContext,
  options: ParsedOptions,
  program: readonly string[] | undefined,
): Promise<number> {
  const portText = options.value('p') ?? options.operands[0]
  if (portText === undefined) throw new UsageError('')
  const port = portNumber(portText)
  const protocol: Protocol = options.has('u') ? 'UDP' : 'TCP'
  const waitMs = wholeNumber(options.value('w') ?? '0') * 1000
  const arrived: Connection[] = []
  let wake = () => {}
  let stop: () => void
  try {
    const accept = (connection: Connection) => {
      arrived.push(connection)
      wake()
    }
    stop = context.container.network.listen(port, protocol, accept, ownerOf(context))
  } catch (error) {
    if (!(error instanceof AddressInUseError)) throw error
    throw new ProgramError('bind: Address in use')
  }
  context.signal.addEventListener('abort', stop, { once: true })
  if (options.has('v')) await context.stderr.write(`listening on 0.0.0.0:${port} ...\n`)
  try {
    for (;;) {
      const connection = arrived.shift()
      if (connection === undefined) {
        const woken = new Promise<'woken'>((resolve) => {
          wake = () => resolve('woken')
        })
        let cancel = () => {}
        const late = new Promise<'late'>((resolve) => {
          if (waitMs > 0) cancel = context.container.clock.after(waitMs, () => resolve('late'))
        })
        const first = await untilAborted(Promise.race([woken, late]), context.signal)
        cancel()
        if (first === 'late') throw new ProgramError('timeout')
        continue
      }
      context.signal.addEventListener('abort', () => connection.close(), { once: true })
      if (options.has('v')) {
        const local = context.container.network.address
        await context.stderr.write(
          `connect to ${local}:${port} from ${connection.remoteAddress}:${connection.remotePort} (${connection.remoteAddress}:${connection.remotePort})\n`,
        )
      }
      if (program !== undefined && (options.has('k') || options.count('l') > 1)) {
        void serveWithProgram(context, connection, program).catch(() => {})
        continue
      }
      stop()
      if (program !== undefined) return await serveWithProgram(context, connection, program)
      await relay(context, connection, { idleMs: 0 })
      return 0
    }
  } finally {
    stop()
  }
}
