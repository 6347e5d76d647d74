/** One entry of an image's layer. */
export type BaseNode =
  | { readonly kind: 'directory' }
  | { readonly kind: 'file'; readonly data: Uint8Array; readonly executable?: boolean }
  | { readonly kind: 'link'; readonly target: string }

export interface FileStat {
  readonly kind: 'file' | 'directory' | 'link'
  readonly executable: boolean
  /** Permission bits, with sticky, set-user and set-group. */
  readonly mode: number
  /** How many names it has. */
  readonly links: number
  /** Where a link leads. */
  readonly target: string
  readonly size: number
  readonly modifiedMs: number
  data(): Uint8Array
}

const MESSAGES = {
  ENOENT: 'No such file or directory',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  EEXIST: 'File exists',
  ENOTEMPTY: 'Directory not empty',
  EACCES: 'Permission denied',
  EBADF: 'Bad file descriptor',
  EINVAL: 'Invalid argument',
  ENOSPC: 'No space left on device',
  ENXIO: 'No such device or address',
  ELOOP: 'Symbolic link loop',
  EAGAIN: 'Resource temporarily unavailable',
  EIO: 'I/O error',
  ENOMEM: 'out of memory',
  EPERM: 'Operation not permitted',
  EBUSY: 'Resource busy',
  EROFS: 'Read-only file system',
  EXDEV: 'Cross-device link',
} as const

/** A failed file operation; `message` is the C library's text for the code. */
export class FileError extends Error {
  override readonly name = 'FileError'
  readonly code: keyof typeof MESSAGES
  readonly path: string
  constructor(code: keyof typeof MESSAGES, path: string) {
    super(MESSAGES[code])
    this.code = code
    this.path = path
  }
}

/** An absolute path without `.`, `..`, doubled or trailing slashes. */
export function normalizePath(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** A path as seen from a working folder. */
export function absolutePath(cwd: string, path: string): string {
  return normalizePath(path.startsWith('/') ? path : `${cwd}/${path}`)
}

export function parentOf(path: string): string {
  const at = path.lastIndexOf('/')
  return at <= 0 ? '/' : path.slice(0, at)
}

/** Where programs are looked for when `PATH` is not set (musl's execvp). */
export const DEFAULT_PATH = '/usr/local/bin:/bin:/usr/bin'

/** Bytes that the changed files of one container may hold together; then a write fails, as on a full disk. */
export const DISK_BYTES = 32 * 1024 * 1024

/** What the files of one disk hold together. */
export interface Disk {
  bytes: number
  /** The most that they may hold. */
  readonly limit: number
}

/** Content and attributes of something in the tree, apart from its names. Hard links share one. */
export class Inode {
  kind: 'file' | 'directory' | 'link'
  target: string
  mode: number
  modifiedMs: number
  links = 1
  /** The disk of the volume that it is in; none where it belongs to the container. */
  disk: Disk | undefined
  private buffer: Uint8Array
  private length: number

  constructor(options: {
    readonly kind: 'file' | 'directory' | 'link'
    readonly mode: number
    readonly modifiedMs: number
    readonly target?: string
    readonly data?: Uint8Array
    readonly disk?: Disk | undefined
  }) {
    this.kind = options.kind
    this.mode = options.mode
    this.modifiedMs = options.modifiedMs
    this.target = options.target ?? ''
    this.disk = options.disk
    this.buffer = options.data ?? new Uint8Array(0)
    this.length = this.buffer.length
  }

  get size(): number {
    return this.length
  }

  /** The content as it is now; not to be changed. */
  get data(): Uint8Array {
    return this.buffer.subarray(0, this.length)
  }

  /** Writes at an offset; what lies between the end and the offset is zeros. */
  writeAt(offset: number, data: Uint8Array): void {
    const end = offset + data.length
    if (end > this.buffer.length) {
      const grown = new Uint8Array(Math.max(end, this.buffer.length * 2, 64))
      grown.set(this.data)
      this.buffer = grown
    }
    this.buffer.set(data, offset)
    this.length = Math.max(this.length, end)
  }

  /** Cuts off, or fills up with zeros. */
  truncate(size: number): void {
    if (size === 0) this.buffer = new Uint8Array(0)
    else if (size > this.length) this.writeAt(size - 1, new Uint8Array(1))
    else this.buffer = this.buffer.slice(0, size)
    this.length = size
  }
}
