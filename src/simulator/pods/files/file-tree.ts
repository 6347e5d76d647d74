import type { Clock } from '../../../base/clock.ts'
import {
  type BaseNode,
  DISK_BYTES,
  type Disk,
  FileError,
  type FileStat,
  Inode,
  normalizePath,
  parentOf,
} from './file-node.ts'
import { restoredNodes, type SavedFiles, savedFiles } from './saved-files.ts'
import type { VolumeMount } from './volume-tree.ts'

/** The base layer of an image, by absolute path; shared by its containers and never written to. */
export type BaseLayer = ReadonlyMap<string, BaseNode>

/** Content of files that are computed whenever they are read: `/proc/uptime`, `/etc/resolv.conf`. */
export interface ComputedFiles {
  get(path: string): (() => string) | undefined
  has(path: string): boolean
  keys(): Iterable<string>
}

/**
 * The file tree of one container: an image's layer below, what the container changed above, the volumes that are mounted in it, computed
 * files on top of all. Paths are absolute. Errors are `FileError` with the code of the system call.
 */
export class FileTree implements Disk {
  private readonly overlay = new Map<string, Inode | null>()
  bytes = 0
  readonly limit = DISK_BYTES
  private readonly base: BaseLayer
  private readonly computed: ComputedFiles
  /** The longest paths first. */
  private readonly mounts: readonly VolumeMount[]
  private readonly clock: Pick<Clock, 'now'>
  /** Bits that new files and folders do not get; the processes of a container share it here. */
  umask = 0o022
  /** Nothing but volumes and devices can be written. */
  readOnly = false
  /** Where a program leaves its last words; the file is there from the start. */
  private readonly messagePath: string | undefined

  constructor(options: {
    readonly base: BaseLayer
    readonly computed?: ComputedFiles
    /** Volumes; what the image has below their paths is hidden. */
    readonly mounts?: readonly VolumeMount[]
    readonly messagePath?: string | undefined
    readonly clock: Pick<Clock, 'now'>
  }) {
    this.base = options.base
    this.computed = options.computed ?? new Map()
    this.mounts = (options.mounts ?? []).toSorted((a, b) => b.path.length - a.path.length)
    this.messagePath = options.messagePath
    this.clock = options.clock
  }

  /** The end of the last words, at most 4,096 bytes of it. */
  get message(): string {
    const node = this.messagePath === undefined ? undefined : this.ownAt(this.messagePath)
    return node === undefined || node === null
      ? ''
      : Buffer.from(node.data.subarray(-4096)).toString()
  }

  /** What is at a path, links followed; `undefined` where there is nothing. */
  stat(path: string): FileStat | undefined {
    const real = this.resolve(path)
    return real === undefined ? undefined : this.nodeAt(real)
  }

  /** What is at a path itself, a link included. */
  lstat(path: string): FileStat | undefined {
    const parent = this.resolve(parentOf(normalizePath(path)))
    if (parent === undefined) return undefined
    return this.nodeAt(join(parent, nameOf(normalizePath(path))))
  }

  read(path: string): Uint8Array {
    const node = this.stat(path)
    if (node === undefined) throw new FileError('ENOENT', path)
    if (node.kind === 'directory') throw new FileError('EISDIR', path)
    return node.data()
  }

  readText(path: string): string {
    return new TextDecoder().decode(this.read(path))
  }

  /** Writes a whole file, making it where it is missing. Its folder must exist. */
  write(
    path: string,
    data: Uint8Array | string,
    options: { readonly executable?: boolean } = {},
  ): void {
    const node = this.open(path)
    if (node === undefined) return
    if (options.executable !== undefined) node.mode = options.executable ? 0o755 : 0o644
    this.resize(node, 0)
    this.writeTo(node, 0, typeof data === 'string' ? new TextEncoder().encode(data) : data)
  }

  append(path: string, data: Uint8Array): void {
    const node = this.open(path)
    if (node !== undefined) this.writeTo(node, node.size, data)
  }

  /**
   * The inode of a file that is to be written, made where it is missing; `undefined` for a device, which takes everything
   * and stays what it is. Throws `FileError`.
   */
  open(path: string): Inode | undefined {
    const real = this.resolve(path) ?? this.newPath(path)
    const existing = this.nodeAt(real)
    if (existing?.kind === 'directory') throw new FileError('EISDIR', path)
    if (this.isComputed(real)) throw new FileError('EACCES', path)
    if (isProtected(real) && real !== this.messagePath) return undefined
    this.assertWritable(real, path)
    return this.ownNode(real, existing)
  }

  /** Writes into a file at an offset. Throws `FileError` where the disk is full. */
  writeTo(node: Inode, offset: number, data: Uint8Array): void {
    const more = Math.max(0, offset + data.length - node.size)
    const disk = node.disk ?? this
    if (disk.bytes + more > disk.limit) throw new FileError('ENOSPC', '')
    node.writeAt(offset, data)
    disk.bytes += more
    node.modifiedMs = this.clock.now()
  }

  /** Cuts a file off, or fills it up with zeros. */
  resize(node: Inode, size: number): void {
    const disk = node.disk ?? this
    if (disk.bytes + size - node.size > disk.limit) throw new FileError('ENOSPC', '')
    disk.bytes += size - node.size
    node.truncate(size)
    node.modifiedMs = this.clock.now()
  }

  makeDirectory(path: string, mode = 0o777 & ~this.umask): void {
    if (this.lstat(path) !== undefined) throw new FileError('EEXIST', path)
    this.put(path, new Inode({ kind: 'directory', mode, modifiedMs: this.clock.now() }))
  }

  link(target: string, path: string): void {
    if (this.lstat(path) !== undefined) throw new FileError('EEXIST', path)
    this.put(path, new Inode({ kind: 'link', mode: 0o777, target, modifiedMs: this.clock.now() }))
  }

  /** Gives a file another name. */
  hardLink(from: string, path: string): void {
    const stat = this.lstat(from)
    if (stat === undefined) throw new FileError('ENOENT', from)
    if (stat.kind === 'directory') throw new FileError('EPERM', from)
    if (this.lstat(path) !== undefined) throw new FileError('EEXIST', path)
    const [source, target] = [this.realPath(from), this.newPath(path)]
    if (this.mountOf(source) !== this.mountOf(target)) throw new FileError('EXDEV', path)
    this.assertWritable(target, path)
    const node = this.ownNode(source, stat)
    node.links++
    this.setNode(target, node)
  }

  /** Moves a file, link or folder; what has the new name is replaced where that can be. Throws `FileError`. */
  rename(from: string, to: string): void {
    const stat = this.lstat(from)
    if (stat === undefined) throw new FileError('ENOENT', from)
    const source = this.realPath(from)
    const target = this.newPath(to)
    if (source === target) return
    if (target.startsWith(`${source}/`)) throw new FileError('EINVAL', to)
    this.assertWritable(source, from)
    this.assertWritable(target, to)
    const existing = this.lstat(to)
    if (existing !== undefined) {
      if (existing.kind === 'directory' && stat.kind !== 'directory')
        throw new FileError('EISDIR', to)
      if (existing.kind !== 'directory' && stat.kind === 'directory')
        throw new FileError('ENOTDIR', to)
      this.remove(to)
    }
    if (stat.kind === 'directory') {
      const names = this.list(source)
      this.setNode(
        target,
        new Inode({ kind: 'directory', mode: stat.mode, modifiedMs: stat.modifiedMs }),
      )
      for (const name of names) this.rename(join(source, name), join(target, name))
      this.remove(source)
      return
    }
    if (this.mountOf(source) !== this.mountOf(target)) {
      // To another disk: a copy goes there, as every program that renames does it.
      const data = stat.kind === 'file' ? stat.data().slice() : new Uint8Array(0)
      const copy = new Inode({ ...stat, data: new Uint8Array(0) })
      this.setNode(target, copy)
      this.writeTo(copy, 0, data)
      copy.modifiedMs = stat.modifiedMs
    } else {
      const node = this.ownNode(source, stat)
      node.links++
      this.setNode(target, node)
    }
    this.remove(source)
  }

  setMode(path: string, mode: number): void {
    const real = this.resolve(path)
    const stat = real === undefined ? undefined : this.nodeAt(real)
    if (real === undefined || stat === undefined) throw new FileError('ENOENT', path)
    if (isProtected(real) || this.isComputed(real) || real === '/') return
    this.assertWritable(real, path)
    this.ownNode(real, stat).mode = mode
  }

  /** Sets when a file or folder was changed last. */
  setModified(path: string, ms: number): void {
    const real = this.resolve(path)
    const stat = real === undefined ? undefined : this.nodeAt(real)
    if (real === undefined || stat === undefined) throw new FileError('ENOENT', path)
    if (isProtected(real) || this.isComputed(real) || real === '/') return
    this.assertWritable(real, path)
    this.ownNode(real, stat).modifiedMs = ms
  }

  /** The inode of a file, where it is one that can be written; used to follow a file that grows. */
  inode(path: string): Inode | undefined {
    const real = this.resolve(path)
    return real === undefined ? undefined : (this.ownAt(real) ?? undefined)
  }

  /** How much the container's own files hold, in bytes. */
  get usedBytes(): number {
    return this.bytes
  }

  /** The changed file at a path, copied out of the image where it was not changed yet. */
  private ownNode(real: string, stat: FileStat | undefined): Inode {
    const own = this.ownAt(real)
    if (own !== undefined && own !== null) return own
    const node = new Inode({
      kind: stat?.kind ?? 'file',
      mode: stat?.mode ?? 0o666 & ~this.umask,
      modifiedMs: stat === undefined ? this.clock.now() : stat.modifiedMs,
      target: stat?.target ?? '',
      ...(stat?.kind === 'file' ? { data: stat.data().slice() } : {}),
    })
    this.setNode(real, node)
    const disk = node.disk ?? this
    disk.bytes += node.size
    return node
  }

  /** The path itself, with the links of its folder followed. */
  private realPath(path: string): string {
    const normal = normalizePath(path)
    return join(this.resolve(parentOf(normal)) ?? '/', nameOf(normal))
  }

  /** Removes a file or link, or an empty folder. */
  remove(path: string): void {
    const node = this.lstat(path)
    const parent = this.resolve(parentOf(normalizePath(path)))
    if (node === undefined || parent === undefined) throw new FileError('ENOENT', path)
    const real = join(parent, nameOf(normalizePath(path)))
    if (real === this.messagePath) throw new FileError('EBUSY', path)
    if (this.isComputed(real) || isProtected(real)) throw new FileError('EACCES', path)
    if (this.isMountFolder(real) || this.mountOf(real)?.path === real)
      throw new FileError('EBUSY', path)
    if (node.kind === 'directory' && this.list(real).length > 0)
      throw new FileError('ENOTEMPTY', path)
    this.assertWritable(real, path)
    const own = this.ownAt(real)
    if (own !== undefined && own !== null) {
      own.links--
      const disk = own.disk ?? this
      if (own.links === 0) disk.bytes -= own.size
    }
    const mount = this.mountOf(real)
    if (mount !== undefined) mount.delete(real)
    else if (this.base.has(real)) this.overlay.set(real, null)
    else this.overlay.delete(real)
  }

  /** Names in a folder, in order. */
  list(path: string): string[] {
    const real = this.resolve(path)
    const node = real === undefined ? undefined : this.nodeAt(real)
    if (real === undefined || node === undefined) throw new FileError('ENOENT', path)
    if (node.kind !== 'directory') throw new FileError('ENOTDIR', path)
    const prefix = real === '/' ? '/' : `${real}/`
    const names = new Set<string>()
    const mount = this.mountOf(real)
    const sources: Iterable<string>[] = [
      this.computed.keys(),
      foldersOf(this.mounts, this.messagePath),
    ]
    for (const each of this.mounts) if (each.file !== undefined) sources.push([each.path])
    if (this.messagePath !== undefined) sources.push([this.messagePath])
    if (mount === undefined) sources.push(this.base.keys(), this.overlay.keys())
    else for (const name of mount.names(real)) names.add(name)
    for (const source of sources) {
      for (const key of source) {
        if (!key.startsWith(prefix) || key === '/') continue
        const name = key.slice(prefix.length)
        if (name.includes('/') || name === '') continue
        if (this.nodeAt(key) !== undefined) names.add(name)
      }
    }
    return [...names].sort()
  }

  /** What the container changed; what volumes hold is theirs. */
  changed(): SavedFiles {
    return savedFiles(this.overlay)
  }

  /** Brings back what `changed` gave. */
  restore(changes: SavedFiles): void {
    for (const [path, node] of restoredNodes(changes, { modifiedMs: this.clock.now() })) {
      this.bytes += node?.size ?? 0
      this.overlay.set(path, node)
    }
  }

  /** The path with every link followed; `undefined` where it leads nowhere. */
  resolve(path: string, depth = 0): string | undefined {
    if (depth > 20) return undefined
    const parts = normalizePath(path)
      .split('/')
      .filter((part) => part !== '')
    let at = '/'
    for (const [index, part] of parts.entries()) {
      const next = join(at, part)
      const node = this.nodeAt(next)
      if (node === undefined) return undefined
      if (node.kind === 'link') {
        const target = node.target.startsWith('/') ? node.target : join(at, node.target)
        return this.resolve([target, ...parts.slice(index + 1)].join('/'), depth + 1)
      }
      if (node.kind !== 'directory' && index < parts.length - 1) return undefined
      at = next
    }
    return at
  }

  private newPath(path: string): string {
    const normal = normalizePath(path)
    const parent = this.resolve(parentOf(normal))
    if (parent === undefined) throw new FileError('ENOENT', path)
    if (this.nodeAt(parent)?.kind !== 'directory') throw new FileError('ENOTDIR', path)
    return join(parent, nameOf(normal))
  }

  /** The volume that a path lies in. */
  private mountOf(path: string): VolumeMount | undefined {
    for (const mount of this.mounts) if (mount.covers(path)) return mount
    return undefined
  }

  /** A mounted folder, or one above something that is mounted. */
  private isMountFolder(path: string): boolean {
    const prefix = `${path}/`
    if (this.messagePath?.startsWith(prefix)) return true
    return this.mounts.some(
      (mount) => mount.path.startsWith(prefix) || (mount.path === path && mount.file === undefined),
    )
  }

  private isComputed(path: string): boolean {
    return this.computed.has(path) && this.mountOf(path)?.path !== path
  }

  /** Throws `FileError` where a path lies on something that is mounted read-only. */
  private assertWritable(real: string, path: string): void {
    const mount = this.mountOf(real)
    const fixed = mount === undefined ? this.readOnly && real !== this.messagePath : mount.readOnly
    if (fixed) throw new FileError('EROFS', path)
  }

  /** What was written at a path: `null` where the image's file was removed. */
  private ownAt(real: string): Inode | null | undefined {
    const mount = this.mountOf(real)
    return mount === undefined ? this.overlay.get(real) : mount.get(real)
  }

  private setNode(real: string, node: Inode): void {
    const mount = this.mountOf(real)
    if (mount === undefined) this.overlay.set(real, node)
    else mount.set(real, node)
  }

  /** Adds a new node. */
  private put(path: string, node: Inode): void {
    const real = this.newPath(path)
    this.assertWritable(real, path)
    this.setNode(real, node)
  }

  private nodeAt(path: string): FileStat | undefined {
    if (path === '/') return FOLDER
    const computed = this.isComputed(path) ? this.computed.get(path) : undefined
    if (computed !== undefined) {
      const data = () => new TextEncoder().encode(computed())
      return {
        kind: 'file',
        executable: false,
        mode: path.startsWith('/proc/') ? 0o444 : 0o644,
        links: 1,
        target: '',
        modifiedMs: 0,
        data,
        // Files of /proc have no size until they are read.
        get size() {
          return path.startsWith('/proc/') ? 0 : data().length
        },
      }
    }
    const own = this.ownAt(path)
    if (own === null) return undefined
    if (own !== undefined) {
      return {
        kind: own.kind,
        executable: own.kind !== 'file' || (own.mode & 0o111) !== 0,
        mode: own.mode,
        links: own.kind === 'directory' ? 2 : own.links,
        target: own.target,
        modifiedMs: own.modifiedMs,
        size: own.kind === 'directory' ? 4096 : own.kind === 'link' ? own.target.length : own.size,
        data: () => own.data,
      }
    }
    const base = this.mountOf(path) === undefined ? this.base.get(path) : undefined
    if (path === this.messagePath && base === undefined) return EMPTY_MESSAGE
    if (base === undefined) return this.isMountFolder(path) ? FOLDER : undefined
    return {
      kind: base.kind,
      executable: base.kind !== 'file' || base.executable === true,
      mode: baseMode(path, base),
      links: base.kind === 'directory' ? 2 : 1,
      target: base.kind === 'link' ? base.target : '',
      modifiedMs: 0,
      size:
        base.kind === 'directory'
          ? 4096
          : base.kind === 'file'
            ? base.data.length
            : base.target.length,
      data: () => (base.kind === 'file' ? base.data : new Uint8Array(0)),
    }
  }
}

/** A folder that nobody made in the container. */
const FOLDER: FileStat = {
  kind: 'directory',
  executable: true,
  mode: 0o755,
  links: 2,
  target: '',
  size: 4096,
  modifiedMs: 0,
  data: () => new Uint8Array(0),
}

/** The file for last words before anybody has written any. */
const EMPTY_MESSAGE: FileStat = {
  kind: 'file',
  executable: false,
  mode: 0o666,
  links: 1,
  target: '',
  size: 0,
  modifiedMs: 0,
  data: () => new Uint8Array(0),
}

/** The mounted folders, and all folders above what is mounted. */
function foldersOf(
  mounts: readonly VolumeMount[],
  messagePath: string | undefined,
): ReadonlySet<string> {
  const folders = new Set<string>()
  const addUpTo = (path: string) => {
    for (let at = path; at !== '/' && at !== '' && !folders.has(at); at = parentOf(at))
      folders.add(at)
  }
  for (const { path, file } of mounts) addUpTo(file === undefined ? path : parentOf(path))
  if (messagePath !== undefined) addUpTo(parentOf(messagePath))
  return folders
}

function baseMode(path: string, base: BaseNode): number {
  if (base.kind === 'link') return 0o777
  if (base.kind === 'directory') {
    if (path === '/tmp' || path === '/var/tmp') return 0o1777
    return path === '/root' ? 0o700 : 0o755
  }
  if (path.startsWith('/dev/')) return 0o666
  return base.executable === true ? 0o755 : 0o644
}

/** Devices take what is written and stay what they are. */
function isProtected(path: string): boolean {
  return path.startsWith('/dev/') || path.startsWith('/proc/')
}

function join(parent: string, name: string): string {
  return parent === '/' ? `/${name}` : `${parent}/${name}`
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
