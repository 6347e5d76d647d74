import type { ProgramContext } from '../process/program.ts'
import { pathOf, withinMemory } from '../process/program-context.ts'
import { busyboxProgram, ProgramError, parseOptions } from './busybox-program.ts'
import { buffered, inputs, LINE_BYTES, LINES_AT_ONCE, linesOf, type NamedInput } from './lines.ts'

/** `-5` means `-n 5`. */
function withShortCount(args: readonly string[]): string[] {
  return args.flatMap((argument, index) =>
    index === 0 && /^[-+]\d+[bkm]?$/.test(argument)
      ? ['-n', argument.replace(/^-/, '')]
      : [argument],
  )
}

function count(text: string): number {
  const match = /^[-+]?(\d+)([bkm]?)$/.exec(text)
  if (match?.[1] === undefined) throw new ProgramError(`invalid number '${text}'`)
  return Number(match[1]) * ({ b: 512, k: 1024, m: 1_048_576 }[match[2] ?? ''] ?? 1)
}

async function header(
  context: ProgramContext,
  source: NamedInput,
  index: number,
  show: boolean,
): Promise<void> {
  if (!show) return
  const name = source.name === '(standard input)' ? 'standard input' : source.name
  await context.stdout.write(`${index === 0 ? '' : '\n'}==> ${name} <==\n`)
}

/**
 * What head reads too far from a pipe is gone for who reads on, as with the C library's buffer (musl's or glibc's); in a file it goes
 * back to where it stopped.
 */
function readAhead(context: ProgramContext, source: NamedInput): NamedInput {
  const seekable = context.process.fds.get(0)?.inode !== undefined
  if (source.input !== context.stdin || seekable) return source
  return { name: source.name, input: buffered(source.input, context.gnu ? 8192 : 1024) }
}

export const head = busyboxProgram(async (context, args) => {
  const options = parseOptions(withShortCount(args), 'n:c:qv')
  const bytes = options.value('c')
  const text = bytes ?? options.value('n') ?? '10'
  const limit = count(text)
  const allBut = text.startsWith('-')
  const many = (options.operands.length > 1 || options.has('v')) && !options.has('q')
  let status = 0
  let index = 0
  const missing = () => {
    status = 1
  }
  for await (const named of inputs(context, options.operands, missing)) {
    const source = readAhead(context, named)
    await header(context, source, index++, many)
    if (allBut && bytes !== undefined) {
      const all = await source.input.readAll()
      await context.stdout.write(all.subarray(0, Math.max(0, all.length - limit)))
    } else if (allBut) {
      const held: string[] = []
      for await (const line of linesOf(source.input)) {
        held.push(line)
        if (held.length > limit) await context.stdout.write(held.shift() ?? '')
      }
    } else if (bytes !== undefined) {
      for (let left = limit; left > 0; ) {
        const chunk = await source.input.read(left)
        if (chunk === undefined) break
        left -= chunk.length
        await context.stdout.write(chunk)
      }
    } else {
      for (let left = limit; left > 0; left--) {
        const line = await source.input.readLine()
        if (line === undefined) break
        await context.stdout.write(line)
      }
    }
  }
  return status
})

export const tail = busyboxProgram(async (context, args) => {
  const options = parseOptions(withShortCount(args), 'n:c:qvfFs:')
  const follow = options.has('f') || options.has('F')
  const bytes = options.value('c')
  const text = bytes ?? options.value('n') ?? '10'
  const limit = count(text)
  const fromStart = text.startsWith('+')
  const many = (options.operands.length > 1 || options.has('v')) && !options.has('q')
  let status = 0
  let index = 0
  let opened = 0
  const missing = () => {
    status = 1
  }
  for await (const source of inputs(context, options.operands, missing)) {
    opened++
    await header(context, source, index++, many)
    if (bytes !== undefined) {
      const all = await source.input.readAll()
      await context.stdout.write(
        fromStart
          ? all.subarray(Math.max(0, limit - 1))
          : all.subarray(Math.max(0, all.length - limit)),
      )
      continue
    }
    let number = 0
    const held: string[] = []
    let heldBytes = 0
    for await (const line of linesOf(source.input)) {
      number++
      if (fromStart) {
        if (number >= limit) await context.stdout.write(line)
        continue
      }
      heldBytes += line.length + LINE_BYTES
      held.push(line)
      // Those before are let go of many at a time: each time is work for all that are kept.
      if (held.length < limit * 2 + 100) {
        withinMemory(heldBytes)
        continue
      }
      for (const gone of held.splice(0, held.length - limit)) heldBytes -= gone.length + LINE_BYTES
    }
    const kept = limit === 0 ? [] : held.slice(-limit)
    for (let at = 0; at < kept.length; at += LINES_AT_ONCE)
      await context.stdout.write(kept.slice(at, at + LINES_AT_ONCE).join(''))
  }
  if (opened === 0 && !context.gnu) throw new ProgramError('no files')
  if (follow) await followFiles(context, options.operands, many)
  return status
})

const POLL_MS = 1000

/** Prints what is added to files, until the program is ended. A pipe has ended when it has: there is nothing to follow. */
async function followFiles(
  context: ProgramContext,
  names: readonly string[],
  titled: boolean,
): Promise<void> {
  const { files, clock } = context.container
  const followed = names
    .filter((name) => name !== '-' && files.stat(pathOf(context, name)) !== undefined)
    .map((name) => ({
      name,
      path: pathOf(context, name),
      at: files.read(pathOf(context, name)).length,
    }))
  let shown = followed.at(-1)?.name
  while (followed.length > 0) {
    await clock.sleep(POLL_MS, { signal: context.signal })
    for (const entry of followed) {
      if (files.stat(entry.path) === undefined) continue
      const data = files.read(entry.path)
      if (data.length < entry.at) entry.at = 0
      if (data.length === entry.at) continue
      if (titled && shown !== entry.name) await context.stdout.write(`\n==> ${entry.name} <==\n`)
      shown = entry.name
      await context.stdout.write(data.slice(entry.at))
      entry.at = data.length
    }
  }
}
