import type { KubeClient, ResourceRef } from '../kube/client.ts'
import type { AnyKubeObject, KubeObject, Pod } from '../kube/objects.ts'

/** Longest wait for an object that is about to change, in real milliseconds. */
const PATIENCE_MS = 10_000

/**
 * The object, after it stopped being on its way somewhere; `undefined` where there is none (any more). An object that stands still is
 * given back at once, so a check that fails says so without delay. Gives back what is there when patience ends.
 */
export async function waitWhile<T extends KubeObject = AnyKubeObject>(
  client: KubeClient,
  ref: ResourceRef,
  isMoving: (object: T) => boolean,
  signal: AbortSignal,
): Promise<T | undefined> {
  const object = await client.find<T>(ref, { signal })
  if (object === undefined || !isMoving(object)) return object
  let last: T | undefined = object
  const settled = new AbortController()
  const patience = AbortSignal.any([signal, settled.signal, AbortSignal.timeout(PATIENCE_MS)])
  const { name, ...collection } = ref
  await client
    .watch<T>(
      collection,
      {
        signal: patience,
        fieldSelector: `metadata.name=${name}`,
        ...(object.metadata.resourceVersion === undefined
          ? {}
          : { resourceVersion: object.metadata.resourceVersion }),
      },
      (event) => {
        if (event.type === 'BOOKMARK' || event.type === 'ERROR') return
        last = event.type === 'DELETED' ? undefined : event.object
        if (last === undefined || !isMoving(last)) settled.abort()
      },
    )
    .catch((error: unknown) => {
      if (!patience.aborted) throw error
    })
  signal.throwIfAborted()
  return last
}

/** Whether a pod is about to change by itself: it starts, becomes ready, or goes away. */
export function inMotion(object: KubeObject): boolean {
  if (object.metadata.deletionTimestamp !== undefined) return true
  if (!isPod(object)) return false
  const { phase, containerStatuses = [] } = object.status ?? {}
  const isStuck = containerStatuses.some(({ state }) => STUCK.has(state?.waiting?.reason ?? ''))
  return !isStuck && (phase === undefined || phase === 'Pending')
}

const STUCK = new Set(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'CrashLoopBackOff'])

function isPod(object: KubeObject): object is Pod {
  return object.kind === 'Pod'
}
