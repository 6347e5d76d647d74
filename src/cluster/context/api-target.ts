/** What a request to the Kubernetes API is about, read from its path. */
export interface ApiTarget {
  /** Empty for the core group. */
  readonly group: string
  readonly apiVersion: string
  /** Absent for what belongs to the cluster. */
  readonly namespace: string | undefined
  readonly plural: string
  readonly name: string | undefined
  readonly subresource: string | undefined
}

/** `undefined` for a path outside of `/api` and `/apis/…`. */
export function parseApiPath(path: string): ApiTarget | undefined {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent)
  const core = parts[0] === 'api'
  if (!core && parts[0] !== 'apis') return undefined
  const [version, ...rest] = parts.slice(core ? 1 : 2)
  const group = core ? '' : (parts[1] ?? '')
  if (version === undefined) return undefined
  const base = { group, apiVersion: core ? version : `${group}/${version}` }
  const [first, second, third] = rest
  if (first === undefined) return undefined
  // `namespaces/shop/status` is the namespace's own, `namespaces/shop/pods` is in it.
  const inside =
    core && first === 'namespaces'
      ? third !== 'status' && third !== 'finalize'
      : first === 'namespaces'
  if (inside && second !== undefined && third !== undefined) {
    return { ...base, namespace: second, plural: third, name: rest[3], subresource: rest[4] }
  }
  return { ...base, namespace: undefined, plural: first, name: second, subresource: third }
}
