import type { ApiContext } from '../context.ts'
import type { ApiRequest } from '../request.ts'
import { errors } from '../status.ts'
import { accessOf } from './access.ts'
import { booleanOf } from './query.ts'
import { userOf } from './reviews.ts'
import type { Route } from './route.ts'

const VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/**
 * Lets an impersonated user (`kubectl --as`) do what the stored roles and bindings allow. Everybody else is the administrator.
 * @throws ApiError 403
 */
export function authorize(
  request: ApiRequest,
  route: Route | undefined,
  context: ApiContext,
): void {
  if (request.headers['impersonate-user'] === undefined) return
  const user = userOf(request)
  const verb = verbOf(request, route)
  if (route === undefined) {
    const asked = { nonResourceAttributes: { verb, path: request.path } }
    const { allowed, reason } = accessOf(user, asked, context.store)
    if (allowed) return
    throw errors.forbiddenPath(
      withReason(
        `User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(request.path)}`,
        reason,
      ),
    )
  }
  const { info } = route.served
  const { group, plural } = info
  const { name = '', namespace = '', subresource = '' } = route
  const asked = {
    resourceAttributes: { verb, group, resource: plural, subresource, namespace, name },
  }
  const { allowed, reason } = accessOf(user, asked, context.store)
  if (allowed) return
  const resource = subresource === '' ? plural : `${plural}/${subresource}`
  const where =
    namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  const why = `User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(group)} ${where}`
  throw errors.forbidden(info, name, withReason(why, reason))
}

/** A role of a binding that is not there may be why. */
function withReason(why: string, reason: string | undefined): string {
  return reason === undefined ? why : `${why}: ${reason}`
}

function verbOf(request: ApiRequest, route: Route | undefined): string {
  const verb = VERBS[request.method] ?? request.method.toLowerCase()
  if (route === undefined || route.name !== undefined) return verb
  if (verb === 'get') return booleanOf(request.query, 'watch') ? 'watch' : 'list'
  return verb === 'delete' ? 'deletecollection' : verb
}
