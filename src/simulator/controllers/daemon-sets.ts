import type { KubeNode, Pod, PodTemplate } from '../../kube/objects.ts'
import { sameJson } from '../../kube/same-json.ts'
import type { DaemonSet } from '../../kube/workload-objects.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { matchesNode, taintsOf, tolerates } from './node-fit.ts'
import {
  claim,
  controllerOf,
  createPod,
  deletePod,
  hasHome,
  keyOf,
  partOf,
  podFrom,
  splitKey,
} from './pod-control.ts'
import { isAvailable, isFinished, isReady, isTerminating, readySince } from './pod-facts.ts'
import { hashOf, pruneRevisions, REVISION_LABEL, reviseTemplate } from './revisions.ts'
import { createWorkQueue, isRefusal } from './work-queue.ts'

const COMPONENT = 'daemonset-controller'
const GENERATION_LABEL = 'pod-template-generation'
const GENERATION = 'deprecated.daemonset.template.generation'

/** What a daemon's pod bears whatever its template says: models AddOrUpdateDaemonPodTolerations. */
const TOLERATIONS = [
  ['node.kubernetes.io/not-ready', 'NoExecute'],
  ['node.kubernetes.io/unreachable', 'NoExecute'],
  ['node.kubernetes.io/disk-pressure', 'NoSchedule'],
  ['node.kubernetes.io/memory-pressure', 'NoSchedule'],
  ['node.kubernetes.io/pid-pressure', 'NoSchedule'],
  ['node.kubernetes.io/unschedulable', 'NoSchedule'],
] as const

/** One pod on every node that takes it. Models pkg/controller/daemon. */
export function startDaemonSetController(context: ControllerContext): Controller {
  const { objects, clock, events, onDefect } = context

  const reconcile = (key: string) => {
    const { namespace, name } = splitKey(key)
    const set = objects.get('DaemonSet', namespace, name)
    if (set === undefined || !hasHome(context, namespace)) return
    if (isTerminating(set)) return
    const revisions = reviseTemplate(context, set, { ...set.spec.template.metadata?.labels })
    const hash = hashOf(revisions.update)
    let refusal: Error | undefined
    try {
      place(set, hash)
      if (set.spec.updateStrategy?.type === 'RollingUpdate') roll(set, hash)
    } catch (error) {
      if (!isRefusal(error)) throw error
      refusal = error
    }
    const pods = podsOf(set)
    pruneRevisions(context, set, revisions, (revision) => {
      const used = hashOf(revision)
      return used === hash || pods.some((pod) => pod.metadata.labels?.[REVISION_LABEL] === used)
    })
    writeStatus(set, hash)
    if (refusal !== undefined) throw refusal
  }

  const podsOf = (set: DaemonSet): Pod[] => claim(context, 'Pod', set, set.spec.selector)

  /** The pods of each node, those on their way there included. */
  const byNode = (set: DaemonSet): Map<string, Pod[]> => {
    const nodes = new Map<string, Pod[]>()
    for (const pod of podsOf(set)) {
      const node = pod.spec.nodeName ?? targetNode(pod)
      if (node !== undefined) nodes.set(node, [...(nodes.get(node) ?? []), pod])
    }
    return nodes
  }

  /** `manage`: what each node lacks or has too many of. */
  const place = (set: DaemonSet, hash: string) => {
    const nodes = byNode(set)
    for (const node of objects.list('Node')) {
      const pods = nodes.get(node.metadata.name) ?? []
      const { shouldRun, shouldStay } = fits(set, node)
      for (const pod of pods.filter((entry) => isFinished(entry) && !isTerminating(entry))) {
        const failed = pod.status?.phase === 'Failed'
        events.record(COMPONENT, set, {
          type: failed ? 'Warning' : 'Normal',
          reason: failed ? 'FailedDaemonPod' : 'SucceededDaemonPod',
          message: `Found ${failed ? 'failed' : 'succeeded'} daemon pod ${keyOf(pod)} on node ${node.metadata.name}, will try to ${failed ? 'kill' : 'delete'} it`,
        })
        deletePod(context, COMPONENT, set, pod)
      }
      const living = pods.filter((pod) => !isFinished(pod) && !isTerminating(pod))
      if (shouldRun && pods.every((pod) => isTerminating(pod) || isFinished(pod))) {
        // A pod that goes still holds its place.
        if (pods.length === 0) createPod(context, COMPONENT, set, daemonPod(set, node, hash))
      } else if (!shouldStay) {
        for (const pod of living) deletePod(context, COMPONENT, set, pod)
      } else if (surge(set) === 0) {
        const oldest = [...living].sort(
          (a, b) =>
            Date.parse(a.metadata.creationTimestamp ?? '') -
            Date.parse(b.metadata.creationTimestamp ?? ''),
        )
        for (const pod of oldest.slice(1)) deletePod(context, COMPONENT, set, pod)
      }
    }
    const known = new Set(objects.list('Node').map((node) => node.metadata.name))
    for (const [node, pods] of nodes) {
      if (known.has(node)) continue
      for (const pod of pods.filter((entry) => !isTerminating(entry))) {
        deletePod(context, COMPONENT, set, pod)
      }
    }
  }

  const daemonPod = (set: DaemonSet, node: KubeNode, hash: string): Pod => {
    const { template } = set.spec
    const labelled: PodTemplate = {
      ...template,
      metadata: {
        ...template.metadata,
        labels: {
          ...template.metadata?.labels,
          [REVISION_LABEL]: hash,
          [GENERATION_LABEL]: set.metadata.annotations?.[GENERATION] ?? '1',
        },
      },
      spec: onlyOn(node.metadata.name, template),
    }
    return podFrom(context, set, labelled)
  }

  /** `rollingUpdate`: old pods go as far as `maxUnavailable` allows; with a surge the new ones come first. */
  const roll = (set: DaemonSet, hash: string) => {
    const nodes = byNode(set)
    const wanted = objects.list('Node').filter((node) => fits(set, node).shouldRun)
    const now = clock.now()
    const available = (pod: Pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now)
    const isNew = (pod: Pod) => pod.metadata.labels?.[REVISION_LABEL] === hash
    const extra = surge(set)
    let spare = partOf(
      set.spec.updateStrategy?.rollingUpdate?.maxUnavailable,
      wanted.length,
      Math.ceil,
    )
    const old: Pod[] = []
    for (const node of wanted) {
      const pods = (nodes.get(node.metadata.name) ?? []).filter((pod) => !isTerminating(pod))
      const outdated = pods.filter((pod) => !isNew(pod))
      const fresh = pods.filter(isNew)
      if (extra > 0) {
        if (outdated.length > 0 && fresh.length === 0) {
          createPod(context, COMPONENT, set, daemonPod(set, node, hash))
        } else if (fresh.some(available)) old.push(...outdated)
        continue
      }
      if (!pods.some(available)) spare -= 1
      // What is broken already costs nothing more.
      for (const pod of outdated.filter((entry) => !available(entry))) {
        deletePod(context, COMPONENT, set, pod)
      }
      old.push(...outdated.filter(available))
    }
    const going = extra > 0 ? old : old.slice(0, Math.max(0, spare))
    for (const pod of going) deletePod(context, COMPONENT, set, pod)
  }

  const surge = (set: DaemonSet) =>
    partOf(set.spec.updateStrategy?.rollingUpdate?.maxSurge, objects.list('Node').length, Math.ceil)

  const writeStatus = (set: DaemonSet, hash: string) => {
    const fresh = objects.get('DaemonSet', set.metadata.namespace, set.metadata.name)
    if (fresh === undefined) return
    const nodes = byNode(fresh)
    const now = clock.now()
    const wait = set.spec.minReadySeconds ?? 0
    let [desired, current, misplaced, ready, updated, available] = [0, 0, 0, 0, 0, 0]
    for (const node of objects.list('Node')) {
      const pods = (nodes.get(node.metadata.name) ?? []).filter((pod) => !isTerminating(pod))
      if (!fits(set, node).shouldRun) {
        if (pods.length > 0) misplaced += 1
        continue
      }
      desired += 1
      if (pods.length === 0) continue
      current += 1
      const first = pods.find((pod) => isReady(pod))
      if (first !== undefined) {
        ready += 1
        if (isAvailable(first, wait, now)) available += 1
        else queue.addAfter(keyOf(set), Math.max(1, (readySince(first) ?? now) + wait * 1000 - now))
      }
      if (pods.some((pod) => pod.metadata.labels?.[REVISION_LABEL] === hash)) updated += 1
    }
    const missing = desired - available
    const status: NonNullable<DaemonSet['status']> = {
      currentNumberScheduled: current,
      desiredNumberScheduled: desired,
      numberMisscheduled: misplaced,
      numberReady: ready,
      observedGeneration: fresh.metadata.generation ?? 1,
      ...(updated === 0 ? {} : { updatedNumberScheduled: updated }),
      ...(available === 0 ? {} : { numberAvailable: available }),
      ...(missing === 0 ? {} : { numberUnavailable: missing }),
    }
    if (!sameJson(status, fresh.status)) objects.updateStatus('DaemonSet', { ...fresh, status })
  }

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const addAll = (namespace?: string) => {
    for (const set of objects.list('DaemonSet', namespace)) queue.add(keyOf(set))
  }
  const stop = objects.onChange((change) => {
    const { kind, object } = change
    if (kind === 'DaemonSet' && change.type !== 'DELETED') queue.add(keyOf(object))
    if (kind === 'Node') addAll()
    if (kind !== 'Pod' && kind !== 'ControllerRevision') return
    const owner = controllerOf(object)
    const namespace = object.metadata.namespace ?? 'default'
    if (owner?.kind === 'DaemonSet') queue.add(`${namespace}/${owner.name}`)
    else if (owner === undefined && kind === 'Pod') addAll(namespace)
  })
  addAll()
  return {
    close() {
      stop()
      queue.close()
    },
  }
}

/** `NodeShouldRunDaemonPod`. */
function fits(
  set: DaemonSet,
  node: KubeNode,
): { readonly shouldRun: boolean; readonly shouldStay: boolean } {
  const spec = onlyOn(node.metadata.name, set.spec.template)
  const named = set.spec.template.spec.nodeName
  if (named !== undefined && named !== node.metadata.name) {
    return { shouldRun: false, shouldStay: false }
  }
  if (!matchesNode(spec, node)) return { shouldRun: false, shouldStay: false }
  const repelled = taintsOf(node).filter((taint) => !tolerates(spec, taint))
  return {
    shouldRun: !repelled.some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute'),
    shouldStay: !repelled.some(({ effect }) => effect === 'NoExecute'),
  }
}

/** The spec of a pod that only that node may run: models ReplaceDaemonSetPodNodeNameNodeAffinity. */
function onlyOn(node: string, template: PodTemplate): PodTemplate['spec'] {
  const { spec } = template
  const affinity = recordOf(spec.affinity)
  const nodeAffinity = recordOf(affinity.nodeAffinity)
  const required = recordOf(nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution)
  const given: unknown = required.nodeSelectorTerms
  const terms: readonly unknown[] = Array.isArray(given) ? given : []
  const field = { key: 'metadata.name', operator: 'In', values: [node] }
  const own: readonly unknown[] = Array.isArray(spec.tolerations) ? spec.tolerations : []
  return {
    ...spec,
    affinity: {
      ...affinity,
      nodeAffinity: {
        ...nodeAffinity,
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms:
            terms.length === 0
              ? [{ matchFields: [field] }]
              : terms.map((term) => ({ ...recordOf(term), matchFields: [field] })),
        },
      },
    },
    tolerations: [
      ...own,
      ...TOLERATIONS.map(([key, effect]) => ({ key, operator: 'Exists', effect })),
      ...(spec.hostNetwork === true
        ? [
            {
              key: 'node.kubernetes.io/network-unavailable',
              operator: 'Exists',
              effect: 'NoSchedule',
            },
          ]
        : []),
    ],
  }
}

/** The node that a daemon's pod waits for. */
function targetNode(pod: Pod): string | undefined {
  const nodeAffinity = recordOf(recordOf(pod.spec.affinity).nodeAffinity)
  const required = recordOf(nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution)
  const terms: unknown = required.nodeSelectorTerms
  const fields: unknown = Array.isArray(terms) ? recordOf(terms[0]).matchFields : undefined
  const values: unknown = Array.isArray(fields) ? recordOf(fields[0]).values : undefined
  return Array.isArray(values) ? String(values[0]) : undefined
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
