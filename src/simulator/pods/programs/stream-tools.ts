import { busyboxProgram, ProgramError, parseOptions, UsageError } from './busybox-program.ts'

/** seq: numbers from, by, to. */
export const seq = busyboxProgram('seq [-w] [-s SEP] [FIRST [INC]] LAST', async (context, args) => {
  const first = args.findIndex((argument) => /^-?\d/.test(argument))
  const options = parseOptions(first === -1 ? args : args.slice(0, first), '+ws:')
  const numbers = first === -1 ? options.operands : args.slice(first)
  if (numbers.length === 0 || numbers.length > 3) throw new UsageError('')
  const values = numbers.map((text) => {
    if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text))
      throw new ProgramError(`invalid number '${text}'`)
    return Number(text)
  })
  const last = values.at(-1) ?? 0
  const start = values.length > 1 ? (values[0] ?? 1) : 1
  const step = values.length > 2 ? (values[1] ?? 1) : 1
  const digits = Math.max(0, ...numbers.map((text) => text.split('.')[1]?.length ?? 0))
  const separator = options.value('s') ?? '\n'
  const width = options.has('w')
    ? Math.max(...[start, last].map((value) => value.toFixed(digits).length))
    : 0
  let written = 0
  for (let value = start; step >= 0 ? value <= last + 1e-9 : value >= last - 1e-9; value += step) {
    const text = value.toFixed(digits)
    await context.stdout.write(`${written === 0 ? '' : separator}${text.padStart(width, '0')}`)
    written++
  }
  if (written > 0) await context.stdout.write('\n')
  return 0
})

/** tee: to standard output and to files. */
export const tee = busyboxProgram('tee [-ai] [FILE]...', async (context, args) => {
  const options = parseOptions(args, 'ai')
  const paths = options.operands.map((name) =>
    name.startsWith('/') ? name : `${context.cwd}/${name}`,
  )
  const { files } = context.container
  if (!options.has('a')) for (const path of paths) files.write(path, new Uint8Array(0))
  for (;;) {
    const chunk = await context.stdin.read()
    if (chunk === undefined) return 0
    await context.stdout.write(chunk)
    for (const path of paths) files.append(path, chunk)
  }
})

/** yes: the same line for ever. */
export const yes = busyboxProgram('yes [STRING]', async (context, args) => {
  const line = `${args.length === 0 ? 'y' : args.join(' ')}\n`
  const block = line.repeat(100)
  for (;;) {
    await context.stdout.write(block)
    await context.container.clock.sleep(1, { signal: context.signal })
  }
})
