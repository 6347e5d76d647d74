import { busyboxProgram, duration, parseOptions, UsageError } from './busybox-program.ts'
import { formatDate } from './date-format.ts'
import { startChild } from './start-child.ts'

/** watch: a command again and again, on a clean screen, until it is interrupted. */
export const watch = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, '+dtn:')
  if (options.operands.length === 0) throw new UsageError('')
  const command = options.operands.join(' ')
  const seconds = duration(options.value('n') ?? '2')
  const { clock } = context.container
  for (;;) {
    await context.stdout.write('\u001b[H\u001b[J')
    if (!options.has('t')) {
      const width = context.stderr.terminal?.size.columns ?? 80
      const time = formatDate('%Y-%m-%d %H:%M:%S', clock.now())
      const title = `Every ${seconds.toFixed(1)}s: ${command}`
      const room = width - time.length - 1
      const line = room > 0 ? `${title.padEnd(room).slice(0, room)}${time}` : title
      await context.stdout.write(`${line}\n\n`)
    }
    await startChild(context, ['sh', '-c', command])?.exited
    await clock.sleep(seconds * 1000, { signal: context.signal })
  }
})
