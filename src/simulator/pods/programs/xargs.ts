import { busyboxProgram, ProgramError, parseOptions, UsageError } from './busybox-program.ts'
import { startChild } from './start-child.ts'

/** Bytes of arguments that one run takes (BusyBox: 32 KiB less what the environment needs). */
const MOST_BYTES = 30_000

/** Words of a text with quotes and backslashes as xargs knows them. Throws `ProgramError`. */
function words(text: string): { readonly word: string; readonly line: number }[] {
  const found: { word: string; line: number }[] = []
  let word: string | undefined
  let line = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (char === "'" || char === '"') {
      const end = text.indexOf(char, at + 1)
      if (end === -1 || text.slice(at, end).includes('\n'))
        throw new ProgramError(`unmatched ${char === "'" ? 'single' : 'double'} quote`)
      word = (word ?? '') + text.slice(at + 1, end)
      at = end
    } else if (char === '\\') word = (word ?? '') + (text[++at] ?? '')
    else if (/\s/.test(char)) {
      if (word !== undefined) found.push({ word, line })
      word = undefined
      if (char === '\n') line++
    } else word = (word ?? '') + char
  }
  if (word !== undefined) found.push({ word, line })
  return found
}

/** `-i[STRING]` and `-e[STRING]` have no value, or one in the same word. */
function withoutOptionalValues(args: readonly string[]): string[] {
  const out: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (!/^-./.test(arg) || arg === '--') return [...out, ...args.slice(at)]
    if (arg.startsWith('-i')) out.push(`-I${arg.slice(2) || '{}'}`)
    else if (arg.startsWith('-e')) out.push(`-E${arg.slice(2) || '\0'}`)
    else out.push(arg)
    const value = args[at + 1]
    if (/^-[prt0x]*[nsEIPa]$/.test(arg) && value !== undefined) {
      out.push(value)
      at++
    }
  }
  return out
}

/** xargs: what the input names, as arguments. */
export const xargs = busyboxProgram(async (context, args) => {
  const options = parseOptions(withoutOptionalValues(args), '+prt0xn:s:E:I:P:a:')
  const [program = 'echo', ...given] = options.operands
  const replace = options.has('I') ? options.value('I') : undefined
  const count = (letter: string): number | undefined => {
    const text = options.value(letter)
    if (text === undefined) return undefined
    if (!/^\d+$/.test(text)) throw new ProgramError(`invalid number '${text}'`)
    if (Number(text) < 1) throw new ProgramError(`number ${text} is not in 1..2147483647 range`)
    return Number(text)
  }
  const most = count('n') ?? Number.POSITIVE_INFINITY
  const bytes = count('s') ?? MOST_BYTES
  if (options.has('p')) throw new UsageError('-p (asking) is not simulated')
  const text = new TextDecoder().decode(await context.stdin.readAll())
  let items = options.has('0')
    ? text
        .replace(/\0$/, '')
        .split('\0')
        .map((word) => ({ word, line: 0 }))
    : replace === undefined
      ? words(text)
      : text
          .split('\n')
          .map((word) => ({ word: word.replace(/^[ \t]+/, ''), line: 0 }))
          .filter(({ word }) => word !== '')
  if (text === '') items = []
  const end = options.value('E')
  const stop = end === undefined || end === '' ? -1 : items.findIndex(({ word }) => word === end)
  if (stop !== -1) items = items.slice(0, stop)
  let status = 0
  const run = async (argv: readonly string[]): Promise<'stop' | undefined> => {
    if (options.has('t')) await context.stderr.write(`${argv.join(' ')}\n`)
    const child = startChild(context, argv, { files: [] })
    if (child === undefined) {
      await context.stderr.write(`xargs: ${program}: No such file or directory\n`)
      status = 127
      return 'stop'
    }
    const code = await child.exited
    if (code === 255) {
      await context.stderr.write(`xargs: ${program}: exited with status 255; aborting\n`)
      status = 124
      return 'stop'
    }
    if (child.endedBy !== undefined) {
      await context.stderr.write(`xargs: ${program}: terminated by signal ${code - 128}\n`)
      status = 125
      return 'stop'
    }
    if (code !== 0) status = 123
    return undefined
  }
  if (replace !== undefined) {
    for (const { word } of items) {
      if ((await run([program, ...given].map((part) => part.replaceAll(replace, word)))) === 'stop')
        break
    }
    return status
  }
  if (items.length === 0) {
    if (!options.has('r')) await run([program, ...given])
    return status
  }
  const fixed = [program, ...given].reduce((sum, part) => sum + part.length + 1, 0)
  for (let at = 0; at < items.length; ) {
    const batch: string[] = []
    let size = fixed
    for (let taken = 0; at < items.length && taken < most; taken++) {
      const word = items[at]?.word ?? ''
      size += word.length + 1
      if (size > bytes) {
        if (batch.length === 0) throw new ProgramError('argument line too long')
        break
      }
      batch.push(word)
      at++
    }
    if ((await run([program, ...given, ...batch])) === 'stop') break
  }
  return status
})
