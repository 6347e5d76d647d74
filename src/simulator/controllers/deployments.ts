import type { Deployment, ReplicaSet } from '../../kube/objects.ts'
import { sameJson } from '../../kube/same-json.ts'
import type { Controller, ControllerContext } from './controller.ts'
import {
  byAge,
  DESIRED,
  HASH_LABEL,
  isRecreate,
  limitsOf,
  MAXIMUM,
  newReplicas,
  oldScalings,
  REVISION,
  replicasOf,
  revisionOf,
  sameTemplate,
  scalings,
  wantedOf,
} from './deployment-replicas.ts'
import {
  conditionOf,
  countedStatus,
  isComplete,
  remainingMs,
  rolloutStatus,
  withCondition,
} from './deployment-status.ts'
import {
  claim,
  controllerOf,
  controllerReference,
  hasHome,
  keyOf,
  splitKey,
} from './pod-control.ts'
import { isTerminating } from './pod-facts.ts'
import { templateHash } from './template-hash.ts'
import { createWorkQueue } from './work-queue.ts'

const COMPONENT = 'deployment-controller'
const HISTORY = 'deployment.kubernetes.io/revision-history'
/** Annotations of a deployment that its replica sets do not take over. */
const OWN_ANNOTATIONS: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  HISTORY,
  DESIRED,
  MAXIMUM,
])

/** Rolls out deployments through replica sets. Models pkg/controller/deployment. */
export function startDeploymentController(context: ControllerContext): Controller {
  const { objects, clock, events, onDefect } = context

  const reconcile = (key: string) => {
    const { namespace, name } = splitKey(key)
    const found = objects.get('Deployment', namespace, name)
    if (found === undefined || !hasHome(context, namespace)) return
    const deployment = notePause(found)
    const sets = claim(context, 'ReplicaSet', deployment, deployment.spec.selector).filter(
      (set) => !isTerminating(set),
    )
    if (isTerminating(deployment)) {
      const { current, old } = split(deployment, sets)
      writeStatus(deployment, countedStatus(deployment, current, old, clock.now()))
      return
    }
    if (deployment.spec.paused === true || isScaled(deployment, sets)) {
      const rollout = revise(deployment, sets, false)
      for (const { set, replicas } of scalings(deployment, rollout.current, rollout.old)) {
        scale(deployment, set, replicas)
      }
      if (deployment.spec.paused === true) prune(deployment, rollout.old)
      const { current, old } = split(deployment, setsOf(deployment))
      const fresh = objects.get('Deployment', namespace, name) ?? deployment
      writeStatus(fresh, countedStatus(fresh, current, old, clock.now()))
      return
    }
    if (isRecreate(deployment)) recreate(deployment, sets)
    else roll(deployment, sets)
    const fresh = objects.get('Deployment', namespace, name)
    if (fresh === undefined) return
    const { current, old } = split(fresh, setsOf(fresh))
    const now = clock.now()
    const status = rolloutStatus(fresh, current, old, now)
    if (isComplete(fresh, status)) prune(fresh, old)
    writeStatus(fresh, status)
    const left = remainingMs({ ...fresh, status }, now)
    if (left >= 0 && Number.isFinite(left)) queue.addAfter(key, left + 1000)
  }

  const setsOf = (deployment: Deployment): ReplicaSet[] =>
    objects
      .list('ReplicaSet', deployment.metadata.namespace)
      .filter((set) => controllerOf(set)?.uid === deployment.metadata.uid && !isTerminating(set))

  /** The replica set of the template as it is now, and all others, oldest first. */
  const split = (deployment: Deployment, sets: readonly ReplicaSet[]) => {
    const order = [...sets].sort(byAge)
    const current = order.find((set) => sameTemplate(set.spec.template, deployment.spec.template))
    return { current, old: order.filter((set) => set !== current) }
  }

  /** A pause and its end are conditions, so that the deadline does not run meanwhile. */
  const notePause = (deployment: Deployment): Deployment => {
    if (deployment.spec.progressDeadlineSeconds === undefined) return deployment
    const conditions = deployment.status?.conditions ?? []
    const known = conditionOf(conditions, 'Progressing')
    if (known?.reason === 'ProgressDeadlineExceeded') return deployment
    const paused = deployment.spec.paused === true
    if (paused === (known?.reason === 'DeploymentPaused')) return deployment
    const [reason, message] = paused
      ? ['DeploymentPaused', 'Deployment is paused']
      : ['DeploymentResumed', 'Deployment is resumed']
    const next = withCondition(
      conditions,
      { type: 'Progressing', status: 'Unknown', reason, message },
      clock.now(),
    )
    return objects.updateStatus('Deployment', {
      ...deployment,
      status: { ...deployment.status, conditions: [...next] },
    })
  }

  /** Whether `spec.replicas` changed since the replica sets were last scaled. */
  const isScaled = (deployment: Deployment, sets: readonly ReplicaSet[]) =>
    sets.some((set) => {
      const desired = set.metadata.annotations?.[DESIRED]
      return (
        replicasOf(set) > 0 && desired !== undefined && Number(desired) !== wantedOf(deployment)
      )
    })

  /** `getAllReplicaSetsAndSyncRevision`: numbers the replica set of the template, and makes it where there is none. */
  const revise = (deployment: Deployment, sets: readonly ReplicaSet[], create: boolean) => {
    const { current, old } = split(deployment, sets)
    const revision = Math.max(0, ...old.map(revisionOf)) + 1
    if (current !== undefined) {
      const annotated = annotate(deployment, current, revision)
      const minReady = deployment.spec.minReadySeconds
      const next: ReplicaSet = {
        ...annotated,
        spec: {
          ...annotated.spec,
          ...(minReady === undefined ? {} : { minReadySeconds: minReady }),
        },
      }
      const stored = sameJson(next, current) ? current : objects.update('ReplicaSet', next)
      note(deployment, revisionOf(stored), {
        reason: 'FoundNewReplicaSet',
        message: `Found new replica set ${JSON.stringify(stored.metadata.name)}`,
        always: false,
      })
      return { current: stored, old }
    }
    if (!create) return { current, old }
    const made = objects.create('ReplicaSet', newSet(deployment, revision, old))
    if (replicasOf(made) > 0) report(deployment, made.metadata.name, 0, replicasOf(made))
    note(deployment, revision, {
      reason: 'NewReplicaSetCreated',
      message: `Created new replica set ${JSON.stringify(made.metadata.name)}`,
      always: true,
    })
    return { current: made, old }
  }

  /** `SetNewReplicaSetAnnotations`. */
  const annotate = (deployment: Deployment, set: ReplicaSet, revision: number): ReplicaSet => {
    const before = set.metadata.annotations ?? {}
    const mine = Object.entries(deployment.metadata.annotations ?? {}).filter(
      ([key]) => !OWN_ANNOTATIONS.has(key),
    )
    const renumbered = revision > revisionOf(set) && before[REVISION] !== undefined
    const history = [before[HISTORY], before[REVISION]].filter((part) => part !== undefined)
    return {
      ...set,
      metadata: {
        ...set.metadata,
        annotations: {
          ...before,
          ...Object.fromEntries(mine),
          ...(revision > revisionOf(set) ? { [REVISION]: String(revision) } : {}),
          ...(renumbered ? { [HISTORY]: history.join(',') } : {}),
        },
      },
    }
  }

  /** Writes the revision, and that the replica set is there, into the deployment. */
  const note = (
    deployment: Deployment,
    revision: number,
    progress: { readonly reason: string; readonly message: string; readonly always: boolean },
  ) => {
    const { namespace, name } = deployment.metadata
    let fresh = objects.get('Deployment', namespace, name)
    if (fresh === undefined) return
    if (fresh.metadata.annotations?.[REVISION] !== String(revision)) {
      // With the status, so that its manager is the one of the status.
      fresh = objects.updateStatus('Deployment', {
        ...fresh,
        metadata: {
          ...fresh.metadata,
          annotations: { ...fresh.metadata.annotations, [REVISION]: String(revision) },
        },
      })
    }
    const conditions = fresh.status?.conditions ?? []
    const { always, reason, message } = progress
    if (fresh.spec.progressDeadlineSeconds === undefined) return
    if (!always && conditionOf(conditions, 'Progressing') !== undefined) return
    const next = withCondition(
      conditions,
      { type: 'Progressing', status: 'True', reason, message },
      clock.now(),
    )
    objects.updateStatus('Deployment', {
      ...fresh,
      status: { ...fresh.status, conditions: [...next] },
    })
  }

  const newSet = (
    deployment: Deployment,
    revision: number,
    old: readonly ReplicaSet[],
  ): ReplicaSet => {
    const { template, selector, minReadySeconds } = deployment.spec
    const hash = templateHash(template)
    const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash }
    const wanted = wantedOf(deployment)
    const set: ReplicaSet = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${deployment.metadata.name}-${hash}`,
        ...(deployment.metadata.namespace === undefined
          ? {}
          : { namespace: deployment.metadata.namespace }),
        labels,
        annotations: {
          [DESIRED]: String(wanted),
          [MAXIMUM]: String(wanted + limitsOf(deployment).surge),
        },
        ownerReferences: [controllerReference(deployment)],
      },
      spec: {
        replicas: newReplicas(deployment, 0, old),
        ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
        selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    }
    return annotate(deployment, set, revision)
  }

  const report = (deployment: Deployment, name: string, from: number, to: number) =>
    events.record(COMPONENT, deployment, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${to > from ? 'up' : 'down'} replica set ${name} from ${from} to ${to}`,
    })

  /** Returns whether something changed. */
  const scale = (deployment: Deployment, set: ReplicaSet, replicas: number): boolean => {
    const wanted = wantedOf(deployment)
    const annotations = {
      ...set.metadata.annotations,
      [DESIRED]: String(wanted),
      [MAXIMUM]: String(wanted + limitsOf(deployment).surge),
    }
    const from = replicasOf(set)
    if (from === replicas && sameJson(annotations, set.metadata.annotations)) return false
    objects.update('ReplicaSet', {
      ...set,
      metadata: { ...set.metadata, annotations },
      spec: { ...set.spec, replicas },
    })
    if (from === replicas) return false
    report(deployment, set.metadata.name, from, replicas)
    return true
  }

  const roll = (deployment: Deployment, sets: readonly ReplicaSet[]) => {
    const { current, old } = revise(deployment, sets, true)
    if (current === undefined) return
    const wanted = wantedOf(deployment)
    const replicas =
      replicasOf(current) > wanted ? wanted : newReplicas(deployment, replicasOf(current), old)
    if (replicas !== replicasOf(current) && scale(deployment, current, replicas)) return
    for (const next of oldScalings(deployment, current, old)) {
      scale(deployment, next.set, next.replicas)
    }
  }

  const recreate = (deployment: Deployment, sets: readonly ReplicaSet[]) => {
    const { old } = revise(deployment, sets, false)
    const scaled = old.filter((set) => replicasOf(set) > 0 && scale(deployment, set, 0))
    if (scaled.length > 0) return
    const running = objects
      .list('Pod', deployment.metadata.namespace)
      .some(
        (pod) =>
          pod.status?.phase !== 'Succeeded' &&
          pod.status?.phase !== 'Failed' &&
          old.some((set) => set.metadata.uid === controllerOf(pod)?.uid),
      )
    if (running) return
    const { current } = revise(deployment, sets, true)
    if (current !== undefined && replicasOf(current) !== wantedOf(deployment)) {
      scale(deployment, current, wantedOf(deployment))
    }
  }

  /** `cleanupDeployment`: forgets the oldest revisions beyond the limit. */
  const prune = (deployment: Deployment, old: readonly ReplicaSet[]) => {
    const { revisionHistoryLimit } = deployment.spec
    if (revisionHistoryLimit === undefined) return
    const spare = [...old].sort((a, b) => revisionOf(a) - revisionOf(b))
    for (const set of spare.slice(0, Math.max(0, spare.length - revisionHistoryLimit))) {
      const busy =
        (set.status?.replicas ?? 0) > 0 ||
        replicasOf(set) > 0 ||
        (set.metadata.generation ?? 1) > (set.status?.observedGeneration ?? 0)
      if (!busy) objects.delete('ReplicaSet', set.metadata.namespace, set.metadata.name)
    }
  }

  const writeStatus = (deployment: Deployment, status: NonNullable<Deployment['status']>) => {
    const { namespace, name } = deployment.metadata
    const fresh = objects.get('Deployment', namespace, name)
    if (fresh === undefined || sameJson(status, fresh.status)) return
    objects.updateStatus('Deployment', { ...fresh, status })
  }

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const stop = objects.onChange((change) => {
    const { namespace = 'default' } = change.object.metadata
    if (change.kind === 'Deployment' && change.type !== 'DELETED') queue.add(keyOf(change.object))
    const owner = controllerOf(change.object)
    if (change.kind === 'ReplicaSet' && owner?.kind === 'Deployment') {
      queue.add(`${namespace}/${owner.name}`)
    }
    // Recreate waits for the last old pod.
    if (change.kind === 'Pod' && change.type === 'DELETED' && owner?.kind === 'ReplicaSet') {
      const set = objects.get('ReplicaSet', namespace, owner.name)
      const parent = set === undefined ? undefined : controllerOf(set)
      if (parent?.kind === 'Deployment') queue.add(`${namespace}/${parent.name}`)
    }
  })
  for (const deployment of objects.list('Deployment')) queue.add(keyOf(deployment))
  return {
    close() {
      stop()
      queue.close()
    },
  }
}
