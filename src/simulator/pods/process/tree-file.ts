import { FileError, type Inode } from '../files/file-node.ts'
import type { FileTree } from '../files/file-tree.ts'
import { BytesFile, FullFile, NullFile, OpenFile, RandomFile, ZeroFile } from './open-file.ts'

export type OpenMode = 'read' | 'write' | 'append' | 'read-write'

/** Opens a file of the container. Throws `FileError`. */
export function openTreeFile(files: FileTree, path: string, mode: OpenMode): OpenFile {
  if (path === '/dev/null') return new NullFile()
  if (path === '/dev/zero') return new ZeroFile()
  if (path === '/dev/full') return new FullFile()
  if (path === '/dev/urandom' || path === '/dev/random') return new RandomFile()
  const stat = files.stat(path)
  if (mode === 'read') {
    if (stat?.kind === 'directory') return new DirectoryFile()
    const node = files.inode(path)
    return node === undefined ? new BytesFile(files.read(path)) : new TreeFile(files, node, mode)
  }
  const node = files.open(path)
  if (node === undefined) return new NullFile()
  if (mode === 'write') files.resize(node, 0)
  return new TreeFile(files, node, mode)
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

/** A file of the tree, with the place in it that everyone who holds it shares. A removed file lives on while it is open. */
class TreeFile extends OpenFile {
  private readonly files: FileTree
  private readonly node: Inode
  private readonly mode: OpenMode
  private at = 0
  constructor(files: FileTree, node: Inode, mode: OpenMode) {
    super()
    this.files = files
    this.node = node
    this.mode = mode
  }
  override get inode(): Inode {
    return this.node
  }
  override unread(data: Uint8Array): void {
    this.at -= data.length
  }
  protected override async readMore(max: number): Promise<Uint8Array | undefined> {
    if (this.mode === 'write' || this.mode === 'append') throw new FileError('EBADF', '')
    if (this.at >= this.node.size) return undefined
    const chunk = this.node.data.slice(this.at, this.at + max)
    this.at += chunk.length
    return chunk
  }
  override async write(data: Uint8Array): Promise<void> {
    if (this.mode === 'read') throw new FileError('EBADF', '')
    if (this.mode === 'append') this.at = this.node.size
    this.files.writeTo(this.node, this.at, data)
    this.at += data.length
  }
}
