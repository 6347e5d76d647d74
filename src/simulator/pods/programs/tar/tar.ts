import { waiterOf } from '../../../../platform/processor.ts'
import { modeText } from '../../files/file-mode.ts'
import { FileError } from '../../files/file-node.ts'
import type { OpenFile } from '../../process/open-file.ts'
import { BytesFile } from '../../process/open-file.ts'
import type { ProgramContext, ProgramInput } from '../../process/program.ts'
import { concat, inputFrom, outputTo, pathOf, withinMemory } from '../../process/program-context.ts'
import { openTreeFile } from '../../process/tree-file.ts'
import { matchesPattern } from '../../shell/pattern.ts'
import {
  busyboxProgram,
  type ParsedOptions,
  ProgramError,
  parseOptions,
  UsageError,
  wholeNumber,
} from '../busybox-program.ts'
import { formatDate } from '../date-format.ts'
import { gunzipped, gzipped, isGzip } from '../gzip.ts'
import { ArchiveReader } from './archive-reader.ts'
import { createArchive } from './create.ts'
import { extractArchive } from './extract.ts'
import { ArchiveError, BLOCK, type Member } from './header.ts'
import { BUSYBOX_WORDS, GNU_WORDS, type TarWords } from './words.ts'

const LONG_OPTIONS = {
  list: 't',
  extract: 'x',
  get: 'x',
  create: 'c',
  directory: 'C',
  file: 'f',
  'to-stdout': 'O',
  'keep-old': 'k',
  'keep-old-files': 'k',
  'no-same-owner': 'o',
  'no-same-permissions': '\u0001',
  'same-permissions': 'p',
  'preserve-permissions': 'p',
  verbose: 'v',
  gzip: 'z',
  bzip2: 'j',
  xz: 'J',
  dereference: 'h',
  touch: 'm',
  'files-from': 'T',
  'exclude-from': 'X',
  exclude: '\u0002',
  'strip-components': '\u0003',
  overwrite: '\u0001',
  'numeric-owner': '\u0001',
  'auto-compress': 'a',
}

/** tar: makes, lists and unpacks archives, with or without gzip. `kubectl cp` calls it on both ways. */
export const tar = busyboxProgram(async (context, args) => {
  const words = context.gnu ? GNU_WORDS : BUSYBOX_WORDS
  const options = parseOptions(
    oldStyle(args),
    'txcC:f:OkopvzjJahmT:X:\u0001\u0002:\u0003:',
    LONG_OPTIONS,
  )
  const modes = ['c', 'x', 't'].filter((letter) => options.has(letter))
  if (modes.length !== 1) throw new UsageError('')
  if (options.has('j') || options.has('J'))
    throw new ProgramError('compressing with bzip2 and xz is not simulated; use gzip (-z)')
  const names = [...linesOfFiles(context, options.values('T')), ...options.operands]
  const patterns = [...linesOfFiles(context, options.values('X')), ...options.values('\u0002')]
  const run: TarRun = {
    context,
    options,
    words,
    names,
    folder: folderOf(context, options, words),
    excluded: (name) => patterns.some((pattern) => excludes(pattern, name)),
  }
  try {
    return await (options.has('c') ? create(run) : extract(run))
  } catch (error) {
    if (error instanceof ArchiveError) throw new ProgramError(said(context, error.message))
    throw error
  }
}, 1)

interface TarRun {
  readonly context: ProgramContext
  readonly options: ParsedOptions
  readonly words: TarWords
  readonly names: readonly string[]
  readonly folder: string
  readonly excluded: (name: string) => boolean
}

/** `tar xf FILE`: the first argument may lack its `-`; values follow for the letters that take one. */
function oldStyle(args: readonly string[]): string[] {
  const [first, ...rest] = args
  if (first === undefined || first.startsWith('-') || first === '') return [...args]
  const left = [...rest]
  const options: string[] = []
  for (const letter of first) {
    options.push(`-${letter}`)
    if (!'CfTX'.includes(letter)) continue
    const value = left.shift()
    if (value === undefined) throw new UsageError(`option requires an argument: ${letter}`)
    options.push(value)
  }
  return [...options, ...left]
}

/** What GNU's tar says instead, with the code 2 that it ends with. */
function said(context: ProgramContext, message: string): string {
  if (!context.gnu) return message
  return message === 'short read'
    ? 'Unexpected EOF in archive'
    : 'This does not look like a tar archive'
}

function linesOfFiles(context: ProgramContext, names: readonly string[]): string[] {
  return names.flatMap((name) =>
    context.container.files
      .readText(pathOf(context, name))
      .split('\n')
      .filter((line) => line !== ''),
  )
}

function folderOf(context: ProgramContext, options: ParsedOptions, words: TarWords): string {
  let folder = context.cwd
  for (const name of options.values('C')) {
    folder = pathOf({ cwd: folder }, name)
    const kind = context.container.files.stat(folder)?.kind
    if (kind === 'directory') continue
    const code = kind === undefined ? 'ENOENT' : 'ENOTDIR'
    throw new ProgramError(words.noFolder(name, new FileError(code, '').message), words.delayedCode)
  }
  return folder
}

/** A pattern is for the whole name, for one from a slash on, or for a folder above. */
function excludes(pattern: string, name: string): boolean {
  const parts = name.replace(/\/+$/, '').split('/')
  for (let from = 0; from < parts.length; from++)
    for (let to = from + 1; to <= parts.length; to++)
      if (matchesPattern([{ text: pattern, quoted: false }], parts.slice(from, to).join('/')))
        return true
  return false
}

async function create(run: TarRun): Promise<number> {
  const { context, options, words, names } = run
  const { files } = context.container
  if (names.length === 0)
    throw new ProgramError(
      context.gnu ? 'Cowardly refusing to create an empty archive' : 'empty archive',
      words.delayedCode,
    )
  const file = options.value('f') ?? '-'
  const path = file === '-' ? undefined : pathOf(context, file)
  const target = path === undefined ? undefined : opened(context, file, words)
  const output = target === undefined ? context.stdout : outputTo(target, waiterOf(context.signal))
  const zips = options.has('z') || (options.has('a') && /\.t?gz$/.test(file))
  const held: Uint8Array[] = []
  let bytes = 0
  const write = async (data: Uint8Array) => {
    bytes += data.length
    if (!zips) return output.write(data)
    withinMemory(bytes)
    held.push(data)
  }
  const whole = await createArchive({
    ...run,
    followsLinks: options.has('h'),
    archive: path === undefined ? undefined : files.resolve(path),
    write,
    async show(name) {
      if (options.has('v'))
        await (target === undefined ? context.stderr : context.stdout).write(`${name}\n`)
    },
  })
  // GNU's fills up to whole records of twenty blocks.
  await write(new Uint8Array(2 * BLOCK))
  const record = context.gnu ? 20 * BLOCK : BLOCK
  await write(new Uint8Array((record - (bytes % record)) % record))
  if (zips) await output.write(await gzipped(concat(held)))
  target?.release()
  if (whole) return 0
  await context.stderr.write(`tar: ${words.delayed}\n`)
  return words.delayedCode
}

function opened(context: ProgramContext, name: string, words: TarWords): OpenFile {
  try {
    return openTreeFile(context.container.files, pathOf(context, name), 'write')
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    throw new ProgramError(words.cannotOpen(name, error.message), words.delayedCode)
  }
}

async function extract(run: TarRun): Promise<number> {
  const { context, options, words } = run
  const lists = options.has('t')
  const toOutput = options.has('O')
  const { input, close } = await archiveOf(run)
  try {
    const missing = await extractArchive({
      ...run,
      reader: new ArchiveReader(input),
      lists,
      toOutput,
      keepsOld: options.has('k'),
      newTimes: options.has('m'),
      strip: options.has('\u0003') ? wholeNumber(options.value('\u0003') ?? '0') : 0,
      async show(member, name) {
        if (!lists && !options.has('v')) return
        const text = lists && options.has('v') ? longLine(member, name) : name
        await context.stdout.write(`${text}\n`)
      },
    })
    for (const name of missing) await context.stderr.write(`tar: ${words.notFound(name)}\n`)
    if (missing.length === 0) return 0
    if (context.gnu) await context.stderr.write(`tar: ${words.delayed}\n`)
    return words.delayedCode
  } finally {
    close()
  }
}

/** The bytes of the archive, unzipped where they are gzip's: a file says that by itself, a stream needs -z. */
async function archiveOf({ context, options, words }: TarRun): Promise<{
  readonly input: ProgramInput
  readonly close: () => void
}> {
  const name = options.value('f') ?? '-'
  const { files } = context.container
  if (name !== '-') {
    const path = pathOf(context, name)
    try {
      const data = files.read(path)
      if (!options.has('z') && !isGzip(data)) {
        const file = openTreeFile(files, path, 'read')
        const input = inputFrom(file, context.signal, context.process)
        return { input, close: () => file.release() }
      }
      return unzipped(context, data)
    } catch (error) {
      if (!(error instanceof FileError) || error.code === 'ENOMEM') throw error
      throw new ProgramError(words.cannotOpen(name, error.message), words.delayedCode)
    }
  }
  if (options.has('z')) return unzipped(context, await context.stdin.readAll())
  return { input: context.stdin, close: () => {} }
}

async function unzipped(context: ProgramContext, data: Uint8Array) {
  const file = new BytesFile(await contentOf(context, data))
  return { input: inputFrom(file, context.signal, context.process), close: () => file.release() }
}

/** What is no gzip is nothing to tar, whose helper has said what is wrong. */
async function contentOf(context: ProgramContext, data: Uint8Array): Promise<Uint8Array> {
  try {
    return await gunzipped(data)
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error
    await context.stderr.write(`tar: ${error.message}\n`)
    return new Uint8Array(0)
  }
}

const KIND_LETTERS: Readonly<Record<Member['kind'], string>> = {
  file: '-',
  'hard link': '-',
  link: 'l',
  directory: 'd',
  other: '-',
}

function longLine(member: Member, name: string): string {
  const target = member.kind === 'link' || member.kind === 'hard link' ? ` -> ${member.target}` : ''
  return `${modeText(KIND_LETTERS[member.kind], member.mode)} root/root ${String(member.size).padStart(9)} ${formatDate('%Y-%m-%d %H:%M:%S', member.modifiedMs)} ${name}${target}`
}
