import { isIpv4, resolveHost } from '../net/resolver.ts'
import {
  busyboxProgram,
  ProgramError,
  parseOptions,
  UsageError,
  wholeNumber,
} from './busybox-program.ts'

/** BusyBox ping: replies by the second, statistics at the end or at Ctrl-C. */
export const ping = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, '46qAc:s:t:w:W:i:I:p:')
  const [host] = options.operands
  if (host === undefined || options.operands.length > 1) throw new UsageError('')
  const limit = options.value('c')
  const count = limit === undefined ? 0 : wholeNumber(limit)
  const size = wholeNumber(options.value('s') ?? '56')
  const waitMs = wholeNumber(options.value('W') ?? '10') * 1000
  const deadline = options.value('w')
  const intervalMs = Number(options.value('i') ?? '1') * 1000
  const found = await resolveHost(context, host)
  const address = found.kind === 'found' ? found.addresses[0] : undefined
  if (address === undefined || (options.has('6') && isIpv4(address))) {
    throw new ProgramError(`bad address '${host}'`)
  }
  if (!isIpv4(address)) {
    await context.stdout.write(`PING ${host} (${address}): ${size} data bytes\n`)
    throw new ProgramError('sendto: Network unreachable')
  }

  const { clock, network } = context.container
  const times: number[] = []
  let sent = 0
  const over = new AbortController()
  const signal = AbortSignal.any([context.signal, over.signal])
  const stop = () => over.abort()
  context.onSignal('SIGINT', stop)
  await context.stdout.write(`PING ${host} (${address}): ${size} data bytes\n`)

  const sendOne = () => {
    const sequence = sent++
    const reply = async () => {
      const roundTripMs = await network.ping(address, { signal })
      times.push(roundTripMs)
      if (!options.has('q')) {
        await context.stdout.write(
          `${size + 8} bytes from ${address}: seq=${sequence} ttl=64 time=${roundTripMs.toFixed(3)} ms\n`,
        )
      }
      if (count > 0 && times.length >= count) stop()
    }
    // Fails only when ping itself has ended: nobody waits for this reply any more.
    reply().catch(() => {})
  }
  const cancels: (() => void)[] = []
  const tick = () => {
    if (over.signal.aborted) return
    sendOne()
    if (count > 0 && sent >= count) cancels.push(clock.after(waitMs, stop))
    else cancels.push(clock.after(intervalMs, tick))
  }
  if (deadline !== undefined) cancels.push(clock.after(wholeNumber(deadline) * 1000, stop))
  tick()
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  for (const cancel of cancels) cancel()
  context.signal.throwIfAborted()

  const received = times.length
  const loss = sent === 0 ? 0 : Math.floor(((sent - received) * 100) / sent)
  await context.stdout.write(
    `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${received} packets received, ${loss}% packet loss\n`,
  )
  if (received > 0) {
    const average = times.reduce((sum, time) => sum + time, 0) / received
    const shown = [Math.min(...times), average, Math.max(...times)].map((time) => time.toFixed(3))
    await context.stdout.write(`round-trip min/avg/max = ${shown.join('/')} ms\n`)
  }
  return received === 0 || (deadline !== undefined && received < count) ? 1 : 0
})
