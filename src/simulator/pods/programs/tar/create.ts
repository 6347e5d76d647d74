import { absolutePath, FileError, type FileStat, type Inode } from '../../files/file-node.ts'
import type { ProgramContext } from '../../process/program.ts'
import { inputFrom } from '../../process/program-context.ts'
import { openTreeFile } from '../../process/tree-file.ts'
import { type Member, padded, writeHeader } from './header.ts'
import type { TarWords } from './words.ts'

export interface CreateOptions {
  readonly context: ProgramContext
  readonly names: readonly string[]
  /** Where the names are looked for. */
  readonly folder: string
  readonly excluded: (name: string) => boolean
  readonly followsLinks: boolean
  /** The archive itself, which is not put into it. */
  readonly archive: string | undefined
  readonly write: (data: Uint8Array) => Promise<void>
  /** With -v: told each name. */
  readonly show: (name: string) => Promise<void>
  readonly words: TarWords
}

/** Writes the members of a new archive. Gives `false` where one could not be read. */
export async function createArchive(options: CreateOptions): Promise<boolean> {
  const archive = new NewArchive(options)
  for (const name of options.names) await archive.add(name)
  return archive.whole
}

class NewArchive {
  whole = true
  private readonly options: CreateOptions
  /** Files with several names, by the first of them. */
  private readonly linked = new Map<Inode, string>()
  private stripped = false

  constructor(options: CreateOptions) {
    this.options = options
  }

  async add(name: string): Promise<void> {
    const { context, folder, words } = this.options
    const { files } = context.container
    const turn = context.process.breathe()
    if (turn !== undefined) await turn
    if (this.options.excluded(name)) return
    const path = absolutePath(folder, name)
    const stat = this.options.followsLinks ? files.stat(path) : files.lstat(path)
    if (stat === undefined) {
      if (context.gnu) await this.memberName(name)
      this.whole = false
      await context.stderr.write(`tar: ${words.cannotStat(name)}\n`)
      return
    }
    const inside = await this.memberName(name)
    if (stat.kind === 'directory') return this.addFolder(name, inside, path, stat)
    if (path === this.options.archive) {
      await context.stderr.write(`tar: ${words.isArchive(name)}\n`)
      return
    }
    await this.options.show(inside)
    const plain = {
      name: inside,
      mode: stat.mode,
      modifiedMs: stat.modifiedMs,
      size: 0,
      target: '',
    }
    if (stat.kind === 'link')
      return this.options.write(writeHeader({ ...plain, kind: 'link', target: stat.target }))
    const inode = stat.links > 1 ? files.inode(path) : undefined
    const first = inode === undefined ? undefined : this.linked.get(inode)
    if (first !== undefined)
      return this.options.write(writeHeader({ ...plain, kind: 'hard link', target: first }))
    if (inode !== undefined) this.linked.set(inode, inside)
    await this.addContent({ ...plain, kind: 'file' }, path)
  }

  private async addFolder(
    name: string,
    inside: string,
    path: string,
    stat: FileStat,
  ): Promise<void> {
    const { context, show, write } = this.options
    const shown = `${inside.replace(/\/+$/, '')}/`
    if (inside !== '') {
      await show(shown)
      const { mode, modifiedMs } = stat
      await write(
        writeHeader({ name: shown, kind: 'directory', mode, modifiedMs, size: 0, target: '' }),
      )
    }
    for (const entry of context.container.files.list(path))
      await this.add(`${name.replace(/\/+$/, '')}/${entry}`)
  }

  private async addContent(member: Member, path: string): Promise<void> {
    const { context, write, words } = this.options
    let data: Uint8Array
    try {
      // A file of /proc has no size until it is read, and one that grows has the size of its beginning.
      data = await inputFrom(
        openTreeFile(context.container.files, path, 'read'),
        context.signal,
        context.process,
      ).readAll()
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      this.whole = false
      await context.stderr.write(`tar: ${words.cannotOpen(member.name, error.message)}\n`)
      return
    }
    await write(writeHeader({ ...member, size: data.length }))
    await write(padded(data))
  }

  /** Without what would lead out of the folder that the archive is unpacked in. */
  private async memberName(name: string): Promise<string> {
    const { safe, prefix } = withoutUnsafePrefix(name)
    if (prefix !== '' && !this.stripped) {
      this.stripped = true
      await this.options.context.stderr.write(`tar: ${this.options.words.stripped(prefix)}\n`)
    }
    return safe
  }
}

/** A name after its last `../` and leading slashes. */
export function withoutUnsafePrefix(name: string): {
  readonly safe: string
  readonly prefix: string
} {
  const prefix = /^(?:[\s\S]*(?:^|\/)\.\.(?:\/|$))?\/*/.exec(name)?.[0] ?? ''
  return { safe: name.slice(prefix.length), prefix }
}
