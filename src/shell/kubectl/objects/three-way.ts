import { isRecord } from '../values.ts'

/**
 * Lists that are maps by a key of their items, and lists of plain values that merge, as the Go types' patch tags say
 * (`patchMergeKey`, `patchStrategy=merge`). A list that is not named here is replaced as a whole.
 */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  conditions: 'type',
  containers: 'name',
  ephemeralContainers: 'name',
  initContainers: 'name',
  env: 'name',
  hostAliases: 'ip',
  imagePullSecrets: 'name',
  ownerReferences: 'uid',
  topologySpreadConstraints: 'topologyKey',
  volumeDevices: 'devicePath',
  volumeMounts: 'mountPath',
  volumes: 'name',
}
const MERGED_VALUES: ReadonlySet<string> = new Set(['finalizers'])

/** Kinds of the cluster that have no such tags: their lists are always replaced. */
export interface ThreeWayOptions {
  readonly kind: string
  readonly lists: 'by-key' | 'replaced'
}

/**
 * What the live object becomes when `modified` is applied over what was applied last: what `modified` says is
 * set, what only `original` said is removed, the rest stays (`strategicpatch.CreateThreeWayMergePatch`).
 */
export function mergeThreeWay(
  original: unknown,
  modified: unknown,
  live: unknown,
  options: ThreeWayOptions,
): unknown {
  return merge(original, modified, live, '', options)
}

function merge(
  original: unknown,
  modified: unknown,
  live: unknown,
  field: string,
  options: ThreeWayOptions,
): unknown {
  if (isRecord(modified)) {
    const before = isRecord(original) ? original : {}
    const now: Record<string, unknown> = isRecord(live) ? { ...live } : {}
    for (const key of Object.keys(before)) {
      if (!(key in modified)) delete now[key]
    }
    for (const [key, value] of Object.entries(modified)) {
      if (value === null) delete now[key]
      else now[key] = merge(before[key], value, now[key], key, options)
    }
    return now
  }
  if (Array.isArray(modified)) return mergeList(original, modified, live, field, options)
  return modified
}

function mergeList(
  original: unknown,
  modified: readonly unknown[],
  live: unknown,
  field: string,
  options: ThreeWayOptions,
): unknown {
  const now: readonly unknown[] = Array.isArray(live) ? live : []
  const before: readonly unknown[] = Array.isArray(original) ? original : []
  if (options.lists === 'by-key' && MERGED_VALUES.has(field)) {
    const kept = now.filter((item) => modified.includes(item) || !before.includes(item))
    return [...kept, ...modified.filter((item) => !kept.includes(item))]
  }
  const key = options.lists === 'by-key' ? mergeKey(field, options.kind, modified) : undefined
  if (key === undefined) return modified
  const find = (list: readonly unknown[], id: unknown) =>
    list.find((item) => isRecord(item) && item[key] === id)
  const named = modified.filter(isRecord)
  const merged = named.map((item) =>
    merge(find(before, item[key]), item, find(now, item[key]), '', options),
  )
  // What neither file names stays: another manager put it there.
  const strangers = now.filter(
    (item) =>
      isRecord(item) &&
      find(named, item[key]) === undefined &&
      find(before, item[key]) === undefined,
  )
  return [...merged, ...strangers]
}

function mergeKey(field: string, kind: string, items: readonly unknown[]): string | undefined {
  // Only ports of containers and services merge by key; those of policies and slices are atomic.
  if (field === 'ports') {
    if (kind === 'NetworkPolicy' || kind === 'EndpointSlice') return undefined
    return items.some((item) => isRecord(item) && 'containerPort' in item)
      ? 'containerPort'
      : 'port'
  }
  return MERGE_KEYS[field]
}

/** The JSON merge patch that turns one object into another; `{}` where they are equal. */
export function createMergePatch(from: unknown, to: unknown): Record<string, unknown> {
  const patch: Record<string, unknown> = {}
  if (!isRecord(from) || !isRecord(to)) return patch
  for (const key of Object.keys(from)) {
    if (!(key in to)) patch[key] = null
  }
  for (const [key, value] of Object.entries(to)) {
    const old = from[key]
    if (isRecord(old) && isRecord(value)) {
      const inner = createMergePatch(old, value)
      if (Object.keys(inner).length > 0) patch[key] = inner
    } else if (!sameJson(old, value)) patch[key] = value
  }
  return patch
}

/** Deep equality of JSON values; the order of an object's keys does not count. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]))
  }
  if (isRecord(a) && isRecord(b)) {
    const keys = Object.keys(a)
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => key in b && sameJson(a[key], b[key]))
    )
  }
  return a === b
}
