import { sameJson } from '../../../kube/same-json.ts'
import { isPlainObject } from '../schema/decode.ts'
import type { FieldType, StructType } from '../schema/schema.ts'
import { errors } from '../status.ts'

/**
 * Strategic merge patch: as a merge patch, but lists with a merge key merge item by item. Knows `$patch: delete|replace`,
 * `$deleteFromPrimitiveList/…`, `$setElementOrder/…` and `$retainKeys`. Models k8s.io/apimachinery util/strategicpatch.
 *
 * @param struct what the target is; undefined where nothing is known of it
 * @throws ApiError 400 for a directive or an item that makes no sense
 */
export function strategicMergePatch(
  struct: StructType | undefined,
  target: unknown,
  patch: unknown,
): unknown {
  if (!isPlainObject(patch)) return patch
  const directive = patch.$patch
  if (directive === 'replace') return without(patch, '$patch')
  if (directive === 'delete') return {}
  if (directive !== undefined && directive !== 'merge') {
    throw errors.badRequest(`Unknown patch type found: map[$patch:${String(directive)}]`)
  }
  const result: Record<string, unknown> = isPlainObject(target) ? { ...target } : {}
  retainKeys(result, patch)
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$') || key === '__proto__') continue
    const type = struct?.fields.get(key)?.type
    if (value === null) {
      delete result[key]
      continue
    }
    result[key] = mergeField(type, result[key], value)
  }
  for (const [key, value] of Object.entries(patch)) {
    const deleted = /^\$deleteFromPrimitiveList\/(.*)$/.exec(key)?.[1]
    if (deleted === undefined || !Array.isArray(value)) continue
    const list = result[deleted]
    if (Array.isArray(list)) {
      result[deleted] = list.filter((item) => !value.some((gone) => sameJson(gone, item)))
    }
  }
  for (const [key, order] of Object.entries(patch)) {
    const field = /^\$setElementOrder\/(.*)$/.exec(key)?.[1]
    if (field === undefined || !Array.isArray(order)) continue
    const list = result[field]
    if (Array.isArray(list)) {
      result[field] = inOrder(list, order, patchKeyOf(struct?.fields.get(field)?.type))
    }
  }
  return result
}

function patchKeyOf(type: FieldType | undefined): string | undefined {
  return type?.type === 'list' ? type.patchKey : undefined
}

function mergeField(type: FieldType | undefined, target: unknown, value: unknown): unknown {
  if (type?.type === 'struct') return strategicMergePatch(type, target, value)
  if (type?.type === 'map') return mergeMap(type.values, target, value)
  if (type?.type === 'list' && Array.isArray(value)) {
    const { patchKey, items } = type
    if (patchKey === undefined) return withoutDirectives(value)
    const current = Array.isArray(target) ? target : []
    if (patchKey === '') {
      return [
        ...current,
        ...value.filter((item) => !current.some((other) => sameJson(other, item))),
      ]
    }
    return mergeList(items.type === 'struct' ? items : undefined, patchKey, current, value)
  }
  return value
}

function mergeMap(values: FieldType, target: unknown, patch: unknown): unknown {
  if (!isPlainObject(patch)) return patch
  if (patch.$patch === 'replace') return without(patch, '$patch')
  const result: Record<string, unknown> = isPlainObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (key === '$patch' || key === '__proto__') continue
    if (value === null) delete result[key]
    else {
      result[key] =
        values.type === 'struct' ? strategicMergePatch(values, result[key], value) : value
    }
  }
  return result
}

function mergeList(
  struct: StructType | undefined,
  key: string,
  target: readonly unknown[],
  patch: readonly unknown[],
): unknown[] {
  const replaced = patch.some((item) => isPlainObject(item) && item.$patch === 'replace')
  let result: unknown[] = replaced ? [] : [...target]
  for (const item of patch) {
    if (!isPlainObject(item)) {
      throw errors.badRequest(`map: map[] does not contain declared merge key: ${key}`)
    }
    if (item.$patch === 'replace') continue
    const id = item[key]
    if (id === undefined) {
      throw errors.badRequest(
        `map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`,
      )
    }
    const at = result.findIndex((other) => isPlainObject(other) && sameJson(other[key], id))
    if (item.$patch === 'delete') {
      result = result.filter((other) => !(isPlainObject(other) && sameJson(other[key], id)))
    } else if (at === -1) {
      result.push(strategicMergePatch(struct, undefined, item))
    } else {
      result[at] = strategicMergePatch(struct, result[at], item)
    }
  }
  return result
}

/** `$setElementOrder`: listed items in that order, others stay behind the one they followed. */
function inOrder(
  list: readonly unknown[],
  order: readonly unknown[],
  key: string | undefined,
): unknown[] {
  const idOf = (item: unknown) =>
    key !== undefined && key !== '' && isPlainObject(item) ? item[key] : item
  const rank = (item: unknown) => order.findIndex((entry) => sameJson(idOf(entry), idOf(item)))
  const listed = list.filter((item) => rank(item) !== -1).sort((a, b) => rank(a) - rank(b))
  const result = [...listed]
  for (const [index, item] of list.entries()) {
    if (rank(item) !== -1) continue
    const before = list[index - 1]
    const at = before === undefined ? 0 : result.indexOf(before) + 1
    result.splice(at, 0, item)
  }
  return result
}

function retainKeys(result: Record<string, unknown>, patch: Record<string, unknown>): void {
  const keys = patch.$retainKeys
  if (!Array.isArray(keys)) return
  for (const key of Object.keys(result)) if (!keys.includes(key)) delete result[key]
}

function withoutDirectives(list: readonly unknown[]): unknown[] {
  return list
    .filter((item) => !(isPlainObject(item) && item.$patch !== undefined))
    .map((item) => item)
}

function without(value: Record<string, unknown>, key: string): Record<string, unknown> {
  const { [key]: _gone, ...rest } = value
  return rest
}
