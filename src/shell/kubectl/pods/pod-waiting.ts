import { KubeStatusError, type WatchEvent } from '../../../kube/client.ts'
import type { KindInfo } from '../../../kube/kinds.ts'
import { KINDS } from '../../../kube/kinds.ts'
import type { KubeObject, Pod } from '../../../kube/objects.ts'
import type { KubectlContext } from '../context.ts'
import { KubectlError } from '../kubectl-error.ts'
import { refOf } from '../targets.ts'

export const POD_KIND: KindInfo = podKind()

function podKind(): KindInfo {
  const found = KINDS.find((info) => info.kind === 'Pod')
  if (found === undefined) throw new TypeError('the table of kinds has no Pod')
  return found
}

/**
 * Lists and watches one object until `done` says so. The time is that of the lab's clock, which may run much faster than a
 * cluster answers: so before it gives up it looks once more.
 *
 * @param done gets the object, or `undefined` where there is none; gives a value when the wait is over, and may throw
 * @throws KubectlError `timed out waiting for the condition`
 */
export async function waitForObject<T extends KubeObject, R>(
  context: KubectlContext,
  target: {
    readonly kind: KindInfo
    readonly namespace: string | undefined
    readonly name: string
  },
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  done: (object: T | undefined) => R | undefined,
): Promise<R> {
  const { namespace, kind, name } = target
  const ref = refOf({ kind, namespace })
  const fieldSelector = `metadata.name=${name}`
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, options.signal])
  let timedOut = false
  const cancelTimeout = context.clock.after(options.timeoutMs, () => {
    timedOut = true
    stop.abort()
  })
  let result: { readonly value: R } | { readonly error: unknown } | undefined
  const look = (object: T | undefined) => {
    if (result !== undefined) return
    try {
      const value = done(object)
      if (value !== undefined) result = { value }
    } catch (error) {
      result = { error }
    }
    if (result !== undefined) stop.abort()
  }
  const list = async (until: AbortSignal) => {
    const found = await context.client.list<T>(ref, { fieldSelector, signal: until })
    look(found.items[0])
    return found.metadata.resourceVersion
  }
  try {
    while (result === undefined && !timedOut) {
      options.signal.throwIfAborted()
      // Not stopped by the timeout: an answer that is on its way counts.
      const resourceVersion = await list(options.signal)
      if (result !== undefined || timedOut) break
      await watchUntil(context, ref, { fieldSelector, resourceVersion, signal }, look)
    }
    if (result === undefined) await list(options.signal)
  } finally {
    cancelTimeout()
    stop.abort()
  }
  options.signal.throwIfAborted()
  if (result === undefined) throw new KubectlError('timed out waiting for the condition')
  return outcomeOf(result)
}

function outcomeOf<R>(result: { readonly value: R } | { readonly error: unknown }): R {
  if ('error' in result) throw result.error
  return result.value
}

/** Watches until the signal or the server ends it; a watch that is too old (410 Gone) ends too. */
async function watchUntil<T extends KubeObject>(
  context: KubectlContext,
  ref: ReturnType<typeof refOf>,
  options: {
    readonly fieldSelector: string
    readonly resourceVersion: string | undefined
    readonly signal: AbortSignal
  },
  look: (object: T | undefined) => void,
): Promise<void> {
  const { fieldSelector, resourceVersion, signal } = options
  const from = resourceVersion === undefined ? {} : { resourceVersion }
  const onEvent = (event: WatchEvent<T>) => {
    if (event.type === 'DELETED') look(undefined)
    else if (event.type === 'ADDED' || event.type === 'MODIFIED') look(event.object)
  }
  try {
    await context.client.watch<T>(ref, { ...from, fieldSelector, signal }, onEvent)
  } catch (error) {
    if (!(error instanceof KubeStatusError) || error.code !== 410) throw error
  }
}

/** Resolves with the pod when it is running and ready, or has ended already (`podRunningAndReady` of kubectl run). */
export function waitForRunningPod(
  context: KubectlContext,
  namespace: string,
  name: string,
  timeoutMs: number,
): Promise<Pod> {
  let seen = false
  const target = { kind: POD_KIND, namespace, name }
  return waitForObject<Pod, Pod>(context, target, { timeoutMs, signal: context.signal }, (pod) => {
    if (pod === undefined) {
      if (seen) throw podGone()
      return undefined
    }
    seen = true
    const phase = pod.status?.phase
    if (phase === 'Succeeded' || phase === 'Failed') return pod
    const ready = pod.status?.conditions?.some(
      (condition) => condition.type === 'Ready' && condition.status === 'True',
    )
    return phase === 'Running' && ready === true ? pod : undefined
  })
}

/** Resolves with the pod when it has ended. */
export function waitForEndedPod(
  context: KubectlContext,
  namespace: string,
  name: string,
  options: { readonly timeoutMs: number; readonly successOnly: boolean },
): Promise<Pod> {
  const target = { kind: POD_KIND, namespace, name }
  const wait = { timeoutMs: options.timeoutMs, signal: context.signal }
  return waitForObject<Pod, Pod>(context, target, wait, (pod) => {
    if (pod === undefined) throw podGone()
    const phase = pod.status?.phase
    return phase === 'Succeeded' || (phase === 'Failed' && !options.successOnly) ? pod : undefined
  })
}

function podGone(): KubeStatusError {
  return new KubeStatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason: 'NotFound',
    code: 404,
    message: 'pods "" not found',
  })
}
