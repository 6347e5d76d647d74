/** One entry of an image's layer. */
export type BaseNode =
  | { readonly kind: 'directory' }
  | { readonly kind: 'file'; readonly data: Uint8Array; readonly executable?: boolean }
  | { readonly kind: 'link'; readonly target: string }

export interface FileStat {
  readonly kind: 'file' | 'directory' | 'link'
  readonly executable: boolean
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
