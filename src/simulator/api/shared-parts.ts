/** So many different parts are remembered at least; those that come again stay. */
const LIMIT = 256

/** Trees of records, such as the `fieldsV1` of `metadata.managedFields`, that are kept once for all who have the same. */
export interface SharedParts {
  /** The same tree, of parts that were given out before wherever there are equal ones. What it returns is not to be changed. */
  of(tree: object): object
}

interface Part {
  readonly tree: object
  readonly id: number
}

/**
 * Thousands of pods are written by the same few controllers, and the sets of fields that one of them owns differ in little: in an
 * address, or in the uid of an owner. What does not come again is forgotten.
 *
 * @param limit how many parts are remembered; up to twice as many for a while. @default 256
 */
export function createSharedParts(limit = LIMIT): SharedParts {
  let recent = new Map<string, Part>()
  let older = new Map<string, Part>()
  let last = 0
  /** Of trees that cannot change any more: they need not be looked at again. */
  const settled = new WeakMap<object, Part>()

  const share = (tree: object): Part => {
    const seen = settled.get(tree)
    if (seen !== undefined) return seen
    let key = ''
    const entries = Object.entries(tree).map(([name, value]): readonly [string, unknown] => {
      const part = isRecord(value) ? share(value) : undefined
      key += `${JSON.stringify(name)}:${part === undefined ? JSON.stringify(value) : `#${part.id}`},`
      return [name, part === undefined ? value : part.tree]
    })
    const known = recent.get(key) ?? older.get(key)
    const part = known ?? { tree: Object.freeze(Object.fromEntries(entries)), id: ++last }
    recent.set(key, part)
    settled.set(part.tree, part)
    if (Object.isFrozen(tree)) settled.set(tree, part)
    if (recent.size > limit) {
      older = recent
      recent = new Map()
    }
    return part
  }
  return { of: (tree) => share(tree).tree }
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
