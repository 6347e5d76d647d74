/** What tar says of what goes wrong: BusyBox' words, or GNU's in the images that have that. */
export interface TarWords {
  cannotStat(name: string): string
  cannotOpen(name: string, reason: string): string
  isArchive(name: string): string
  stripped(prefix: string): string
  notFound(name: string): string
  /** The last line where something was wrong with a member; with the exit code. */
  readonly delayed: string
  readonly delayedCode: number
  noFolder(name: string, reason: string): string
}

export const BUSYBOX_WORDS: TarWords = {
  cannotStat: (name) => `${name}: No such file or directory`,
  cannotOpen: (name, reason) => `can't open '${name}': ${reason}`,
  isArchive: (name) => `${name}: file is the archive; skipping`,
  stripped: (prefix) => `removing leading '${prefix}' from member names`,
  notFound: (name) => `${name}: not found in archive`,
  delayed: 'error exit delayed from previous errors',
  delayedCode: 1,
  noFolder: (name, reason) => `can't change directory to '${name}': ${reason}`,
}

export const GNU_WORDS: TarWords = {
  cannotStat: (name) => `${name}: Cannot stat: No such file or directory`,
  cannotOpen: (name, reason) => `${name}: Cannot open: ${reason}`,
  isArchive: (name) => `${name}: file is the archive; not dumped`,
  stripped: (prefix) => `Removing leading \`${prefix}' from member names`,
  notFound: (name) => `${name}: Not found in archive`,
  delayed: 'Exiting with failure status due to previous errors',
  delayedCode: 2,
  noFolder: (name, reason) => `${name}: Cannot open: ${reason}`,
}
