/** Whether two JSON values are equal; order of keys does not matter, `undefined` fields count as absent. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => sameJson(item, b[index]))
    )
  }
  const left = Object.entries(a).filter(([, value]) => value !== undefined)
  const right = new Map(Object.entries(b).filter(([, value]) => value !== undefined))
  return (
    left.length === right.size &&
    left.every(([key, value]) => right.has(key) && sameJson(value, right.get(key)))
  )
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
      Object.defineProperty(result, key, {
        value: cloneJson(inner),
        enumerable: true,
        writable: true,
        configurable: true,
      })
    } else {
      result[key] = cloneJson(inner)
    }
  }
  return result
}
