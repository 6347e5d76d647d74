import { type BaseNode, FileError, type FileStat, normalizePath, parentOf } from './file-node.ts'

/** The base layer of an image, by absolute path; shared by its containers and never written to. */
export type BaseLayer = ReadonlyMap<string, BaseNode>

/** Content of files that are computed whenever they are read: `/proc/uptime`, `/etc/resolv.conf`. */
export type ComputedFiles = ReadonlyMap<string, () => string>

interface OverlayNode {
  kind: 'file' | 'directory' | 'link'
  data: Uint8Array
  target: string
  executable: boolean
  modifiedMs: number
}

/**
 * The file tree of one container: an image's layer below, what the container changed above, computed files on top
 * of both. Paths are absolute. Errors are `FileError` with the code of the system call.
 */
export class FileTree {
  private readonly overlay = new Map<string, OverlayNode | null>()
  private readonly base: BaseLayer
  private readonly computed: ComputedFiles
  private readonly now: () => number

  constructor(options: {
    readonly base: BaseLayer
    readonly computed?: ComputedFiles
    readonly now: () => number
  }) {
    this.base = options.base
    this.computed = options.computed ?? new Map()
    this.now = options.now
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
    const real = this.resolve(path) ?? this.newPath(path)
    const existing = this.nodeAt(real)
    if (existing?.kind === 'directory') throw new FileError('EISDIR', path)
    if (this.computed.has(real)) throw new FileError('EACCES', path)
    if (isProtected(real)) return
    this.overlay.set(real, {
      kind: 'file',
      data: typeof data === 'string' ? new TextEncoder().encode(data) : data.slice(),
      target: '',
      executable: options.executable ?? existing?.executable ?? false,
      modifiedMs: this.now(),
    })
  }

  append(path: string, data: Uint8Array): void {
    const before = this.stat(path) === undefined ? new Uint8Array(0) : this.read(path)
    const joined = new Uint8Array(before.length + data.length)
    joined.set(before)
    joined.set(data, before.length)
    this.write(path, joined)
  }

  makeDirectory(path: string): void {
    if (this.lstat(path) !== undefined) throw new FileError('EEXIST', path)
    this.overlay.set(this.newPath(path), {
      kind: 'directory',
      data: new Uint8Array(0),
      target: '',
      executable: true,
      modifiedMs: this.now(),
    })
  }

  link(target: string, path: string): void {
    if (this.lstat(path) !== undefined) throw new FileError('EEXIST', path)
    this.overlay.set(this.newPath(path), {
      kind: 'link',
      data: new Uint8Array(0),
      target,
      executable: true,
      modifiedMs: this.now(),
    })
  }

  setExecutable(path: string, executable: boolean): void {
    const node = this.stat(path)
    if (node === undefined) throw new FileError('ENOENT', path)
    if (node.kind !== 'file' || node.executable === executable) return
    this.write(path, node.data(), { executable })
  }

  /** Removes a file or link, or an empty folder. */
  remove(path: string): void {
    const node = this.lstat(path)
    const parent = this.resolve(parentOf(normalizePath(path)))
    if (node === undefined || parent === undefined) throw new FileError('ENOENT', path)
    const real = join(parent, nameOf(normalizePath(path)))
    if (this.computed.has(real) || isProtected(real)) throw new FileError('EACCES', path)
    if (node.kind === 'directory' && this.list(real).length > 0)
      throw new FileError('ENOTEMPTY', path)
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
    for (const source of [this.base.keys(), this.computed.keys(), this.overlay.keys()]) {
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
      else
        changes[path] = `${node.executable ? 'x:' : ''}${Buffer.from(node.data).toString('base64')}`
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
      const link = value.startsWith('link:')
      const executable = value.startsWith('x:')
      this.overlay.set(path, {
        kind: directory ? 'directory' : link ? 'link' : 'file',
        data:
          link || directory
            ? new Uint8Array(0)
            : Uint8Array.from(Buffer.from(executable ? value.slice(2) : value, 'base64')),
        target: link ? value.slice('link:'.length) : '',
        executable: executable || directory || link,
        modifiedMs: this.now(),
      })
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

  private nodeAt(path: string): FileStat | undefined {
    if (path === '/') {
      return {
        kind: 'directory',
        executable: true,
        target: '',
        size: 4096,
        modifiedMs: 0,
        data: () => new Uint8Array(0),
      }
    }
    const computed = this.computed.get(path)
    if (computed !== undefined) {
      const data = () => new TextEncoder().encode(computed())
      return {
        kind: 'file',
        executable: false,
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
        ...own,
        size: own.kind === 'directory' ? 4096 : own.data.length,
        data: () => own.data,
      }
    }
    const base = this.base.get(path)
    if (base === undefined) return undefined
    return {
      kind: base.kind,
      executable: base.kind !== 'file' || base.executable === true,
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
