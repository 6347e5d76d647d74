import type { Pod } from '../../../kube/objects.ts'
import type { NodeAgent } from '../../ports.ts'
import type { ApiRequest, ApiResponse } from '../request.ts'
import { errors } from '../status.ts'
import { containerNameFor } from './containers.ts'
import { booleanOf, numberOf } from './query.ts'

/**
 * `pods/NAME/log`.
 * @throws ApiError 400
 */
export function logResponse(request: ApiRequest, pod: Pod, node: NodeAgent): ApiResponse {
  const { query, signal } = request
  const container = containerNameFor(pod, query.get('container') ?? '')
  const previous = booleanOf(query, 'previous')
  const tailLines = numberOf(query, 'tailLines')
  const sinceSeconds = numberOf(query, 'sinceSeconds')
  const limitBytes = numberOf(query, 'limitBytes')
  for (const [field, value, least] of [
    ['tailLines', tailLines, 0],
    ['sinceSeconds', sinceSeconds, 1],
    ['limitBytes', limitBytes, 1],
  ] as const) {
    if (value !== undefined && value < least) {
      throw errors.badRequest(
        `PodLogOptions "${pod.metadata.name}" is invalid: ${field}: Invalid value: ${value}: must be greater than ${least === 0 ? 'or equal to 0' : '0'}`,
      )
    }
  }
  if (pod.spec.nodeName === undefined) return plain(empty())
  const entry = node.container(pod.metadata.uid ?? '', container)
  const source = previous ? entry?.previous : entry?.current
  if (source === undefined) {
    const status = [
      ...(pod.status?.containerStatuses ?? []),
      ...(pod.status?.initContainerStatuses ?? []),
      ...(pod.status?.ephemeralContainerStatuses ?? []),
    ].find((entry) => entry.name === container)
    const waiting = status?.state?.waiting
    if (previous) {
      throw errors.badRequest(
        `previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata.name)} not found`,
      )
    }
    if (waiting !== undefined) {
      throw errors.badRequest(
        `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata.name)} is waiting to start: ${waitingText(waiting.reason)}`,
      )
    }
    // It ended before this cluster was opened again; a kubelet says the same when the log files are gone.
    if (status?.containerID !== undefined) {
      return plain(one(`unable to retrieve container logs for ${status.containerID}`))
    }
    throw errors.badRequest(
      `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata.name)} is not available`,
    )
  }
  const text = source.logs({
    follow: booleanOf(query, 'follow') && !previous,
    ...(tailLines === undefined ? {} : { tailLines }),
    timestamps: booleanOf(query, 'timestamps'),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    signal,
  })
  return plain(limitBytes === undefined ? text : limited(text, limitBytes))
}

/** The kubelet's words for a reason to wait. */
function waitingText(reason: string): string {
  switch (reason) {
    case 'ErrImagePull':
      return "image can't be pulled"
    case 'ImagePullBackOff':
      return 'trying and failing to pull image'
    default:
      return reason
  }
}

function plain(body: AsyncIterable<string>): ApiResponse {
  return { status: 200, headers: { 'content-type': 'text/plain' }, body }
}

async function* one(text: string): AsyncIterable<string> {
  yield text
}

async function* empty(): AsyncIterable<string> {}

async function* limited(text: AsyncIterable<string>, limit: number): AsyncIterable<string> {
  let left = limit
  for await (const chunk of text) {
    const bytes = Buffer.from(chunk)
    yield bytes.subarray(0, left).toString()
    left -= bytes.byteLength
    if (left <= 0) return
  }
}
