import type { Clock } from '../../../base/clock.ts'
import {
  type BaseNode,
  DISK_BYTES,
  FileError,
  type FileStat,
  Inode,
  normalizePath,
  parentOf,
} from './file-node.ts'

/** The base layer of an image, by absolute path; shared by its containers and never written to. */
export type BaseLayer = ReadonlyMap<string, BaseNode>

/** Content of files that are computed whenever they are read: `/proc/uptime`, `/etc/resolv.conf`. */
export interface ComputedFiles {
  get(path: string): (() => string) | undefined
  has(path: string): boolean
  keys(): Iterable<string>
}

/**
 * The file tree of one container: an image's layer below, what the container changed above, computed files on top
 * of both. Paths are absolute. Errors are `FileError` with the code of the system call.
 */
export class FileTree {
  private readonly overlay = new Map<string, Inode | null>()
  private bytes = 0
  private readonly base: BaseLayer
  private readonly computed: ComputedFiles
  private readonly mountPoints: readonly string[]
  private readonly clock: Pick<Clock, 'now'>
  /** Bits that new files and folders do not get; the processes of a container share it here. */
  umask = 0o022

  constructor(options: {
    readonly base: BaseLayer
    readonly computed?: ComputedFiles
    /** Paths where volumes are mounted; what the image has below them is hidden. */
    readonly mountPoints?: readonly string[]
    readonly clock: Pick<Clock, 'now'>
  }) {
    this.base = options.base
    this.computed = options.computed ?? new Map()
    this.mountPoints = options.mountPoints ?? []
    this.clock = options.clock
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
    if (this.computed.has(real)) {
      throw new FileError(this.isHidden(real) ? 'EROFS' : 'EACCES', path)
    }
    if (isProtected(real)) return undefined
    return this.ownNode(real, existing)
  }

  /** Writes into a file at an offset. Throws `FileError` where the disk is full. */
  writeTo(node: Inode, offset: number, data: Uint8Array): void {
    const more = Math.max(0, offset + data.length - node.size)
    if (this.bytes + more > DISK_BYTES) throw new FileError('ENOSPC', '')
    node.writeAt(offset, data)
    this.bytes += more
    node.modifiedMs = this.clock.now()
  }

  /** Cuts a file off, or fills it up with zeros. */
  resize(node: Inode, size: number): void {
    if (this.bytes + size - node.size > DISK_BYTES) throw new FileError('ENOSPC', '')
    this.bytes += size - node.size
    node.truncate(size)
    node.modifiedMs = this.clock.now()
  }

  makeDirectory(path: string, mode = 0o777 & ~this.umask): void {
    if (this.lstat(path) !== undefined) throw new FileError('EEXIST', path)
    this.overlay.set(
      this.newPath(path),
      new Inode({ kind: 'directory', mode, modifiedMs: this.clock.now() }),
    )
  }

  link(target: string, path: string): void {
    if (this.lstat(path) !== undefined) throw new FileError('EEXIST', path)
    this.overlay.set(
      this.newPath(path),
      new Inode({ kind: 'link', mode: 0o777, target, modifiedMs: this.clock.now() }),
    )
  }

  /** Gives a file another name. */
  hardLink(from: string, path: string): void {
    const stat = this.lstat(from)
    if (stat === undefined) throw new FileError('ENOENT', from)
    if (stat.kind === 'directory') throw new FileError('EPERM', from)
    if (this.lstat(path) !== undefined) throw new FileError('EEXIST', path)
    const target = this.newPath(path)
    const node = this.ownNode(this.realPath(from), stat)
    node.links++
    this.overlay.set(target, node)
  }

  /** Moves a file, link or folder; what has the new name is replaced where that can be. Throws `FileError`. */
  rename(from: string, to: string): void {
    const stat = this.lstat(from)
    if (stat === undefined) throw new FileError('ENOENT', from)
    const source = this.realPath(from)
    const target = this.newPath(to)
    if (source === target) return
    if (target.startsWith(`${source}/`)) throw new FileError('EINVAL', to)
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
      this.overlay.set(
        target,
        new Inode({ kind: 'directory', mode: stat.mode, modifiedMs: stat.modifiedMs }),
      )
      for (const name of names) this.rename(join(source, name), join(target, name))
      this.remove(source)
      return
    }
    const node = this.ownNode(source, stat)
    node.links++
    this.overlay.set(target, node)
    this.remove(source)
  }

  setMode(path: string, mode: number): void {
    const real = this.resolve(path)
    const stat = real === undefined ? undefined : this.nodeAt(real)
    if (real === undefined || stat === undefined) throw new FileError('ENOENT', path)
    if (isProtected(real) || this.computed.has(real) || real === '/') return
    this.ownNode(real, stat).mode = mode
  }

  /** Sets when a file or folder was changed last. */
  setModified(path: string, ms: number): void {
    const real = this.resolve(path)
    const stat = real === undefined ? undefined : this.nodeAt(real)
    if (real === undefined || stat === undefined) throw new FileError('ENOENT', path)
    if (isProtected(real) || this.computed.has(real) || real === '/') return
    this.ownNode(real, stat).modifiedMs = ms
  }

  /** The inode of a file, where it is one that can be written; used to follow a file that grows. */
  inode(path: string): Inode | undefined {
    const real = this.resolve(path)
    return real === undefined ? undefined : (this.overlay.get(real) ?? undefined)
  }

  /** How much the container's own files hold, in bytes. */
  get usedBytes(): number {
    return this.bytes
  }

  /** The changed file at a path, copied out of the image where it was not changed yet. */
  private ownNode(real: string, stat: FileStat | undefined): Inode {
    const own = this.overlay.get(real)
    if (own !== undefined && own !== null) return own
    const node = new Inode({
      kind: stat?.kind ?? 'file',
      mode: stat?.mode ?? 0o666 & ~this.umask,
      modifiedMs: stat === undefined ? this.clock.now() : stat.modifiedMs,
      target: stat?.target ?? '',
      ...(stat?.kind === 'file' ? { data: stat.data().slice() } : {}),
    })
    this.bytes += node.size
    this.overlay.set(real, node)
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
    if (this.computed.has(real) || isProtected(real)) throw new FileError('EACCES', path)
    if (this.isMountFolder(real)) throw new FileError('EBUSY', path)
    if (node.kind === 'directory' && this.list(real).length > 0)
      throw new FileError('ENOTEMPTY', path)
    const own = this.overlay.get(real)
    if (own !== undefined && own !== null) {
      own.links--
      if (own.links === 0) this.bytes -= own.size
    }
    if (this.base.has(real)) this.overlay.set(real, null)
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
    for (const source of [
      this.base.keys(),
      this.computed.keys(),
      this.overlay.keys(),
      foldersOf(this.mountPoints, this.computed),
    ]) {
      for (const key of source) {
        if (!key.startsWith(prefix) || key === '/') continue
        const name = key.slice(prefix.length)
        if (name.includes('/') || name === '') continue
        if (this.nodeAt(key) !== undefined) names.add(name)
      }
    }
    return [...names].sort()
  }

  /** What the container changed: path to base64, `null` for what it removed. Folders end in `/`, links begin with `link:`. */
  changed(): Record<string, string | null> {
    const changes: Record<string, string | null> = {}
    for (const [path, node] of this.overlay) {
      if (node === null) changes[path] = null
      else if (node.kind === 'directory') changes[`${path}/`] = ''
      else if (node.kind === 'link') changes[path] = `link:${node.target}`
      else {
        const mode =
          node.mode === 0o644 ? '' : node.mode === 0o755 ? 'x:' : `m${node.mode.toString(8)}:`
        changes[path] = `${mode}${Buffer.from(node.data).toString('base64')}`
      }
    }
    return changes
  }

  /** Brings back what `changed` gave. */
  restore(changes: Readonly<Record<string, string | null>>): void {
    for (const [key, value] of Object.entries(changes)) {
      const directory = key.endsWith('/')
      const path = directory ? key.slice(0, -1) : key
      if (value === null) {
        this.overlay.set(path, null)
        continue
      }
      const [, given, rest] = /^(?:(x|m[0-7]+|link):)?([\s\S]*)$/.exec(value) ?? []
      const link = given === 'link'
      const data =
        link || directory ? new Uint8Array(0) : Uint8Array.from(Buffer.from(rest ?? '', 'base64'))
      this.bytes += data.length
      this.overlay.set(
        path,
        new Inode({
          kind: directory ? 'directory' : link ? 'link' : 'file',
          data,
          target: link ? (rest ?? '') : '',
          mode:
            directory || given === 'x'
              ? 0o755
              : given?.startsWith('m')
                ? Number.parseInt(given.slice(1), 8)
                : link
                  ? 0o777
                  : 0o644,
          modifiedMs: this.clock.now(),
        }),
      )
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

  private isHidden(path: string): boolean {
    return this.mountPoints.some((point) => path.startsWith(`${point}/`))
  }

  /** A mount point, a folder above one, or a folder of the files in one. */
  private isMountFolder(path: string): boolean {
    const prefix = `${path}/`
    if (this.mountPoints.some((point) => point === path || point.startsWith(prefix))) return true
    if (!this.isHidden(path)) return false
    for (const file of this.computed.keys()) if (file.startsWith(prefix)) return true
    return false
  }

  private nodeAt(path: string): FileStat | undefined {
    if (path === '/') return FOLDER
    const computed = this.computed.get(path)
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
    const own = this.overlay.get(path)
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
    const base = this.isHidden(path) ? undefined : this.base.get(path)
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

/** The mount points with all folders above them, and those of the files in them. */
function foldersOf(mountPoints: readonly string[], computed: ComputedFiles): ReadonlySet<string> {
  const folders = new Set<string>()
  const addUpTo = (path: string) => {
    for (let at = path; at !== '/' && at !== '' && !folders.has(at); at = parentOf(at)) {
      folders.add(at)
    }
  }
  for (const point of mountPoints) {
    addUpTo(point)
    for (const path of computed.keys()) if (path.startsWith(`${point}/`)) addUpTo(parentOf(path))
  }
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
