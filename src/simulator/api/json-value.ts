/**
 * `next` with every part that equals the same part of `previous` taken from there: what did not change is kept once, and is told from
 * what did by identity. `undefined` fields are dropped.
 */
export function sharedWith<T>(previous: unknown, next: T): T {
  if (Object.is(previous, next)) return next
  if (typeof next !== 'object' || next === null) return next
  const before = typeof previous === 'object' && previous !== null ? previous : {}
  // Parts are replaced by equal ones alone, so the type stays.
  return (Array.isArray(next) ? sharedList(before, next) : sharedRecord(before, next)) as T
}

function sharedList(before: object, next: readonly unknown[]): readonly unknown[] {
  const known: readonly unknown[] = Array.isArray(before) ? before : []
  const list = next.map((item, index) => sharedWith(known[index], item))
  const isSame =
    Array.isArray(before) &&
    known.length === list.length &&
    list.every((item, index) => Object.is(item, known[index]))
  return isSame ? known : list
}

function sharedRecord(before: object, next: object): object {
  const known = new Map(Array.isArray(before) ? [] : Object.entries(before))
  const result: Record<string, unknown> = {}
  let isSame = !Array.isArray(before)
  let size = 0
  for (const [key, value] of Object.entries(next)) {
    if (value === undefined) continue
    const inner = sharedWith(known.get(key), value)
    if (!Object.is(inner, known.get(key))) isSame = false
    size += 1
    if (key === '__proto__') define(result, key, inner)
    else result[key] = inner
  }
  return isSame && size === known.size ? before : result
}

/** A copy that may be changed; `undefined` fields are dropped. */
export function cloneJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  // A JSON value has no other prototypes, so a plain copy is of the same type.
  return copy(value) as T
}

function copy(value: object): unknown {
  if (Array.isArray(value)) return value.map((item) => cloneJson(item))
  const result: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue
    if (key === '__proto__') {
      define(result, key, cloneJson(inner))
    } else {
      result[key] = cloneJson(inner)
    }
  }
  return result
}

/** Sets a field whatever its name is. */
function define(record: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(record, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}
