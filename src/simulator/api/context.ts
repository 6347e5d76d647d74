import type { Clock } from '../../base/clock.ts'
import type { AccountTokens } from './access/account-tokens.ts'
import type { Kinds } from './kinds/served-kind.ts'
import type { Store } from './store.ts'

/** What the rules of the API need from outside: time, chance and the objects that are there already. */
export interface ApiContext {
  readonly clock: Clock
  readonly randomBytes: (length: number) => Uint8Array
  readonly store: Store
  /** What is served; custom kinds come and go. */
  readonly kinds: Kinds
  /** Of service accounts. */
  readonly tokens: AccountTokens
}

/** Time as objects carry it: RFC 3339, whole seconds. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** Without vowels and easily confused signs, as k8s.io/apimachinery util/rand. */
const SUFFIX_SIGNS = 'bcdfghjklmnpqrstvwxz2456789'

/** A random part of a name, such as `x7k2p`. */
export function randomSuffix(randomBytes: ApiContext['randomBytes'], length = 5): string {
  return [...randomBytes(length)].map((byte) => SUFFIX_SIGNS[byte % SUFFIX_SIGNS.length]).join('')
}

/** A random (version 4) UUID. */
export function randomUid(randomBytes: ApiContext['randomBytes']): string {
  const bytes = randomBytes(16)
  const hex = [...bytes].map((byte, index) => {
    const fixed = index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte
    return fixed.toString(16).padStart(2, '0')
  })
  const part = (from: number, to: number) => hex.slice(from, to).join('')
  return [part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 16)].join('-')
}
