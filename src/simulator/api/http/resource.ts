import type { AnyKubeObject, Pod } from '../../../kube/objects.ts'
import { type ApiRequest, type ApiResponse, json } from '../request.ts'
import { errors } from '../status.ts'
import { isKindName } from '../strategies/strategies.ts'
import { deleteCollection, deleteObject } from './delete-object.ts'
import { logResponse } from './logs.ts'
import { booleanOf } from './query.ts'
import { getObject, listResponse, objectResponse, watchResponse } from './read.ts'
import type { Route } from './route.ts'
import { bindPod, evictPod, readScale, writeScale } from './subresources.ts'
import { type ResourceOptions, Target } from './target.ts'
import { createObject, patchObject, replaceObject } from './write-object.ts'

/** One request about stored objects. */
export function createResourceHandler(options: ResourceOptions) {
  return async (request: ApiRequest, route: Route): Promise<ApiResponse> => {
    const { kind } = route.info
    if (!isKindName(kind)) throw errors.noSuchPath()
    const target = new Target(kind, route)
    if (route.subresource !== undefined) {
      return handleSubresource(request, target, route.subresource, options)
    }
    return route.name === undefined
      ? handleCollection(request, target, options)
      : handleObject(request, target, route.name, options)
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
            target.kind,
            { namespace: target.namespace, name: undefined },
            context,
          )
        : listResponse(request, target.kind, target.namespace, context)
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
        return watchResponse(request, target.kind, { namespace: target.namespace, name }, context)
      }
      return objectResponse(
        request,
        getObject(context.store, target.info, target.kind, target.key, name),
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
  const { info, kind, name = '' } = target
  const { method } = request
  if (info.namespaced && target.namespace === undefined) throw errors.noSuchPath()
  const current = () => getObject(context.store, info, kind, target.key, name)
  switch (subresource) {
    case 'status':
    case 'ephemeralcontainers':
      if (method === 'GET' || method === 'HEAD') return objectResponse(request, current(), context)
      if (subresource === 'ephemeralcontainers') {
        throw errors.notSimulated(501, 'ephemeral containers (kubectl debug) are not simulated')
      }
      if (method === 'PUT') return replaceObject(request, target, name, options, 'status')
      if (method === 'PATCH') return patchObject(request, target, name, options, 'status')
      throw errors.methodNotAllowed()
    case 'finalize':
      if (method !== 'PUT') throw errors.methodNotAllowed()
      return replaceObject(request, target, name, options, 'finalize')
    case 'scale':
      if (method === 'GET' || method === 'HEAD') return json(200, readScale(current()))
      return writeScale(request, current(), options)
    case 'log':
      if (method !== 'GET') throw errors.methodNotAllowed()
      return logResponse(request, current() as AnyKubeObject & Pod, options.node)
    case 'eviction':
      if (method !== 'POST') throw errors.methodNotAllowed()
      return evictPod(request, current(), options)
    case 'binding':
      if (method !== 'POST') throw errors.methodNotAllowed()
      return bindPod(request, current(), options)
    case 'exec':
    case 'attach':
      if (method !== 'GET' && method !== 'POST') throw errors.methodNotAllowed()
      current()
      throw errors.badRequest(
        request.headers.upgrade === undefined
          ? 'Upgrade request required'
          : `unable to upgrade: only WebSocket is supported for ${subresource}, not ${request.headers.upgrade} (a limit of the simulated cluster)`,
      )
    default:
      throw errors.noSuchPath()
  }
}
