import { FileError } from '../files/file-node.ts'
import type { FileTree } from '../files/file-tree.ts'
import { BytesFile, NullFile, OpenFile, ZeroFile } from './open-file.ts'

export type OpenMode = 'read' | 'write' | 'append' | 'read-write'

/** Opens a file of the container. Throws `FileError`. */
export function openTreeFile(files: FileTree, path: string, mode: OpenMode): OpenFile {
  if (path === '/dev/null') return new NullFile()
  if (path === '/dev/zero') return new ZeroFile()
  const stat = files.stat(path)
  if (mode === 'read') {
    if (stat?.kind === 'directory') return new DirectoryFile()
    return new BytesFile(files.read(path))
  }
  if (stat?.kind === 'directory') throw new FileError('EISDIR', path)
  if (mode === 'write') files.write(path, new Uint8Array(0))
  else if (stat === undefined) files.write(path, new Uint8Array(0))
  return new WrittenFile(files, path, mode === 'read-write' ? files.read(path) : undefined)
}

/** Opening a folder works; reading it does not. */
class DirectoryFile extends OpenFile {
  protected override async readMore(): Promise<Uint8Array | undefined> {
    throw new FileError('EISDIR', '')
  }
  override async write(): Promise<void> {
    throw new FileError('EISDIR', '')
  }
}

class WrittenFile extends OpenFile {
  private readonly files: FileTree
  private readonly path: string
  private at = 0
  private readonly before: Uint8Array | undefined
  constructor(files: FileTree, path: string, before: Uint8Array | undefined) {
    super()
    this.files = files
    this.path = path
    this.before = before
  }
  protected override async readMore(max: number): Promise<Uint8Array | undefined> {
    if (this.before === undefined) throw new FileError('EBADF', this.path)
    if (this.at >= this.before.length) return undefined
    const chunk = this.before.subarray(this.at, this.at + max)
    this.at += chunk.length
    return chunk
  }
  override async write(data: Uint8Array): Promise<void> {
    // A removed file takes what is written and forgets it, as an unlinked one does.
    if (this.files.stat(this.path) === undefined) return
    this.files.append(this.path, data)
  }
}
