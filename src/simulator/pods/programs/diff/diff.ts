import { FileError, type FileStat } from '../../files/file-node.ts'
import type { ProgramContext } from '../../process/program.ts'
import { inputFrom, pathOf } from '../../process/program-context.ts'
import { openTreeFile } from '../../process/tree-file.ts'
import {
  busyboxProgram,
  type ParsedOptions,
  ProgramError,
  parseOptions,
  UsageError,
  wholeNumber,
} from '../busybox-program.ts'
import { type Change, compareLines, type LineRange } from './compare-lines.ts'

const LONG_OPTIONS = {
  'ignore-case': 'i',
  'ignore-tab-expansion': 'E',
  'ignore-space-change': 'b',
  'ignore-all-space': 'w',
  'ignore-blank-lines': 'B',
  text: 'a',
  unified: 'U',
  label: 'L',
  'show-c-function': 'p',
  brief: 'q',
  'expand-tabs': 't',
  'initial-tab': 'T',
  recursive: 'r',
  'new-file': 'N',
  'report-identical-files': 's',
  'starting-file': 'S',
  minimal: 'd',
}

/** diff: how one file becomes the other, as a unified diff; of folders, file by file. 0: the same, 1: not, 2: trouble. */
export const diff = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'abdiL:NqrsS:tTU:wupBE', LONG_OPTIONS)
  const [one, two] = options.operands
  if (one === undefined || two === undefined || options.operands.length > 2)
    throw new UsageError('')
  const comparison = new Comparison(context, options)
  await comparison.compare(one, two)
  return comparison.status
})

class Comparison {
  status = 0
  private readonly context: ProgramContext
  private readonly options: ParsedOptions
  private readonly around: number

  constructor(context: ProgramContext, options: ParsedOptions) {
    this.context = context
    this.options = options
    this.around = options.has('U') ? wholeNumber(options.value('U') ?? '') : 3
  }

  async compare(one: string, two: string): Promise<void> {
    const kinds = [this.kindOf(one), this.kindOf(two)]
    if (kinds.includes('directory') && [one, two].includes('-'))
      throw new ProgramError("can't compare stdin to a directory")
    if (kinds[0] === 'directory' && kinds[1] === 'directory') return this.folders(one, two)
    const last = (name: string) => name.slice(name.lastIndexOf('/') + 1)
    const inside = (folder: string, name: string) => {
      const path = joined(folder, last(name))
      this.kindOf(path)
      return path
    }
    if (kinds[0] === 'directory') await this.files(inside(one, two), two)
    else if (kinds[1] === 'directory') await this.files(one, inside(two, one))
    else if (one !== '-' || two !== '-') await this.files(one, two)
  }

  /** Throws `ProgramError` with the code 2 for what is not there. */
  private kindOf(name: string): FileStat['kind'] | undefined {
    if (name === '-') return undefined
    const kind = this.context.container.files.stat(pathOf(this.context, name))?.kind
    if (kind === undefined && !this.options.has('N'))
      throw new ProgramError(`can't stat '${name}': No such file or directory`, 2)
    return kind
  }

  private async folders(one: string, two: string): Promise<void> {
    const { files } = this.context.container
    const lists = [this.entries(one, two), this.entries(two, one)]
    const first = this.options.value('S') ?? ''
    const names = [...new Set(lists.flat())].filter((name) => name >= first).sort()
    for (const name of names) {
      const has = [lists[0]?.includes(name), lists[1]?.includes(name)]
      const paths = [joined(one, name), joined(two, name)] as const
      if (!(has[0] && has[1]) && !this.options.has('N')) {
        await this.context.stdout.write(`Only in ${has[0] ? one : two}: ${name}\n`)
        this.status = 1
        continue
      }
      const kinds = paths.map((path) => files.stat(pathOf(this.context, path))?.kind)
      if (kinds.every((kind) => kind === undefined || kind === 'directory')) {
        await this.context.stdout.write(`Common subdirectories: ${paths[0]} and ${paths[1]}\n`)
      } else if (kinds.includes('directory')) {
        const said = kinds.map((kind) => (kind === 'directory' ? 'directory' : 'regular file'))
        await this.context.stdout.write(
          `File ${paths[0]} is a ${said[0]} while file ${paths[1]} is a ${said[1]}\n`,
        )
      } else
        await this.files(paths[0], paths[1], [
          kinds[0] === undefined ? '/dev/null' : paths[0],
          kinds[1] === undefined ? '/dev/null' : paths[1],
        ])
    }
  }

  /** What lies in a folder, and with -r below it; folders themselves only without -r. */
  private entries(folder: string, other: string): string[] {
    const { files } = this.context.container
    const found: string[] = []
    const walk = (below: string) => {
      for (const entry of files.list(pathOf(this.context, joined(folder, below)))) {
        const name = below === '' ? entry : `${below}/${entry}`
        const path = pathOf(this.context, joined(folder, name))
        if (files.stat(path)?.kind !== 'directory') found.push(name)
        else if (!this.options.has('r')) found.push(name)
        else if (
          this.options.has('N') ||
          files.stat(pathOf(this.context, joined(other, name)))?.kind === 'directory'
        )
          walk(name)
        else this.status = 1
      }
    }
    walk('')
    return found
  }

  /** `headers`: what stands at the head of the diff. */
  private async files(
    one: string,
    two: string,
    headers: readonly [string, string] = [one, two],
  ): Promise<void> {
    const { files } = this.context.container
    const same = [one, two].map((name) => files.resolve(pathOf(this.context, name)))
    // One file under two names, or one name twice: there is nothing to compare.
    if (one !== '-' && two !== '-' && same[0] !== undefined && same[0] === same[1]) return
    const contents: Uint8Array[] = []
    for (const name of [one, two]) {
      const data = await this.read(name)
      if (data === undefined) return
      contents.push(data)
    }
    const [left = new Uint8Array(0), right = new Uint8Array(0)] = contents
    const status =
      Buffer.compare(left, right) === 0 ? 'same' : await this.differ(headers, left, right)
    if (status !== 'same') this.status = 1
    if (status === 'binary' || (status === 'different' && this.options.has('q')))
      await this.context.stdout.write(`Files ${one} and ${two} differ\n`)
    if (status === 'same' && this.options.has('s'))
      await this.context.stdout.write(`Files ${one} and ${two} are identical\n`)
  }

  private async read(name: string): Promise<Uint8Array | undefined> {
    const { context } = this
    if (name === '-') return context.stdin.readAll()
    const path = pathOf(context, name)
    const { files } = context.container
    if (this.options.has('N') && files.stat(path) === undefined) return new Uint8Array(0)
    try {
      const file = openTreeFile(files, path, 'read')
      try {
        return await inputFrom(file, context.signal, context.process).readAll()
      } finally {
        file.release()
      }
    } catch (error) {
      if (!(error instanceof FileError) || error.code === 'ENOMEM') throw error
      await context.stderr.write(`diff: can't open '${name}': ${error.message}\n`)
      return undefined
    }
  }

  private async differ(
    [one, two]: readonly [string, string],
    left: Uint8Array,
    right: Uint8Array,
  ): Promise<'same' | 'different' | 'binary'> {
    if (!this.options.has('a') && (left.includes(0) || right.includes(0))) return 'binary'
    const texts = [textLines(left), textLines(right)] as const
    const [old, other] = [
      texts[0].map((line) => this.key(line)),
      texts[1].map((line) => this.key(line)),
    ]
    let changes = await compareLines(old, other, {
      process: this.context.process,
      minimal: this.options.has('d'),
    })
    const groups: Change[][] = []
    for (const change of changes) {
      const last = groups.at(-1)?.at(-1)
      const far = 2 * this.around + 1
      if (
        last === undefined ||
        (change.old.first > last.old.last + far && change.new.first > last.new.last + far)
      )
        groups.push([change])
      else groups.at(-1)?.push(change)
    }
    const blank = ({ first, last }: LineRange, lines: readonly string[]) =>
      lines.slice(first - 1, last).every((line) => line === '\n')
    const shown = groups.filter(
      (group) =>
        !this.options.has('B') ||
        group.some((change) => !blank(change.old, texts[0]) || !blank(change.new, texts[1])),
    )
    changes = shown.flat()
    if (changes.length === 0) return 'same'
    if (this.options.has('q')) return 'different'
    const labels = this.options.values('L')
    await this.context.stdout.write(`--- ${labels[0] ?? one}\n+++ ${labels[1] ?? two}\n`)
    for (const group of shown) await this.hunk(group, texts[0], texts[1])
    return 'different'
  }

  /** A line as it is compared. */
  private key(line: string): string {
    let text = line
    if (this.options.has('i')) text = text.toLowerCase()
    if (this.options.has('w')) return text.replace(/\s+/g, '')
    return this.options.has('b') ? text.replace(/\s+/g, ' ').replace(/ $/, '') : text
  }

  private async hunk(
    group: readonly Change[],
    old: readonly string[],
    other: readonly string[],
  ): Promise<void> {
    const [first, last] = [group[0], group.at(-1)]
    if (first === undefined || last === undefined) return
    const spans = [
      this.span(first.old, last.old, old.length),
      this.span(first.new, last.new, other.length),
    ] as const
    await this.context.stdout.write(`@@ -${range(spans[0])} +${range(spans[1])} @@\n`)
    let line = spans[0].first
    for (const change of group) {
      await this.lines(' ', old, line, change.old.first - 1)
      await this.lines('-', old, change.old.first, change.old.last)
      await this.lines('+', other, change.new.first, change.new.last)
      line = change.old.last + 1
    }
    await this.lines(' ', old, line, spans[0].last)
  }

  private span(first: LineRange, last: LineRange, length: number): LineRange {
    return {
      first: Math.max(1, first.first - this.around),
      last: Math.min(length, last.last + this.around),
    }
  }

  private async lines(
    mark: string,
    lines: readonly string[],
    first: number,
    last: number,
  ): Promise<void> {
    for (const line of lines.slice(first - 1, last)) {
      const text = this.options.has('t') ? expanded(line) : line
      await this.context.stdout.write(
        `${mark}${this.options.has('T') ? '\t' : ''}${text}${line.endsWith('\n') ? '' : '\n\\ No newline at end of file\n'}`,
      )
    }
  }
}

function joined(folder: string, name: string): string {
  return name === '' ? folder : `${folder.replace(/\/+$/, '')}/${name}`
}

/** Lines with their ends; the last may have none. */
function textLines(data: Uint8Array): string[] {
  return new TextDecoder().decode(data).match(/[^\n]*\n|[^\n]+$/g) ?? []
}

function range({ first, last }: LineRange): string {
  const start = Math.min(first, last)
  if (first === last) return String(start)
  return `${start},${first < last ? last - first + 1 : 0}`
}

/** Tabs as blanks. */
function expanded(line: string): string {
  let out = ''
  for (const char of line) out += char === '\t' ? ' '.repeat(8 - (out.length % 8)) : char
  return out
}
