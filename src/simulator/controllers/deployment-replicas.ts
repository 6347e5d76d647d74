import type { Deployment, PodTemplate, ReplicaSet } from '../../kube/objects.ts'
import { sameJson } from '../../kube/same-json.ts'
import { metadataOf } from '../../kube/workload-pods.ts'
import { partOf } from './pod-control.ts'

export const HASH_LABEL = 'pod-template-hash'
export const REVISION = 'deployment.kubernetes.io/revision'
export const DESIRED = 'deployment.kubernetes.io/desired-replicas'
export const MAXIMUM = 'deployment.kubernetes.io/max-replicas'

/** How many pods a replica set shall have from now on. */
export interface Scaling {
  readonly set: ReplicaSet
  readonly replicas: number
}

export const wantedOf = (deployment: Deployment) => deployment.spec.replicas ?? 1
export const replicasOf = (set: ReplicaSet) => set.spec.replicas ?? 0
const availableOf = (set: ReplicaSet) => set.status?.availableReplicas ?? 0

export function sum(sets: readonly ReplicaSet[], count: (set: ReplicaSet) => number): number {
  return sets.reduce((total, set) => total + count(set), 0)
}

export function revisionOf(set: ReplicaSet): number {
  return Number(set.metadata.annotations?.[REVISION] ?? 0)
}

export function isRecreate(deployment: Deployment): boolean {
  return deployment.spec.strategy?.type === 'Recreate'
}

/** `maxSurge` and `maxUnavailable` as numbers; at least one of them is not 0. Models ResolveFenceposts. */
export function limitsOf(deployment: Deployment): {
  readonly surge: number
  readonly unavailable: number
} {
  if (isRecreate(deployment)) return { surge: 0, unavailable: 0 }
  const wanted = wantedOf(deployment)
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec.strategy?.rollingUpdate ?? {}
  const surge = partOf(maxSurge, wanted, Math.ceil)
  const unavailable = Math.min(wanted, partOf(maxUnavailable, wanted, Math.floor))
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable }
}

/** `EqualIgnoreHash`. */
export function sameTemplate(a: PodTemplate, b: PodTemplate): boolean {
  const comparable = (template: PodTemplate) => {
    const { [HASH_LABEL]: _hash, ...labels } = template.metadata?.labels ?? {}
    return { ...template, metadata: { ...metadataOf(template), labels } }
  }
  return sameJson(comparable(a), comparable(b))
}

/** Oldest first. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const time = (set: ReplicaSet) => Date.parse(set.metadata.creationTimestamp ?? '')
  return time(a) - time(b) || (a.metadata.name < b.metadata.name ? -1 : 1)
}

/** `NewRSNewReplicas`: how many pods the new replica set may have now. */
export function newReplicas(
  deployment: Deployment,
  current: number,
  others: readonly ReplicaSet[],
): number {
  const wanted = wantedOf(deployment)
  if (isRecreate(deployment)) return wanted
  const most = wanted + limitsOf(deployment).surge
  const total = current + sum(others, replicasOf)
  return total >= most ? current : current + Math.min(most - total, wanted - current)
}

/** `reconcileOldReplicaSets`: what the old replica sets lose now, broken pods first. */
export function oldScalings(
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
): readonly Scaling[] {
  const sets = [current, ...old]
  if (sum(old, replicasOf) === 0) return []
  const least = wantedOf(deployment) - limitsOf(deployment).unavailable
  const pending = replicasOf(current) - availableOf(current)
  let spare = sum(sets, replicasOf) - least - pending
  if (spare <= 0) return []
  const targets = new Map(old.map((set) => [set, replicasOf(set)]))
  for (const set of [...old].sort(byAge)) {
    const broken = replicasOf(set) - availableOf(set)
    const take = Math.min(spare, broken)
    if (take <= 0) continue
    targets.set(set, replicasOf(set) - take)
    spare -= take
  }
  spare = sum(sets, availableOf) - least
  for (const set of [...old].sort(byAge)) {
    const left = targets.get(set) ?? 0
    const take = Math.min(spare, left)
    if (take <= 0) continue
    targets.set(set, left - take)
    spare -= take
  }
  return [...targets]
    .filter(([set, replicas]) => replicas !== replicasOf(set))
    .map(([set, replicas]) => ({ set, replicas }))
}

/** `scale`: what a change of `spec.replicas` means for the replica sets, in proportion while a rollout is under way. */
export function scalings(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): readonly Scaling[] {
  const wanted = wantedOf(deployment)
  const active = old.filter((set) => replicasOf(set) > 0)
  const running = current !== undefined && replicasOf(current) > 0 ? [current, ...active] : active
  if (running.length <= 1) {
    const latest =
      running[0] ?? current ?? [...old].sort((a, b) => revisionOf(b) - revisionOf(a))[0]
    return latest === undefined ? [] : [{ set: latest, replicas: wanted }]
  }
  if (
    current !== undefined &&
    replicasOf(current) === wanted &&
    availableOf(current) === wanted &&
    Number(current.metadata.annotations?.[DESIRED]) === wanted
  ) {
    return active.map((set) => ({ set, replicas: 0 }))
  }
  if (isRecreate(deployment)) return []
  const allowed = wanted > 0 ? wanted + limitsOf(deployment).surge : 0
  const add = allowed - sum(running, replicasOf)
  const order = [...running].sort(
    (a, b) => replicasOf(b) - replicasOf(a) || (add > 0 ? byAge(b, a) : byAge(a, b)),
  )
  let added = 0
  const sizes = order.map((set) => {
    const share = add === 0 ? 0 : proportion(set, deployment, allowed, add, added)
    added += share
    return { set, replicas: replicasOf(set) + share }
  })
  return sizes.map(({ set, replicas }, index) => ({
    set,
    replicas: index === 0 ? Math.max(0, replicas + (add - added)) : replicas,
  }))
}

/** `GetReplicaSetProportion`. */
function proportion(
  set: ReplicaSet,
  deployment: Deployment,
  allowed: number,
  add: number,
  added: number,
): number {
  if (replicasOf(set) === 0 || add === added) return 0
  if (wantedOf(deployment) === 0) return -replicasOf(set)
  const before = Number(set.metadata.annotations?.[MAXIMUM] ?? 0) || allowed
  const fraction = Math.round((replicasOf(set) * allowed) / before) - replicasOf(set)
  const room = add - added
  return add > 0 ? Math.min(fraction, room) : Math.max(fraction, room)
}
