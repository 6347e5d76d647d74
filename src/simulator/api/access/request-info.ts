import type { ResourceRequest } from './authorize.ts'

/** What a request asks for, as authorization sees it. */
export type RequestInfo =
  | ({ readonly kind: 'resource' } & ResourceRequest)
  | { readonly kind: 'path'; readonly verb: string; readonly path: string }

const VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}
/** What stands below a namespace's own name and is a part of it. */
const OF_NAMESPACES: ReadonlySet<string> = new Set(['status', 'finalize'])

/**
 * Reads a request by its path alone, whether or not anything is served there: models RequestInfoFactory of k8s.io/apiserver.
 *
 * @param parts of the path, decoded
 */
export function requestInfoOf(
  request: { readonly method: string; readonly path: string; readonly query: URLSearchParams },
  parts: readonly string[],
): RequestInfo {
  const { method, path, query } = request
  const [root, ...below] = parts.at(-1) === '' ? parts.slice(0, -1) : parts
  const group = root === 'apis' ? (below[0] ?? '') : ''
  const rest = root === 'api' ? below.slice(1) : root === 'apis' ? below.slice(2) : []
  if (rest.length === 0) return { kind: 'path', verb: method.toLowerCase(), path }
  const plain = VERBS[method] ?? ''
  const isBelowNamespace = rest[0] === 'namespaces' && rest.length > 1
  const namespace = isBelowNamespace ? (rest[1] ?? '') : ''
  const isPartOfNamespace = isBelowNamespace && rest.length > 2 && !OF_NAMESPACES.has(rest[2] ?? '')
  const [resource = '', name = '', subresource = ''] = isPartOfNamespace ? rest.slice(2) : rest
  const isWatch = ['true', '1'].includes(query.get('watch') ?? '')
  const verb =
    name !== ''
      ? plain
      : plain === 'get'
        ? isWatch
          ? 'watch'
          : 'list'
        : plain === 'delete'
          ? 'deletecollection'
          : plain
  return { kind: 'resource', verb, group, resource, subresource, namespace, name }
}
