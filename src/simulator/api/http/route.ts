import type { Kinds, ServedKind } from '../kinds/served-kind.ts'
import { errors } from '../status.ts'

/** What a path below `/api` or `/apis` means. */
export interface Route {
  readonly served: ServedKind
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: string | undefined
}

/**
 * Reads a resource path: `/api/v1/namespaces/default/pods/web/log`. Undefined where it is none, or nothing is served there.
 * @throws ApiError 400 for a path with broken percent-encoding
 */
export function parseRoute(path: string, kinds: Kinds): Route | undefined {
  const parts = decodeParts(path)
  const [root] = parts
  const rest = root === 'api' ? parts.slice(2) : root === 'apis' ? parts.slice(3) : []
  const apiVersion = root === 'api' ? (parts[1] ?? '') : `${parts[1] ?? ''}/${parts[2] ?? ''}`
  if (rest.length === 0 || rest.includes('')) return undefined
  const [first, second, third, ...more] = rest
  if (first === 'namespaces' && second !== undefined && third !== undefined) {
    // `namespaces/x/status` is a subresource, `namespaces/x/pods` a resource.
    const served = kinds.at(apiVersion, third)
    if (served !== undefined) {
      return served.info.namespaced ? routeOf(served, second, more) : undefined
    }
  }
  const served = kinds.at(apiVersion, first ?? '')
  if (served === undefined) return undefined
  if (served.info.namespaced && second !== undefined) return undefined
  return routeOf(served, undefined, rest.slice(1))
}

function routeOf(
  served: ServedKind,
  namespace: string | undefined,
  rest: readonly string[],
): Route | undefined {
  const [name, subresource, ...more] = rest
  if (more.length > 0) return undefined
  if (
    subresource !== undefined &&
    !served.info.subresources.some((entry) => entry.name === subresource)
  ) {
    return undefined
  }
  return { served, namespace, name, subresource }
}

/** The parts of a path, decoded. */
export function decodeParts(path: string): readonly string[] {
  try {
    return path.split('/').slice(1).map(decodeURIComponent)
  } catch {
    throw errors.badRequest('the path is not valid percent-encoding')
  }
}
