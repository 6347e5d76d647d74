import type { Clock } from '../../base/clock.ts'
import { type KubeClient, KubeStatusError } from '../../kube/client.ts'
import { apiVersionOf, KINDS } from '../../kube/kinds.ts'
import type { AnyKubeObject } from '../../kube/objects.ts'
import { LAB_SELECTOR } from '../ownership.ts'
import { isMarked, SHARED_NAMESPACE } from './ownership-rules.ts'

const GONE_MS = 60_000

/** Removes everything that the lab made in a cluster: its namespaces, and the objects that it marked in `default`. */
export async function removeMade(
  client: KubeClient,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const { clock, signal } = options
  await removeMarked(client, signal)
  const namespaces = { apiVersion: 'v1', plural: 'namespaces' }
  const remaining = async () =>
    (await client.list(namespaces, { labelSelector: LAB_SELECTOR, signal })).items
  for (const { metadata } of await remaining()) {
    if (metadata.deletionTimestamp !== undefined) continue
    await ignoreGone(() => client.delete({ ...namespaces, name: metadata.name }, { signal }))
  }
  // They end by themselves from here on; the wait is for whoever looks next.
  const until = clock.now() + GONE_MS
  for (let turn = 0; turn < 20 || clock.now() < until; turn++) {
    if ((await remaining()).length === 0) return
    await clock.sleep(250, { signal })
  }
}

async function removeMarked(client: KubeClient, signal: AbortSignal): Promise<void> {
  for (const kind of KINDS) {
    if (!kind.namespaced || !kind.verbs.includes('delete')) continue
    const ref = {
      apiVersion: apiVersionOf(kind),
      plural: kind.plural,
      namespace: SHARED_NAMESPACE,
    }
    for (const object of await listIfAllowed(client, ref, signal)) {
      if (!isMarked(object)) continue
      await ignoreGone(() =>
        client.delete(
          { ...ref, name: object.metadata.name },
          { signal, propagationPolicy: 'Background' },
        ),
      )
    }
  }
}

/** A kind that the server does not serve, or that the learner may not list, is one that the lab made nothing of. */
async function listIfAllowed(
  client: KubeClient,
  ref: { readonly apiVersion: string; readonly plural: string; readonly namespace: string },
  signal: AbortSignal,
): Promise<readonly AnyKubeObject[]> {
  try {
    return (await client.list<AnyKubeObject>(ref, { signal })).items
  } catch (error) {
    if (error instanceof KubeStatusError && [403, 404, 405].includes(error.code)) return []
    throw error
  }
}

async function ignoreGone(action: () => Promise<void>): Promise<void> {
  try {
    await action()
  } catch (error) {
    if (!(error instanceof KubeStatusError && error.code === 404)) throw error
  }
}
