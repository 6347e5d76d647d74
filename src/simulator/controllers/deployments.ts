import type { Deployment, PodTemplate, ReplicaSet, WorkloadCondition } from '../../kube/objects.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { timeText } from './controller.ts'
import { isTerminating, sameContent } from './pod-facts.ts'
import { templateHash } from './template-hash.ts'
import { createWorkQueue } from './work-queue.ts'

const HASH_LABEL = 'pod-template-hash'
const REVISION = 'deployment.kubernetes.io/revision'

/** Rolls out deployments through replica sets. Models pkg/controller/deployment. */
export function startDeploymentController(context: ControllerContext): Controller {
  const { objects, clock, events, onDefect } = context

  const reconcile = (key: string) => {
    const slash = key.indexOf('/')
    const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)]
    const deployment = objects.get('Deployment', namespace, name)
    const home = objects.get('Namespace', undefined, namespace)
    if (deployment === undefined || home === undefined || isTerminating(home)) return
    if (isTerminating(deployment)) return
    const sets = setsOf(deployment)
    const current = currentSet(deployment, sets)
    if (current !== undefined)
      rollOut(
        deployment,
        current,
        sets.filter((set) => set.metadata.uid !== current.metadata.uid),
      )
    writeStatus(deployment.metadata.namespace, name)
  }

  const setsOf = (deployment: Deployment): ReplicaSet[] =>
    objects
      .list('ReplicaSet', deployment.metadata.namespace)
      .filter((set) =>
        set.metadata.ownerReferences?.some((owner) => owner.uid === deployment.metadata.uid),
      )

  const revisionOf = (set: ReplicaSet) => Number(set.metadata.annotations?.[REVISION] ?? 0)

  /** The replica set of the template as it is now; made where there is none, unless the rollout is paused. */
  const currentSet = (deployment: Deployment, sets: readonly ReplicaSet[]) => {
    const found = sets.find((set) => sameTemplate(set.spec.template, deployment.spec.template))
    const last = Math.max(0, ...sets.map(revisionOf))
    if (found !== undefined) {
      const revision = revisionOf(found) < last ? last + 1 : last
      return withRevision(deployment, found, revision)
    }
    if (deployment.spec.paused === true) return undefined
    const created = objects.create('ReplicaSet', newSet(deployment, last + 1, sets))
    setRevision(deployment, last + 1)
    return created
  }
  const withRevision = (deployment: Deployment, set: ReplicaSet, revision: number): ReplicaSet => {
    setRevision(deployment, revision)
    if (revisionOf(set) === revision) return set
    return objects.update('ReplicaSet', {
      ...set,
      metadata: {
        ...set.metadata,
        annotations: { ...set.metadata.annotations, [REVISION]: String(revision) },
      },
    })
  }
  const setRevision = (deployment: Deployment, revision: number) => {
    const fresh = objects.get('Deployment', deployment.metadata.namespace, deployment.metadata.name)
    if (fresh === undefined || fresh.metadata.annotations?.[REVISION] === String(revision)) return
    objects.update('Deployment', {
      ...fresh,
      metadata: {
        ...fresh.metadata,
        annotations: { ...fresh.metadata.annotations, [REVISION]: String(revision) },
      },
    })
  }

  const newSet = (
    deployment: Deployment,
    revision: number,
    sets: readonly ReplicaSet[],
  ): ReplicaSet => {
    const { template, selector } = deployment.spec
    const hash = templateHash(template)
    const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash }
    const wanted = deployment.spec.replicas ?? 1
    const others = sets.reduce((sum, set) => sum + (set.spec.replicas ?? 0), 0)
    const room = Math.max(0, wanted + limits(deployment).surge - others)
    const replicas = isRecreate(deployment) && others > 0 ? 0 : Math.min(wanted, room)
    const name = `${deployment.metadata.name}-${hash}`
    if (replicas > 0) report(deployment, 'up', name, 0, replicas)
    return {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name,
        ...(deployment.metadata.namespace === undefined
          ? {}
          : { namespace: deployment.metadata.namespace }),
        labels,
        annotations: {
          'deployment.kubernetes.io/desired-replicas': String(wanted),
          'deployment.kubernetes.io/max-replicas': String(wanted + limits(deployment).surge),
          [REVISION]: String(revision),
        },
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            name: deployment.metadata.name,
            uid: deployment.metadata.uid ?? '',
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: {
        replicas,
        selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    }
  }

  const report = (
    deployment: Deployment,
    direction: 'up' | 'down',
    name: string,
    from: number,
    to: number,
  ) =>
    events.record('deployment-controller', deployment, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${direction} replica set ${name} from ${from} to ${to}`,
    })

  const scale = (deployment: Deployment, set: ReplicaSet, replicas: number) => {
    const from = set.spec.replicas ?? 0
    if (from === replicas) return
    objects.update('ReplicaSet', { ...set, spec: { ...set.spec, replicas } })
    report(deployment, replicas > from ? 'up' : 'down', set.metadata.name, from, replicas)
  }

  const rollOut = (deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]) => {
    const wanted = deployment.spec.replicas ?? 1
    const active = old.filter(
      (set) => (set.spec.replicas ?? 0) > 0 || (set.status?.replicas ?? 0) > 0,
    )
    if (active.length === 0) {
      scale(deployment, current, wanted)
      prune(deployment, old)
      return
    }
    if (deployment.spec.paused === true) return
    if (isRecreate(deployment)) {
      for (const set of active) scale(deployment, set, 0)
      if (active.every((set) => (set.status?.replicas ?? 0) === 0))
        scale(deployment, current, wanted)
      return
    }
    const { surge, unavailable } = limits(deployment)
    const total = [current, ...old].reduce((sum, set) => sum + (set.spec.replicas ?? 0), 0)
    const room = wanted + surge - total
    if (room > 0 && (current.spec.replicas ?? 0) < wanted) {
      scale(deployment, current, Math.min(wanted, (current.spec.replicas ?? 0) + room))
      return
    }
    const available = [current, ...old].reduce(
      (sum, set) => sum + (set.status?.availableReplicas ?? 0),
      0,
    )
    // Pods that never became ready can go at once.
    let spare = Math.max(0, available - (wanted - unavailable))
    for (const set of active) {
      const replicas = set.spec.replicas ?? 0
      const broken = replicas - (set.status?.availableReplicas ?? 0)
      const take = Math.min(replicas, Math.max(0, broken) + spare)
      spare -= Math.max(0, take - Math.max(0, broken))
      scale(deployment, set, replicas - take)
    }
  }

  const prune = (deployment: Deployment, old: readonly ReplicaSet[]) => {
    const empty = old
      .filter((set) => (set.status?.replicas ?? 0) === 0 && (set.spec.replicas ?? 0) === 0)
      .sort((a, b) => revisionOf(a) - revisionOf(b))
    for (const set of empty.slice(
      0,
      Math.max(0, empty.length - (deployment.spec.revisionHistoryLimit ?? 10)),
    )) {
      objects.delete('ReplicaSet', set.metadata.namespace, set.metadata.name)
    }
  }

  const writeStatus = (namespace: string | undefined, name: string) => {
    const deployment = objects.get('Deployment', namespace, name)
    if (deployment === undefined) return
    const sets = setsOf(deployment)
    const current = sets.find((set) => sameTemplate(set.spec.template, deployment.spec.template))
    const sum = (field: 'replicas' | 'readyReplicas' | 'availableReplicas') =>
      sets.reduce((total, set) => total + (set.status?.[field] ?? 0), 0)
    const wanted = deployment.spec.replicas ?? 1
    const [replicas, ready, available] = [
      sum('replicas'),
      sum('readyReplicas'),
      sum('availableReplicas'),
    ]
    const updated = current?.status?.replicas ?? 0
    const missing = Math.max(0, Math.max(wanted, replicas) - available)
    const status: NonNullable<Deployment['status']> = {
      observedGeneration: deployment.metadata.generation ?? 1,
      ...(replicas === 0 ? {} : { replicas }),
      ...(updated === 0 ? {} : { updatedReplicas: updated }),
      ...(ready === 0 ? {} : { readyReplicas: ready }),
      ...(available === 0 ? {} : { availableReplicas: available }),
      ...(missing === 0 ? {} : { unavailableReplicas: missing }),
      conditions: conditionsOf(deployment, current, {
        enough: available >= wanted - limits(deployment).unavailable,
        complete: updated === wanted && replicas === wanted && available === wanted,
      }),
    }
    if (!sameContent(status, deployment.status))
      objects.updateStatus('Deployment', { ...deployment, status })
  }

  const conditionsOf = (
    deployment: Deployment,
    current: ReplicaSet | undefined,
    facts: { readonly enough: boolean; readonly complete: boolean },
  ): WorkloadCondition[] => {
    const now = timeText(clock.now())
    const made = (
      type: string,
      good: boolean,
      reason: string,
      message: string,
    ): WorkloadCondition => {
      const status = good ? 'True' : 'False'
      const before = deployment.status?.conditions?.find((condition) => condition.type === type)
      const same =
        before?.status === status && before.reason === reason && before.message === message
      return {
        type,
        status,
        lastUpdateTime: same ? (before.lastUpdateTime ?? now) : now,
        lastTransitionTime: before?.status === status ? (before.lastTransitionTime ?? now) : now,
        reason,
        message,
      }
    }
    const set = current?.metadata.name ?? ''
    return [
      facts.enough
        ? made(
            'Available',
            true,
            'MinimumReplicasAvailable',
            'Deployment has minimum availability.',
          )
        : made(
            'Available',
            false,
            'MinimumReplicasUnavailable',
            'Deployment does not have minimum availability.',
          ),
      facts.complete
        ? made(
            'Progressing',
            true,
            'NewReplicaSetAvailable',
            `ReplicaSet "${set}" has successfully progressed.`,
          )
        : made('Progressing', true, 'ReplicaSetUpdated', `ReplicaSet "${set}" is progressing.`),
    ]
  }

  const queue = createWorkQueue({ after: clock.after, reconcile, onDefect })
  const stop = objects.onChange((change) => {
    const { namespace = 'default', name, ownerReferences } = change.object.metadata
    if (change.kind === 'Deployment' && change.type !== 'DELETED') queue.add(`${namespace}/${name}`)
    if (change.kind === 'ReplicaSet') {
      const owner = ownerReferences?.find((entry) => entry.kind === 'Deployment')
      if (owner !== undefined) queue.add(`${namespace}/${owner.name}`)
    }
  })
  for (const { metadata } of objects.list('Deployment'))
    queue.add(`${metadata.namespace ?? 'default'}/${metadata.name}`)
  return {
    close() {
      stop()
      queue.close()
    },
  }
}

function isRecreate(deployment: Deployment): boolean {
  return deployment.spec.strategy?.type === 'Recreate'
}

/** `maxSurge` and `maxUnavailable` as numbers; at least one of them is not 0. */
function limits(deployment: Deployment): { readonly surge: number; readonly unavailable: number } {
  const wanted = deployment.spec.replicas ?? 1
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec.strategy?.rollingUpdate ?? {}
  const part = (value: number | string, round: (value: number) => number) =>
    typeof value === 'number' ? value : round((Number.parseFloat(value) / 100) * wanted)
  if (isRecreate(deployment)) return { surge: 0, unavailable: 0 }
  const surge = part(maxSurge, Math.ceil)
  const unavailable = part(maxUnavailable, Math.floor)
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable }
}

function sameTemplate(a: PodTemplate, b: PodTemplate): boolean {
  const comparable = (template: PodTemplate) => {
    const { [HASH_LABEL]: _hash, ...labels } = template.metadata?.labels ?? {}
    return { ...template, metadata: { ...template.metadata, labels } }
  }
  return sameContent(comparable(a), comparable(b))
}
