import { absolutePath, FileError, parentOf } from '../../files/file-node.ts'
import type { FileTree } from '../../files/file-tree.ts'
import type { ProgramContext } from '../../process/program.ts'
import { ProgramError } from '../busybox-program.ts'
import type { ArchiveReader } from './archive-reader.ts'
import { withoutUnsafePrefix } from './create.ts'
import type { Member } from './header.ts'
import type { TarWords } from './words.ts'

export interface ExtractOptions {
  readonly context: ProgramContext
  readonly reader: ArchiveReader
  /** Where the members go. */
  readonly folder: string
  /** The members and folders that are asked for; all where there is none. */
  readonly names: readonly string[]
  readonly excluded: (name: string) => boolean
  readonly lists: boolean
  readonly toOutput: boolean
  readonly keepsOld: boolean
  /** -m: files are as old as they are here. */
  readonly newTimes: boolean
  readonly strip: number
  readonly show: (member: Member, name: string) => Promise<void>
  readonly words: TarWords
}

/** Lists or unpacks. Gives the names that no member had. Throws `ArchiveError`, `ProgramError`. */
export async function extractArchive(options: ExtractOptions): Promise<string[]> {
  const { context, reader, words } = options
  const missing = new Set(options.names)
  let told = false
  for (let member = await reader.next(); member !== undefined; member = await reader.next()) {
    const turn = context.process.breathe()
    if (turn !== undefined) await turn
    const { safe, prefix } = withoutUnsafePrefix(member.name)
    if (prefix !== '' && !told) {
      told = true
      await context.stderr.write(`tar: ${words.stripped(prefix)}\n`)
    }
    const wanted = options.names.filter((name) => within(safe, name))
    for (const name of wanted) missing.delete(name)
    if ((options.names.length > 0 && wanted.length === 0) || options.excluded(safe)) continue
    const name = safe
      .split('/')
      .filter((part) => part !== '')
      .slice(options.strip)
      .join('/')
    if (options.strip > 0 && name === '') continue
    const shown = options.strip > 0 ? `${name}${safe.endsWith('/') ? '/' : ''}` : safe
    await options.show(member, shown)
    if (options.lists) continue
    if (!options.toOutput) await unpack(options, member, shown)
    else if (member.kind === 'file')
      for (let chunk = await reader.content(); chunk !== undefined; chunk = await reader.content())
        await context.stdout.write(chunk)
  }
  return [...missing]
}

/** Whether a member is what is asked for, or lies in it. */
function within(member: string, name: string): boolean {
  const [one, other] = [member.replace(/\/+$/, ''), name.replace(/\/+$/, '')]
  return one === other || one.startsWith(`${other}/`)
}

async function unpack(options: ExtractOptions, member: Member, name: string): Promise<void> {
  const { context, reader, words } = options
  const { files, clock } = context.container
  const path = absolutePath(options.folder, name)
  try {
    makeFolders(files, parentOf(path))
    const modifiedMs = options.newTimes ? clock.now() : member.modifiedMs
    if (member.kind === 'directory') {
      if (files.stat(path)?.kind !== 'directory') files.makeDirectory(path)
      files.setMode(path, member.mode)
      files.setModified(path, modifiedMs)
      return
    }
    if (member.kind === 'other') {
      await context.stderr.write(`tar: ${name}: no such kind of file is simulated; skipping\n`)
      return
    }
    if (files.lstat(path) !== undefined) {
      if (options.keepsOld) throw new FileError('EEXIST', path)
      files.remove(path)
    }
    if (member.kind === 'link') files.link(member.target, path)
    else if (member.kind === 'hard link') {
      const { safe } = withoutUnsafePrefix(member.target)
      files.hardLink(absolutePath(options.folder, safe), path)
    } else {
      files.write(path, '')
      for (let chunk = await reader.content(); chunk !== undefined; chunk = await reader.content())
        files.append(path, chunk)
      files.setMode(path, member.mode)
      files.setModified(path, modifiedMs)
    }
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    if (error.code === 'ENOSPC') throw new ProgramError(`write error: ${error.message}`)
    throw new ProgramError(words.cannotOpen(name, error.message))
  }
}

function makeFolders(files: FileTree, path: string): void {
  if (files.stat(path)?.kind === 'directory') return
  makeFolders(files, parentOf(path))
  files.makeDirectory(path)
}
