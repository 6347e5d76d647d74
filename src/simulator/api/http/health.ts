import { type ApiRequest, type ApiResponse, text } from '../request.ts'
import { errors } from '../status.ts'

/**
 * What is looked at, of the checks of a real server those that have something here to look at. They run in the process that answers, so
 * whoever gets an answer gets a good one.
 */
const CHECKS = {
  healthz: [
    'ping',
    'log',
    'etcd',
    'poststarthook/crd-informer-synced',
    'poststarthook/rbac/bootstrap-roles',
  ],
  livez: [
    'ping',
    'log',
    'etcd',
    'poststarthook/crd-informer-synced',
    'poststarthook/rbac/bootstrap-roles',
  ],
  readyz: [
    'ping',
    'log',
    'etcd',
    'etcd-readiness',
    'informer-sync',
    'poststarthook/crd-informer-synced',
    'poststarthook/rbac/bootstrap-roles',
    'shutdown',
  ],
} as const

type Root = keyof typeof CHECKS

/** The paths of the single checks. */
export const CHECK_PATHS: Readonly<Record<Root, readonly string[]>> = {
  healthz: pathsOf('healthz'),
  livez: pathsOf('livez'),
  readyz: pathsOf('readyz'),
}

function pathsOf(root: Root): readonly string[] {
  return CHECKS[root].map((name) => `/${root}/${name}`).sort()
}

/**
 * `/healthz`, `/livez` and `/readyz`, with `?verbose` and `?exclude=`, and each check by itself. Undefined for other paths. Models
 * k8s.io/apiserver pkg/server/healthz.
 * @throws ApiError 405
 */
export function healthResponse({ path, method, query }: ApiRequest): ApiResponse | undefined {
  const [, name = '', check = ''] = /^\/(healthz|livez|readyz)(?:\/(.*?))?\/?$/.exec(path) ?? []
  const root = (['healthz', 'livez', 'readyz'] as const).find((known) => known === name)
  if (root === undefined) return undefined
  if (check !== '' && !CHECKS[root].some((known) => known === check)) return undefined
  if (method !== 'GET' && method !== 'HEAD') throw errors.methodNotAllowed()
  if (check !== '' || !query.has('verbose')) return text(200, 'ok')
  const excluded = new Set(query.getAll('exclude').filter((entry) => entry !== ''))
  const lines = CHECKS[root].map((known) =>
    excluded.delete(known) ? `[+]${known} excluded: ok` : `[+]${known} ok`,
  )
  if (excluded.size > 0) {
    const names = [...excluded].sort().map((entry) => JSON.stringify(entry))
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names.join(', ')}`)
  }
  return text(200, `${[...lines, `${root} check passed`].join('\n')}\n`)
}
