import type { Clock } from '../base/clock.ts'
import { LabError } from '../base/errors.ts'
import type { KubeClient, ResourceRef } from '../kube/client.ts'
import { KubeStatusError } from '../kube/client.ts'
import { kindOf } from '../kube/kinds.ts'
import type { AnyKubeObject, Pod } from '../kube/objects.ts'
import type { Lesson } from '../lessons/model.ts'
import type { World } from './ports.ts'

/** Marks what the lab made, so that it can be told from what it found. */
export const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'netpol-lab' } as const

/** Kinds that a learner makes during a lesson, in the order in which clearing removes them. */
const LEARNER_KINDS = [
  { apiVersion: 'networking.k8s.io/v1', plural: 'networkpolicies' },
  { apiVersion: 'apps/v1', plural: 'deployments' },
  { apiVersion: 'v1', plural: 'services' },
  { apiVersion: 'v1', plural: 'pods' },
] as const

/** Keeps a lesson's world on the cluster that `client` speaks to. Times are of `clock`. */
export function createWorld(client: KubeClient, clock: Clock): World {
  return {
    async stands(lesson, signal) {
      for (const object of lesson.world) {
        if ((await client.find(refOf(client, object), { signal })) === undefined) return false
      }
      return true
    },
    async apply(lesson, signal) {
      for (const namespace of lesson.needs.namespaces)
        await ensureNamespace(client, namespace, signal)
      for (const object of inOrder(lesson.world)) await ensure(client, object, signal)
      await podsReady(client, clock, lesson, signal)
    },
    async clear(lesson, signal) {
      for (const namespace of lesson.needs.namespaces) {
        for (const kind of LEARNER_KINDS) await clearKind(client, { ...kind, namespace }, signal)
      }
      await podsGone(client, clock, lesson, signal)
    },
  }
}

function refOf(client: KubeClient, object: AnyKubeObject): ResourceRef {
  const kind = kindOf(object)
  if (kind === undefined) {
    throw new LabError(
      'ERR_LESSON_INVALID',
      `The lab does not know the kind ${object.kind} of ${object.apiVersion}.`,
    )
  }
  return {
    apiVersion: object.apiVersion,
    plural: kind.plural,
    namespace: kind.namespaced ? (object.metadata.namespace ?? client.namespace) : undefined,
    name: object.metadata.name,
  }
}

function inOrder(objects: readonly AnyKubeObject[]): readonly AnyKubeObject[] {
  const rank = (object: AnyKubeObject) =>
    object.kind === 'Namespace' ? 0 : object.kind === 'NetworkPolicy' ? 2 : 1
  return [...objects].sort((a, b) => rank(a) - rank(b))
}

async function ensureNamespace(
  client: KubeClient,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const ref = { apiVersion: 'v1', plural: 'namespaces', name }
  if ((await client.find(ref, { signal })) !== undefined) return
  await client.create(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { ...MANAGED_BY } } },
    { signal },
  )
}

/** Creates an object; one that is there and differs in its labels or spec is made anew. */
async function ensure(
  client: KubeClient,
  object: AnyKubeObject,
  signal: AbortSignal,
): Promise<void> {
  const ref = refOf(client, object)
  const wanted = {
    ...object,
    metadata: {
      ...object.metadata,
      ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
    },
  }
  try {
    await client.create(wanted, { signal, fieldManager: 'netpol-lab' })
  } catch (error) {
    if (!(error instanceof KubeStatusError) || error.reason !== 'AlreadyExists') throw error
    if (object.kind === 'Namespace') return
    if (object.kind === 'NetworkPolicy') {
      const found = await client.get(ref, { signal })
      await client.replace(
        { ...wanted, metadata: { ...wanted.metadata, ...pick(found.metadata.resourceVersion) } },
        { signal },
      )
    }
  }
}

function pick(resourceVersion: string | undefined) {
  return resourceVersion === undefined ? {} : { resourceVersion }
}

async function podsReady(
  client: KubeClient,
  clock: Clock,
  lesson: Lesson,
  signal: AbortSignal,
): Promise<void> {
  const wanted = lesson.world.filter((object) => object.kind === 'Pod')
  for (let waited = 0; ; waited += 100) {
    const pods = await Promise.all(
      wanted.map((object) => client.find<Pod>(refOf(client, object), { signal })),
    )
    if (pods.every((pod) => ready(pod))) return
    const stuck = pods.find((pod) => imageProblem(pod) !== undefined)
    if (stuck !== undefined) {
      throw new LabError(
        'ERR_IMAGE_NOT_PULLED',
        `Pod ${stuck.metadata.name} of the lesson cannot start.`,
        {
          why: imageProblem(stuck),
          next: [
            'Check that this cluster can pull images, then start again.',
            'netpol-lab start --cluster simulated needs no images.',
          ],
        },
      )
    }
    if (waited > 120_000) {
      const late = wanted
        .filter((_, index) => !ready(pods[index]))
        .map((object) => object.metadata.name)
      throw new LabError(
        'ERR_CLUSTER_UNREACHABLE',
        `Pods of the lesson do not become ready: ${late.join(', ')}.`,
        {
          next: [`Look with: kubectl describe pod ${late[0] ?? ''}`],
        },
      )
    }
    await clock.sleep(Math.min(100, 5 + waited), { signal })
  }
}

function ready(pod: Pod | undefined): boolean {
  return (
    pod?.status?.conditions?.some(
      (condition) => condition.type === 'Ready' && condition.status === 'True',
    ) ?? false
  )
}

function imageProblem(pod: Pod | undefined): string | undefined {
  const waiting = pod?.status?.containerStatuses
    ?.map((status) => status.state?.waiting)
    .find((state) => state?.reason === 'ImagePullBackOff')
  return waiting === undefined ? undefined : (waiting.message ?? waiting.reason)
}

async function clearKind(client: KubeClient, ref: ResourceRef, signal: AbortSignal): Promise<void> {
  const { items } = await client.list(ref, { signal })
  for (const item of items) {
    if (ref.plural === 'services' && item.metadata.name === 'kubernetes') continue
    if ((item.metadata.ownerReferences ?? []).length > 0) continue
    try {
      await client.delete(
        { ...ref, name: item.metadata.name },
        { signal, ...(ref.plural === 'pods' ? { gracePeriodSeconds: 0 } : {}) },
      )
    } catch (error) {
      // What somebody else owns stays: the cluster's guard forbids it.
      if (error instanceof KubeStatusError && ['NotFound', 'Forbidden'].includes(error.reason))
        continue
      throw error
    }
  }
}

async function podsGone(
  client: KubeClient,
  clock: Clock,
  lesson: Lesson,
  signal: AbortSignal,
): Promise<void> {
  for (const namespace of lesson.needs.namespaces) {
    for (let waited = 0; waited < 60_000; waited += 50) {
      const { items } = await client.list(
        { apiVersion: 'v1', plural: 'pods', namespace },
        { signal },
      )
      if (items.length === 0) break
      await clock.sleep(50, { signal })
    }
  }
}
