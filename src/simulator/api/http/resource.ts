import type { AnyKubeObject, Pod } from '../../../kube/objects.ts'
import { type ApiRequest, type ApiResponse, json } from '../request.ts'
import { errors } from '../status.ts'
import { formatOf } from './accept.ts'
import { deleteCollection, deleteObject } from './delete-object.ts'
import { logResponse } from './logs.ts'
import { portForwardOf } from './port-forward.ts'
import { booleanOf } from './query.ts'
import { getObject, listResponse, objectResponse, watchResponse } from './read.ts'
import { remoteCommandOf } from './remote-command.ts'
import type { Route } from './route.ts'
import { bindPod, evictPod, readScale, writeScale } from './subresources.ts'
import { type ResourceOptions, Target } from './target.ts'
import { requestToken } from './token-request.ts'
import { warningHeaders } from './warning-headers.ts'
import { createObject, patchObject, replaceObject } from './write-object.ts'

/** One request about stored objects. */
export function createResourceHandler(options: ResourceOptions) {
  const handle = (request: ApiRequest, route: Route): Promise<ApiResponse> => {
    const target = new Target(route)
    if (route.subresource !== undefined) {
      return handleSubresource(request, target, route.subresource, options)
    }
    return route.name === undefined
      ? handleCollection(request, target, options)
      : handleObject(request, target, route.name, options)
  }
  return async (request: ApiRequest, route: Route): Promise<ApiResponse> => {
    const { warning } = route.served
    // A log is text, whatever the client would rather have.
    if (route.subresource !== 'log') formatOf(request.headers.accept)
    const response = await handle(request, route)
    if (warning === undefined) return response
    const given = response.headers.warning ?? []
    const texts = typeof given === 'string' ? [given] : given
    const own = warningHeaders([warning]).warning ?? []
    return { ...response, headers: { ...response.headers, warning: [...own, ...texts] } }
  }
}

async function handleCollection(
  request: ApiRequest,
  target: Target,
  options: ResourceOptions,
): Promise<ApiResponse> {
  const { context } = options
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return booleanOf(request.query, 'watch')
        ? watchResponse(
            request,
            target.served,
            { namespace: target.namespace, name: undefined },
            context,
          )
        : listResponse(request, target.served, target.namespace, context)
    case 'POST':
      return createObject(request, target, options)
    case 'DELETE':
      return deleteCollection(request, target, options)
    default:
      throw errors.methodNotAllowed()
  }
}

async function handleObject(
  request: ApiRequest,
  target: Target,
  name: string,
  options: ResourceOptions,
): Promise<ApiResponse> {
  const { context } = options
  if (target.info.namespaced && target.namespace === undefined) throw errors.noSuchPath()
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      if (booleanOf(request.query, 'watch')) {
        return watchResponse(request, target.served, { namespace: target.namespace, name }, context)
      }
      return objectResponse(
        request,
        getObject(context.store, target.served, target.key, name),
        target.served,
        context,
      )
    case 'PUT':
      return replaceObject(request, target, name, options)
    case 'PATCH':
      return patchObject(request, target, name, options)
    case 'DELETE':
      return deleteObject(request, target, name, options)
    default:
      throw errors.methodNotAllowed()
  }
}

async function handleSubresource(
  request: ApiRequest,
  target: Target,
  subresource: string,
  options: ResourceOptions,
): Promise<ApiResponse> {
  const { context } = options
  const { info, served, name = '' } = target
  const { method } = request
  if (info.namespaced && target.namespace === undefined) throw errors.noSuchPath()
  const current = () => getObject(context.store, served, target.key, name)
  switch (subresource) {
    case 'status':
    case 'ephemeralcontainers':
      if (method === 'GET' || method === 'HEAD')
        return objectResponse(request, current(), served, context)
      if (method === 'PUT') return replaceObject(request, target, name, options, subresource)
      if (method === 'PATCH') return patchObject(request, target, name, options, subresource)
      throw errors.methodNotAllowed()
    case 'finalize':
      if (method !== 'PUT') throw errors.methodNotAllowed()
      return replaceObject(request, target, name, options, 'finalize')
    case 'scale':
      if (method === 'GET' || method === 'HEAD') return json(200, readScale(current(), served))
      return writeScale(request, current(), served, options)
    case 'log':
      if (method !== 'GET') throw errors.methodNotAllowed()
      return logResponse(request, current() as AnyKubeObject & Pod, options.node)
    case 'eviction':
      if (method !== 'POST') throw errors.methodNotAllowed()
      return evictPod(request, current(), options)
    case 'binding':
      if (method !== 'POST') throw errors.methodNotAllowed()
      return bindPod(request, current(), options)
    case 'token':
      if (method !== 'POST') throw errors.methodNotAllowed()
      return requestToken(request, current(), options)
    case 'exec':
    case 'attach':
    case 'portforward':
      if (method !== 'GET' && method !== 'POST') throw errors.methodNotAllowed()
      current()
      // What is wrong with the request itself comes first.
      if (request.headers.upgrade !== undefined) {
        const { served, namespace } = target
        const route = { served, namespace, name, subresource }
        if (subresource === 'portforward') portForwardOf(request, route, options)
        else remoteCommandOf(request, route, options)
      }
      throw errors.badRequest(
        request.headers.upgrade === undefined
          ? 'Upgrade request required'
          : `unable to upgrade: ${subresource} goes on over websocket or SPDY/3.1, not over ${request.headers.upgrade}`,
      )
    default:
      throw errors.noSuchPath()
  }
}
