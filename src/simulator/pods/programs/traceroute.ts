import { exchangeDns, readResolvConf, resolveHost } from '../net/resolver.ts'
import type { ProgramContext } from '../process/program.ts'
import { reverseName } from './bind/lookup.ts'
import {
  busyboxProgram,
  ProgramError,
  parseOptions,
  UsageError,
  wholeNumber,
} from './busybox-program.ts'

const BASE_PORT = 33_434
const PROBE_BYTES = 46
const HOP_MS = 0.06

/**
 * BusyBox traceroute: a UDP packet to a high port for each probe. A router on the way says that its time is over, the host itself
 * that nothing listens there. The node answers before it looks at policies; a packet that they drop is answered by nobody behind it.
 */
export const traceroute = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, '46Flnrvf:m:q:p:t:w:s:i:z:')
  const [host, bytes] = options.operands
  if (host === undefined) throw new UsageError('')
  const value = (letter: string, otherwise: number) =>
    wholeNumber(options.value(letter) ?? String(otherwise))
  const most = value('m', 30)
  const probes = value('q', 3)
  const waitMs = value('w', 3) * 1000
  const size = bytes === undefined ? PROBE_BYTES : wholeNumber(bytes)
  const found = await resolveHost(context, host)
  const address = found.kind === 'found' ? found.addresses[0] : undefined
  if (address === undefined || options.has('6')) throw new ProgramError(`bad address '${host}'`)
  const write = (text: string) => context.stdout.write(text)
  await write(`traceroute to ${host} (${address}), ${most} hops max, ${size} byte packets\n`)
  const { network } = context.container
  const hops = network.hops(address)
  let port = value('p', BASE_PORT)
  for (let ttl = value('f', 1); ttl <= most; ttl++) {
    await write(`${String(ttl).padStart(2)}`)
    let shown = false
    let arrived = false
    for (let probe = 0; probe < probes; probe++) {
      const hop = hops[ttl - 1]
      const elapsed = await (hop === undefined
        ? reach(context, address, port++, waitMs)
        : routerTime(context, ttl))
      if (elapsed === undefined) {
        await write('  *')
        continue
      }
      const from = hop ?? address
      if (!shown) {
        shown = true
        const name = options.has('n') ? undefined : await nameOf(context, from)
        await write(`  ${options.has('n') ? from : `${name ?? from} (${from})`}`)
      }
      await write(`  ${elapsed.toFixed(3)} ms`)
      arrived ||= hop === undefined
    }
    await write('\n')
    if (arrived) return 0
  }
  return 0
})

/** A router says at once that the time of the packet is over. */
async function routerTime({ container, signal }: ProgramContext, ttl: number): Promise<number> {
  const startedMs = container.clock.now()
  await container.clock.sleep(ttl * HOP_MS, { signal })
  return container.clock.now() - startedMs
}

/** The time until the host says that the port is closed, or answers. */
async function reach(
  context: ProgramContext,
  address: string,
  port: number,
  waitMs: number,
): Promise<number | undefined> {
  const { network, clock } = context.container
  const startedMs = clock.now()
  const answered = await within(context, waitMs, async (signal) => {
    const outcome = await network.connect({ address, port, protocol: 'UDP' }, { signal })
    if (outcome.kind === 'connected') outcome.connection.close()
  })
  return answered ? clock.now() - startedMs : undefined
}

/** Whether an answer came in time. */
async function within(
  context: ProgramContext,
  ms: number,
  wait: (signal: AbortSignal) => Promise<unknown>,
): Promise<boolean> {
  const late = new AbortController()
  const cancel = context.container.clock.after(ms, () => late.abort())
  try {
    await wait(AbortSignal.any([context.signal, late.signal]))
    return true
  } catch (error) {
    if (!late.signal.aborted || context.signal.aborted) throw error
    return false
  } finally {
    cancel()
  }
}

async function nameOf(context: ProgramContext, address: string): Promise<string | undefined> {
  const { replies } = await exchangeDns(context, {
    servers: readResolvConf(context).servers,
    queries: [{ name: reverseName(address), type: 'PTR' }],
    timeoutMs: 5000,
    retryMs: 2500,
    stopWhenRefused: true,
  })
  const record = replies[0]?.answers.find((answer) => answer.type === 'PTR')
  return record?.type === 'PTR' ? record.target : undefined
}
