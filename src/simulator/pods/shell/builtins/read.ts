import type { FdTable } from '../../process/fd-table.ts'
import { BuiltinError } from '../control-flow.ts'
import { splitForRead } from '../expand.ts'
import type { PatternPiece } from '../pattern.ts'
import type { Shell } from '../shell.ts'

interface ReadOptions {
  raw: boolean
  delimiter: string
  prompt: string
  timeoutSeconds: number | undefined
  count: number | undefined
  silent: boolean
  fd: number
  names: string[]
}

function parse(argv: readonly string[]): ReadOptions {
  const options: ReadOptions = {
    raw: false,
    delimiter: '\n',
    prompt: '',
    timeoutSeconds: undefined,
    count: undefined,
    silent: false,
    fd: 0,
    names: [],
  }
  const args = argv.slice(1)
  while (args[0]?.startsWith('-') && args[0] !== '-') {
    const argument = args.shift() ?? ''
    if (argument === '--') break
    for (let index = 1; index < argument.length; index++) {
      const letter = argument[index] ?? ''
      if (letter === 'r') options.raw = true
      else if (letter === 's') options.silent = true
      else if ('ptndu'.includes(letter)) {
        const value = argument.slice(index + 1) || args.shift()
        if (value === undefined) throw new BuiltinError(`No arg for -${letter} option`)
        if (letter === 'p') options.prompt = value
        else if (letter === 'd') options.delimiter = value.slice(0, 1) || '\0'
        else if (letter === 't') options.timeoutSeconds = Number(value)
        else if (letter === 'n') options.count = Number(value)
        else options.fd = Number(value)
        break
      } else throw new BuiltinError(`illegal option -${letter}`)
    }
  }
  options.names = args
  return options
}

/** `read`: one line of input into variables. Takes no byte beyond the line. */
export async function readBuiltin(
  shell: Shell,
  argv: readonly string[],
  io: FdTable,
): Promise<number> {
  const options = parse(argv)
  for (const name of options.names) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      await shell.print(io, 2, `${shell.arg0}: read: '${name}': bad variable name\n`)
      return 1
    }
  }
  const file = io.get(options.fd)
  if (file === undefined) throw new BuiltinError(`read error: Bad file descriptor`, 1)
  if (options.prompt !== '' && file.terminal !== undefined) await shell.print(io, 2, options.prompt)
  const timeout = new AbortController()
  const cancel =
    options.timeoutSeconds === undefined
      ? undefined
      : shell.container.clock.after(options.timeoutSeconds * 1000, () => timeout.abort())
  const shellSignal = shell.signal
  const signal = AbortSignal.any([shellSignal, timeout.signal])
  const decoder = new TextDecoder()
  const pieces: PatternPiece[] = []
  let text = ''
  let read = 0
  let status = 0
  let escaped = false
  const wasEchoing = file.terminal?.echo
  if (options.silent && file.terminal !== undefined) file.terminal.echo = false
  try {
    reading: for (;;) {
      const chunk = await file.read(options.count === undefined ? 4096 : 1, signal)
      if (chunk === undefined) {
        status = 1
        break
      }
      for (const [index, byte] of chunk.entries()) {
        const char = decoder.decode(Uint8Array.of(byte), { stream: true })
        if (!escaped && char === options.delimiter) {
          file.unread(chunk.subarray(index + 1))
          break reading
        }
        if (!options.raw && !escaped && char === '\\') {
          escaped = true
          continue
        }
        if (escaped) {
          escaped = false
          if (char === '\n') continue
          if (text !== '') pieces.push({ text, quoted: false })
          text = ''
          pieces.push({ text: char, quoted: true })
        } else text += char
        read++
        if (options.count !== undefined && read >= options.count) {
          file.unread(chunk.subarray(index + 1))
          break reading
        }
      }
    }
  } catch (error) {
    if (!timeout.signal.aborted || shellSignal.aborted) throw error
    status = 1
  } finally {
    cancel?.()
    if (options.silent && file.terminal !== undefined) file.terminal.echo = wasEchoing ?? true
  }
  if (text !== '') pieces.push({ text, quoted: false })
  if (options.names.length === 0) {
    shell.variables.set('REPLY', pieces.map((piece) => piece.text).join(''))
    return status
  }
  const ifs = shell.parameter('IFS') ?? ' \t\n'
  for (const [index, value] of splitForRead(pieces, ifs, options.names.length).entries()) {
    shell.variables.set(options.names[index] ?? '', value)
  }
  return status
}
