import { mkdirSync } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { isNodeError } from './node-error.ts'

/**
 * Writes a whole file so that a reader, or a kill at any moment, meets the old text or the new one and never a part. Makes the folder.
 *
 * @param options.mode @default 0o600
 */
export async function writeFileAtomically(
  path: string,
  data: string | Uint8Array,
  options: { readonly mode?: number } = {},
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const content = typeof data === 'string' ? data : Buffer.from(data)
  await writeFileAtomic(path, content, { mode: options.mode ?? 0o600, fsync: true })
}

/** `writeFileAtomically` that is over when it returns: for what must not be lost once it was shown. Throws the system's error. */
export function writeFileAtomicallySync(path: string, data: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileAtomic.sync(path, data, { mode: 0o600, fsync: true })
}

/** What became of reading a versioned file. A file that was set aside is not at its place any more. */
export type VersionedRead<T> =
  | { readonly kind: 'absent' }
  | { readonly kind: 'read'; readonly value: T }
  | {
      readonly kind: 'set-aside'
      /** `newer`: a later version of the lab wrote it. */
      readonly reason: 'newer' | 'damaged'
      /** Where it is kept now. */
      readonly keptAs: string
      /** What is wrong with it. */
      readonly detail: string
    }

export interface VersionedFormat<T> {
  /** The newest `format` that this program writes. */
  readonly format: number
  /** From the decoded JSON, whose `format` is at most the own one. Throws where it is damaged. */
  readonly decode: (json: unknown, format: number) => T
}

/**
 * Reads a JSON file `{"format": n, …}`. A file that is damaged or of a newer format is renamed beside its place, so that nothing overwrites
 * it, and that is reported.
 *
 * @param now milliseconds since the epoch, for the name of what is set aside
 */
export async function readVersionedFile<T>(
  path: string,
  format: VersionedFormat<T>,
  now: number,
): Promise<VersionedRead<T>> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return { kind: 'absent' }
    throw error
  }
  let reason: 'newer' | 'damaged' = 'damaged'
  let detail: string
  try {
    const json: unknown = JSON.parse(text)
    const found = formatOf(json)
    if (found <= format.format) return { kind: 'read', value: format.decode(json, found) }
    reason = 'newer'
    detail = `it has format ${found}, this netpol-lab knows formats up to ${format.format}`
  } catch (error) {
    detail = error instanceof Error ? error.message : String(error)
  }
  return { kind: 'set-aside', reason, keptAs: await setAside(path, reason, now), detail }
}

function formatOf(json: unknown): number {
  const format =
    typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined
  if (typeof format !== 'number' || !Number.isInteger(format) || format < 1) {
    throw new Error('it has no format number')
  }
  return format
}

/** Renames a file to `<path>.<reason>-<time>`, never onto another one. Returns the new path. */
export async function setAside(path: string, reason: string, now: number): Promise<string> {
  const time = new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')
  for (let turn = 1; ; turn++) {
    const keptAs = `${path}.${reason}-${time}${turn === 1 ? '' : `-${turn}`}`
    try {
      await readFile(keptAs)
    } catch (error) {
      if (!isNodeError(error, 'ENOENT')) throw error
      await rename(path, keptAs)
      return keptAs
    }
  }
}
