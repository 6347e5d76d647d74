import { lookupErrorText } from '../net/c-library.ts'
import { exchangeDns, isIpv4, readResolvConf, resolveHost } from '../net/resolver.ts'
import type { Program, ProgramContext } from '../process/program.ts'
import { reverseName } from './bind/lookup.ts'
import { parseOptions, UsageError } from './busybox-program.ts'

const USAGE = `
Usage
  ping [options] <destination>
`

class PingError extends Error {
  readonly exitCode: number
  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}

/** ping of iputils, which netshoot has: sequence from 1, names looked up backwards, exit 1 without a reply and 2 for other trouble. */
export const iputilsPing: Program = async (context) => {
  try {
    return await run(context)
  } catch (error) {
    if (error instanceof PingError) {
      await context.stderr.write(`ping: ${error.message}\n`)
      return error.exitCode
    }
    if (!(error instanceof UsageError)) throw error
    const [what = '', letter = ''] = error.message.split(': ')
    const known = what === 'unrecognized option' ? 'invalid option' : 'option requires an argument'
    await context.stderr.write(`ping: ${known} -- '${letter}'\n${USAGE}`)
    return 2
  }
}

async function run(context: ProgramContext): Promise<number> {
  const options = parseOptions(context.argv.slice(1), '46nqAOhVDUvrc:s:t:w:W:i:I:p:')
  if (options.has('h')) {
    await context.stderr.write(USAGE)
    return 2
  }
  if (options.has('V')) {
    await context.stdout.write('ping from iputils 20240905\n')
    return 0
  }
  const host = options.operands.at(-1)
  if (host === undefined) throw new PingError('usage error: Destination address required', 1)
  const number = (letter: string, least: number, most: string): number | undefined => {
    const text = options.value(letter)
    if (text === undefined) return undefined
    if (!/^-?\d+$/.test(text)) throw new PingError(`invalid argument: '${text}'`, 1)
    if (Number(text) < least) {
      const range = `${least} <= value <= ${most}`
      throw new PingError(`invalid argument: '${text}': out of range: ${range}`, 1)
    }
    return Number(text)
  }
  const seconds = (letter: string): number | undefined => {
    const text = options.value(letter)
    if (text === undefined) return undefined
    if (!/^\d*\.?\d+$/.test(text)) throw new PingError(`invalid argument: '${text}'`, 1)
    return Number(text) * 1000
  }
  const count = number('c', 1, '9223372036854775807')
  const size = number('s', 0, '127992') ?? 56
  const deadlineMs = seconds('w')
  const intervalMs = seconds('i') ?? 1000
  const lingerMs = seconds('W') ?? 10_000
  const found = await resolveHost(context, host)
  const address = found.kind === 'found' ? found.addresses[0] : undefined
  if (address === undefined) {
    const kind = found.kind === 'found' ? 'no-such-name' : found.kind
    throw new PingError(`${host}: ${lookupErrorText(context, kind)}`, 2)
  }
  if (options.has('6') || !isIpv4(address)) {
    throw new PingError(`${host}: Address family for hostname not supported`, 2)
  }
  const canonical = isIpv4(host) || found.kind !== 'found' ? host : found.name
  const { clock, network } = context.container
  const times: number[] = []
  let sent = 0
  const startedMs = clock.now()
  let lastMs = startedMs
  const over = new AbortController()
  const signal = AbortSignal.any([context.signal, over.signal])
  const stop = () => over.abort()
  context.onSignal('SIGINT', stop)
  await context.stdout.write(
    `PING ${canonical} (${address}) ${size}(${size + 28}) bytes of data.\n`,
  )
  const numeric = options.has('n') || isIpv4(host)
  let sender: Promise<string> | undefined
  const sendOne = () => {
    const sequence = ++sent
    lastMs = clock.now()
    const reply = async () => {
      const roundTripMs = await network.ping(address, { signal })
      times.push(roundTripMs)
      lastMs = clock.now()
      if (!options.has('q')) {
        sender ??= numeric ? Promise.resolve(address) : nameAndAddress(context, address)
        const from = await sender
        await context.stdout.write(
          `${size + 8} bytes from ${from}: icmp_seq=${sequence} ttl=64 time=${timeText(roundTripMs)} ms\n`,
        )
      }
      if (count !== undefined && times.length >= count) stop()
    }
    // Fails only when ping itself has ended: nobody waits for this reply any more.
    reply().catch(() => {})
  }
  const cancels: (() => void)[] = []
  const tick = () => {
    if (over.signal.aborted) return
    sendOne()
    // A deadline keeps it sending; a count alone ends it, after the wait for the last reply.
    if (count !== undefined && sent >= count && deadlineMs === undefined) {
      cancels.push(clock.after(lingerMs, stop))
    } else cancels.push(clock.after(intervalMs, tick))
  }
  if (deadlineMs !== undefined) cancels.push(clock.after(deadlineMs, stop))
  tick()
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  for (const cancel of cancels) cancel()
  context.signal.throwIfAborted()
  const received = times.length
  const loss = sent === 0 ? 0 : Math.floor(((sent - received) * 100) / sent)
  const total = Math.round(lastMs - startedMs)
  await context.stdout.write(
    `\n--- ${canonical} ping statistics ---\n${sent} packets transmitted, ${received} received, ${loss}% packet loss, time ${total}ms\n${received === 0 ? '\n' : `${statistics(times)}\n`}`,
  )
  return received === 0 || (deadlineMs !== undefined && count !== undefined && received < count)
    ? 1
    : 0
}

function statistics(times: readonly number[]): string {
  const average = times.reduce((sum, time) => sum + time, 0) / times.length
  const squares = times.reduce((sum, time) => sum + time * time, 0) / times.length
  const deviation = Math.sqrt(Math.max(0, squares - average * average))
  const shown = [Math.min(...times), average, Math.max(...times), deviation]
  return `rtt min/avg/max/mdev = ${shown.map((time) => time.toFixed(3)).join('/')} ms`
}

/** Three digits that count, as iputils rounds. */
function timeText(ms: number): string {
  return ms >= 100
    ? ms.toFixed(0)
    : ms >= 10
      ? ms.toFixed(1)
      : ms >= 1
        ? ms.toFixed(2)
        : ms.toFixed(3)
}

async function nameAndAddress(context: ProgramContext, address: string): Promise<string> {
  const { replies } = await exchangeDns(context, {
    servers: readResolvConf(context).servers,
    queries: [{ name: reverseName(address), type: 'PTR' }],
    timeoutMs: 5000,
    retryMs: 2500,
    stopWhenRefused: true,
  })
  const record = replies[0]?.answers.find((answer) => answer.type === 'PTR')
  return record?.type === 'PTR' ? `${record.target} (${address})` : address
}
