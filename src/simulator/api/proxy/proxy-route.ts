import type { Kinds, ServedKind } from '../kinds/served-kind.ts'
import { errors } from '../status.ts'

/** What a path below `proxy` of a pod, a service or a node means. */
export interface ProxyRoute {
  readonly served: ServedKind
  readonly namespace: string | undefined
  /** `web`, `web:80` or `https:web:443`. */
  readonly name: string
  readonly subresource: 'proxy'
  /** The path to hand on, still percent-encoded, with its slash; empty where the request ended at `proxy`. */
  readonly rest: string
  /** The path of the request up to there. */
  readonly prefix: string
}

const PATH = /^(\/api\/v1\/(?:namespaces\/([^/]+)\/(pods|services)|nodes)\/([^/]+)\/proxy)(\/.*)?$/s

/**
 * Reads a path such as `/api/v1/namespaces/default/services/web:80/proxy/index.html`; undefined where it is none.
 * @throws ApiError 400 for a path with broken percent-encoding
 */
export function parseProxyRoute(path: string, kinds: Kinds): ProxyRoute | undefined {
  const match = PATH.exec(path)
  if (match === null) return undefined
  const [, prefix = '', namespace, plural = 'nodes', name = '', rest = ''] = match
  const served = kinds.at('v1', plural)
  if (served === undefined) return undefined
  return {
    served,
    namespace: namespace === undefined ? undefined : decoded(namespace),
    name: decoded(name),
    subresource: 'proxy',
    rest,
    prefix,
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw errors.badRequest('the path is not valid percent-encoding')
  }
}
