import { waiterOf } from '../../../platform/processor.ts'
import { FileError } from '../files/file-node.ts'
import type { OpenFile } from '../process/open-file.ts'
import { inputFrom, pathOf } from '../process/program-context.ts'
import { openTreeFile } from '../process/tree-file.ts'
import {
  busyboxProgram,
  ProgramError,
  parseOptions,
  UsageError,
  wholeNumber,
} from './busybox-program.ts'
import { openToRead } from './lines.ts'

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 512,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
}

/** split: a file as several, of so many lines or bytes each. */
export const split = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'l:b:a:')
  const [name = '-', prefix = 'x'] = options.operands
  if (options.operands.length > 2) throw new UsageError('')
  const length = wholeNumber(options.value('a') ?? '2')
  if (prefix.length + length > 255) throw new ProgramError('suffix too long')
  const bytes = options.value('b')
  const most = bytes === undefined ? wholeNumber(options.value('l') ?? '1000') : byteCount(bytes)
  const { files } = context.container
  const source = name === '-' ? undefined : openToRead(context, name)
  if (source instanceof FileError) {
    const what = source.code === 'EISDIR' ? name : `can't open '${name}'`
    throw new ProgramError(`${what}: ${source.message}`)
  }
  const input =
    source === undefined ? context.stdin : inputFrom(source, context.signal, context.process)
  let suffix: string | undefined = 'a'.repeat(length)
  let file: OpenFile | undefined
  let left = 0
  for (let chunk = await input.read(); chunk !== undefined; chunk = await input.read()) {
    for (let at = 0; at < chunk.length; ) {
      if (left === 0) {
        if (suffix === undefined) throw new ProgramError('suffixes exhausted')
        file?.release()
        file = openTreeFile(files, pathOf(context, prefix + suffix), 'write')
        suffix = following(suffix)
        left = most
      }
      let end = bytes === undefined ? chunk.indexOf(10, at) + 1 : Math.min(chunk.length, at + left)
      if (bytes !== undefined) left -= end - at
      else if (end === 0) end = chunk.length
      else left--
      await file?.write(chunk.subarray(at, end), waiterOf(context.signal))
      const turn = context.process.breathe()
      if (turn !== undefined) await turn
      at = end
    }
  }
  file?.release()
  source?.release()
  return 0
})

function byteCount(text: string): number {
  const match = /^(\d+)([bkmg]?)$/.exec(text)
  if (match?.[1] === undefined) throw new ProgramError(`invalid number '${text}'`)
  return Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1)
}

/** `aa`, `ab`, …; `undefined` behind `zz`. */
function following(suffix: string): string | undefined {
  const at = suffix.search(/[^z]z*$/)
  if (at === -1) return undefined
  const next = String.fromCharCode(suffix.charCodeAt(at) + 1)
  return suffix.slice(0, at) + next + 'a'.repeat(suffix.length - at - 1)
}
