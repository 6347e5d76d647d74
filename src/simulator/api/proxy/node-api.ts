import type { Pod } from '../../../kube/objects.ts'
import type { ApiContext } from '../context.ts'
import { infoOf } from '../kinds/built-in-kinds.ts'
import { type ApiRequest, type ApiResponse, json, text } from '../request.ts'
import { errors } from '../status.ts'
import type { ProxyRoute } from './proxy-route.ts'

/**
 * What a node's kubelet says to `nodes/NAME/proxy/…`: whether it is well, and which pods it runs.
 * @throws ApiError 404, 501 for the rest of the kubelet's API
 */
export function nodeResponse(
  { method }: ApiRequest,
  { name: id, rest }: ProxyRoute,
  { store }: ApiContext,
): ApiResponse {
  const name = /^(?:https?:)?([^:]*)(?::\d*)?$/.exec(id)?.[1] ?? ''
  const node = store.get('Node', name)
  if (node === undefined) throw errors.notFound(infoOf('Node'), id)
  const reads = method === 'GET' || method === 'HEAD'
  if (reads && /^\/healthz(\/ping)?$/.test(rest)) return text(200, 'ok')
  if (reads && /^\/pods\/?$/.test(rest)) {
    const pods = store.list('Pod') as readonly (ReturnType<typeof store.list>[number] & Pod)[]
    return json(200, {
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: {},
      items: pods.filter(({ spec }) => spec.nodeName === name),
    })
  }
  throw errors.notSimulated(501, `of the kubelet's API only /healthz and /pods are simulated`)
}
