import { parseSignal } from '../process/signals.ts'
import {
  busyboxProgram,
  duration,
  ProgramError,
  parseOptions,
  UsageError,
} from './busybox-program.ts'
import { startChild } from './start-child.ts'

const sleep = busyboxProgram(async (context, args) => {
  if (args.length === 0) throw new UsageError('')
  if (args.some((argument) => argument === 'infinity' || argument === 'inf')) {
    await new Promise((_resolve, reject) => {
      context.signal.addEventListener('abort', () => reject(context.signal.reason), {
        once: true,
      })
    })
  }
  const seconds = args.reduce((sum, text) => sum + duration(text), 0)
  // Timers of computers end at 2^31 ms; longer waits are made of several.
  for (let leftMs = seconds * 1000; leftMs > 0; leftMs -= 2_000_000_000) {
    await context.container.clock.sleep(Math.min(leftMs, 2_000_000_000), {
      signal: context.signal,
    })
  }
  return 0
})

const timeout = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, '+s:k:')
  const [seconds, ...argv] = options.operands
  if (seconds === undefined || argv.length === 0) throw new UsageError('')
  const signal = parseSignal(options.value('s') ?? 'TERM')
  if (signal === undefined) throw new ProgramError(`unknown signal '${options.value('s')}'`)
  const limitMs = duration(seconds) * 1000
  const child = startChild(context, argv)
  if (child === undefined)
    throw new ProgramError(`can't execute '${argv[0]}': No such file or directory`, 127)
  const { clock } = context.container
  const cancels: (() => void)[] = []
  if (limitMs > 0) {
    cancels.push(
      clock.after(limitMs, () => {
        child.signal(signal)
        const killSeconds = options.value('k')
        if (killSeconds !== undefined)
          cancels.push(clock.after(duration(killSeconds) * 1000, () => child.signal('SIGKILL')))
      }),
    )
  }
  context.onSignal('SIGTERM', () => {
    child.signal('SIGTERM')
  })
  const status = await child.exited
  for (const cancel of cancels) cancel()
  // BusyBox' timeout becomes the program that it watches: what ends one ends the other.
  if (child.endedBy !== undefined) context.process.dieBy(child.endedBy)
  context.signal.throwIfAborted()
  return status
})

/** The programs about time and processes. */
export const processTools = { sleep, timeout }
