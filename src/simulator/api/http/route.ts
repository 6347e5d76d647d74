import { type KindInfo, kindOfResource } from '../../../kube/kinds.ts'
import { errors } from '../status.ts'

/** What a path below `/api` or `/apis` means. */
export interface Route {
  readonly info: KindInfo
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: string | undefined
}

/**
 * Reads a resource path: `/api/v1/namespaces/default/pods/web/log`. Undefined where it is none, or nothing is served there.
 * @throws ApiError 400 for a path with broken percent-encoding
 */
export function parseRoute(path: string): Route | undefined {
  const parts = decodeParts(path)
  const [root] = parts
  const rest = root === 'api' ? parts.slice(2) : root === 'apis' ? parts.slice(3) : []
  const apiVersion = root === 'api' ? (parts[1] ?? '') : `${parts[1] ?? ''}/${parts[2] ?? ''}`
  if (rest.length === 0 || rest.includes('')) return undefined
  const [first, second, third, ...more] = rest
  if (first === 'namespaces' && second !== undefined && third !== undefined) {
    // `namespaces/x/status` is a subresource, `namespaces/x/pods` a resource.
    const info = kindOfResource(apiVersion, third)
    if (info !== undefined) {
      return info.namespaced ? routeOf(info, second, more) : undefined
    }
  }
  const info = kindOfResource(apiVersion, first ?? '')
  if (info === undefined) return undefined
  if (info.namespaced && second !== undefined) return undefined
  return routeOf(info, undefined, rest.slice(1))
}

function routeOf(
  info: KindInfo,
  namespace: string | undefined,
  rest: readonly string[],
): Route | undefined {
  const [name, subresource, ...more] = rest
  if (more.length > 0) return undefined
  if (subresource !== undefined && !info.subresources.some((entry) => entry.name === subresource)) {
    return undefined
  }
  return { info, namespace, name, subresource }
}

/** The parts of a path, decoded. */
export function decodeParts(path: string): readonly string[] {
  try {
    return path.split('/').slice(1).map(decodeURIComponent)
  } catch {
    throw errors.badRequest('the path is not valid percent-encoding')
  }
}
