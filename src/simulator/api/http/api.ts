import type { NodeAgent, NodeDialer } from '../../ports.ts'
import { authorize, impersonated } from '../access/authorize.ts'
import { requestInfoOf } from '../access/request-info.ts'
import { ADMINISTRATOR, type User } from '../access/user.ts'
import type { ApiContext } from '../context.ts'
import { parseProxyRoute } from '../proxy/proxy-route.ts'
import type { Registry } from '../registry.ts'
import { type ApiRequest, type ApiResponse, indentedJson, statusResponse } from '../request.ts'
import { ApiError, errors } from '../status.ts'
import { discoveryResponse } from './discovery.ts'
import { CHECK_PATHS, healthResponse } from './health.ts'
import { openIdResponse } from './open-id.ts'
import type { OpenApi } from './openapi.ts'
import { openApiV2Response } from './openapi-v2.ts'
import { type PortForward, portForwardOf } from './port-forward.ts'
import { type RemoteCommand, remoteCommandOf } from './remote-command.ts'
import { createResourceHandler } from './resource.ts'
import { reviewResponse } from './reviews.ts'
import { decodeParts, parseRoute } from './route.ts'
import { VERSION } from './version.ts'
import { warningHeaders } from './warning-headers.ts'
import { written } from './written.ts'

/** The API server without a socket. */
export interface Api {
  /** Answers one request; never rejects. Authentication is the listener's. */
  handle(request: ApiRequest): Promise<ApiResponse>
  /** What an upgrade request (exec, attach, portforward) would begin, or the refusal. Never rejects. */
  connect(request: ApiRequest): Promise<RemoteCommand | PortForward | ApiResponse>
}

export function createApi(options: {
  readonly context: ApiContext
  readonly registry: Registry
  readonly node: NodeAgent
  /** For what is handed on to pods and services. */
  readonly dialer?: NodeDialer
  /** Hears of defects, which the client sees as 500. */
  readonly onDefect?: (error: unknown) => void
}): Api {
  const { onDefect, context } = options
  const handleResource = createResourceHandler(options)

  let openApi: OpenApi | undefined
  const openApiResponse = async ({ path, method, headers }: ApiRequest) => {
    if (!path.startsWith('/openapi/v3') || (method !== 'GET' && method !== 'HEAD')) return undefined
    if (openApi === undefined) {
      const { createOpenApi } = await import('./openapi.ts')
      openApi = createOpenApi(context.kinds)
    }
    const rest = path.slice('/openapi/v3'.length).replace(/^\/|\/$/g, '')
    return rest === '' ? openApi.index() : openApi.document(rest, headers)
  }

  /** Who a request is to be taken for, where that one may do what it asks. */
  const userFor = (request: ApiRequest, parts: readonly string[]): User => {
    const { user = ADMINISTRATOR, headers } = request
    const taken = impersonated(user, headers, context.store)
    authorize(taken, requestInfoOf(request, parts), context.store)
    return taken
  }

  const answer = async (request: ApiRequest): Promise<ApiResponse> => {
    const parts = decodeParts(request.path)
    // From here on it is theirs.
    const user = userFor(request, parts)
    const fixed =
      healthResponse(request) ??
      fixedResponse(request) ??
      openApiV2Response(request) ??
      openIdResponse(request, context.tokens) ??
      (await openApiResponse(request))
    if (fixed !== undefined) return fixed
    const proxied = parseProxyRoute(request.path, context.kinds)
    if (proxied !== undefined) {
      // What a pod answers is handed on as it is.
      const { proxyResponse } = await import('../proxy/serve-proxy.ts')
      return proxyResponse(request, proxied, { context, dialer: options.dialer })
    }
    return written(request, await resourceAnswer({ ...request, user }, parts, user))
  }

  const resourceAnswer = async (
    request: ApiRequest,
    parts: readonly string[],
    user: User,
  ): Promise<ApiResponse> => {
    if (parts[0] === 'api' || parts[0] === 'apis') {
      const review = await reviewResponse(request, parts, user, context)
      if (review !== undefined) return review
      const route = parseRoute(request.path, context.kinds)
      if (route !== undefined) return handleResource(request, route)
      if (request.method === 'GET' || request.method === 'HEAD') {
        const found = discoveryResponse(parts, request.headers.accept, context.kinds)
        if (found !== undefined) return found
      }
    }
    throw errors.noSuchPath()
  }

  const refusal = (error: unknown): ApiResponse => {
    if (error instanceof ApiError) {
      return statusResponse(error.status, warningHeaders(error.warnings))
    }
    onDefect?.(error)
    const message = error instanceof Error ? error.message : String(error)
    return statusResponse(errors.internal(message).status)
  }

  return {
    async handle(request) {
      try {
        return await answer(request)
      } catch (error) {
        return written(request, refusal(error))
      }
    },
    async connect(request) {
      try {
        const parts = decodeParts(request.path)
        userFor(request, parts)
        const route = parseRoute(request.path, context.kinds)
        if (route === undefined || route.subresource === 'proxy') return await answer(request)
        return route.served.stored === 'Pod' && route.subresource === 'portforward'
          ? portForwardOf(request, route, options)
          : remoteCommandOf(request, route, options)
      } catch (error) {
        return refusal(error)
      }
    },
  }
}

/** What does not depend on any object. */
function fixedResponse(request: ApiRequest): ApiResponse | undefined {
  const { path, method } = request
  const reads = method === 'GET' || method === 'HEAD'
  if (!reads) return undefined
  if (path === '/version' || path === '/version/') return indentedJson(200, VERSION)
  if (path === '/')
    return indentedJson(200, {
      paths: [
        '/.well-known/openid-configuration',
        '/api',
        '/api/v1',
        '/apis',
        '/healthz',
        ...CHECK_PATHS.healthz,
        '/livez',
        ...CHECK_PATHS.livez,
        '/openapi/v2',
        '/openapi/v3',
        '/openid/v1/jwks',
        '/readyz',
        ...CHECK_PATHS.readyz,
        '/version',
      ],
    })
  return undefined
}
