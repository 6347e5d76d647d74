import type { AnyKubeObject, ReplicaSet } from '../../../kube/objects.ts'
import type { KubectlContext } from '../context.ts'
import { selectorText } from '../format-selector.ts'
import { labelText } from '../print/resource-table.ts'
import { isRecord, number, record, records, stringMap, strings, text } from '../values.ts'
import { describePodTemplate } from './describe-containers.ts'
import { describeEvents, findEvents } from './describe-events.ts'
import {
  controllerOf,
  DescribeWriter,
  writeAnnotations,
  writeLabels,
  writeNameAndNamespace,
} from './describe-writer.ts'
import type { Describer } from './describer.ts'
import { rfc1123z } from './go-time.ts'

const REVISION = 'deployment.kubernetes.io/revision'

/** `kubectl describe deployment` (`describeDeployment`). */
export const describeDeployment: Describer = async (context, deployment, options) => {
  const events = options.showEvents
    ? await findEvents(context, deployment, { withKind: true })
    : undefined
  const sets = await replicaSetsOf(context, deployment)
  const spec = record(deployment.spec)
  const status = record(deployment.status)
  const w = new DescribeWriter()
  writeNameAndNamespace(w, { ...deployment.metadata })
  w.write(0, `CreationTimestamp:\t${rfc1123z(deployment.metadata.creationTimestamp)}\n`)
  writeLabels(w, 'Labels', deployment.metadata.labels)
  writeAnnotations(w, 'Annotations', deployment.metadata.annotations)
  w.write(0, `Selector:\t${selectorText(spec.selector)}\n`)
  w.write(
    0,
    `Replicas:\t${number(spec.replicas)} desired | ${number(status.updatedReplicas)} updated | ${number(status.replicas)} total | ${number(status.availableReplicas)} available | ${number(status.unavailableReplicas)} unavailable\n`,
  )
  const strategy = record(spec.strategy)
  w.write(0, `StrategyType:\t${text(strategy.type)}\n`)
  w.write(0, `MinReadySeconds:\t${number(spec.minReadySeconds)}\n`)
  const rolling = strategy.rollingUpdate
  if (isRecord(rolling)) {
    w.write(
      0,
      `RollingUpdateStrategy:\t${String(rolling.maxUnavailable ?? '')} max unavailable, ${String(rolling.maxSurge ?? '')} max surge\n`,
    )
  }
  describePodTemplate(w, record(spec.template))
  writeConditions(w, status)
  if (sets.length > 0) {
    const revision = deployment.metadata.annotations?.[REVISION]
    const isNew = (set: ReplicaSet) => set.metadata.annotations?.[REVISION] === revision
    w.write(0, `OldReplicaSets:\t${setsText(sets.filter((set) => !isNew(set)))}\n`)
    w.write(0, `NewReplicaSet:\t${setsText(sets.filter(isNew))}\n`)
  }
  describeEvents(w, events, context.clock.now())
  return w.finish()
}

/** `kubectl describe replicaset` (`describeReplicaSet`). */
export const describeReplicaSet: Describer = async (context, set, options) => {
  const events = options.showEvents ? await findEvents(context, set, { withKind: true }) : undefined
  const spec = record(set.spec)
  const status = record(set.status)
  const phases = await podPhases(context, set)
  const w = new DescribeWriter()
  writeNameAndNamespace(w, { ...set.metadata })
  w.write(0, `Selector:\t${selectorText(spec.selector)}\n`)
  writeLabels(w, 'Labels', set.metadata.labels)
  writeAnnotations(w, 'Annotations', set.metadata.annotations)
  const controller = controllerOf({ ...set.metadata })
  if (controller !== '') w.write(0, `Controlled By:\t${controller}\n`)
  w.write(0, `Replicas:\t${number(status.replicas)} current / ${number(spec.replicas)} desired\n`)
  writePodsStatus(w, phases)
  describePodTemplate(w, record(spec.template))
  writeConditions(w, status)
  describeEvents(w, events, context.clock.now())
  return w.finish()
}

/** `kubectl describe statefulset` (`describeStatefulSet`). */
export const describeStatefulSet: Describer = async (context, set, options) => {
  const events = options.showEvents ? await findEvents(context, set, { withKind: true }) : undefined
  const spec = record(set.spec)
  const strategy = record(spec.updateStrategy)
  const phases = await podPhases(context, set)
  const w = new DescribeWriter()
  writeNameAndNamespace(w, { ...set.metadata })
  w.write(0, `CreationTimestamp:\t${rfc1123z(set.metadata.creationTimestamp)}\n`)
  w.write(0, `Selector:\t${selectorText(spec.selector)}\n`)
  writeLabels(w, 'Labels', set.metadata.labels)
  writeAnnotations(w, 'Annotations', set.metadata.annotations)
  const total = number(record(set.status).replicas)
  w.write(0, `Replicas:\t${number(spec.replicas)} desired | ${total} total\n`)
  w.write(0, `Update Strategy:\t${text(strategy.type)}\n`)
  const rolling = strategy.rollingUpdate
  if (isRecord(rolling) && typeof rolling.partition === 'number') {
    w.write(0, `  Partition:\t${rolling.partition}\n`)
    if (rolling.maxUnavailable !== undefined) {
      w.write(0, `  MaxUnavailable:\t${String(rolling.maxUnavailable)}\n`)
    }
  }
  writePodsStatus(w, phases)
  describePodTemplate(w, record(spec.template))
  writeVolumeClaims(w, records(spec.volumeClaimTemplates))
  describeEvents(w, events, context.clock.now())
  return w.finish()
}

function writeVolumeClaims(w: DescribeWriter, claims: readonly Record<string, unknown>[]): void {
  w.write(0, claims.length === 0 ? 'Volume Claims:\t<none>\n' : 'Volume Claims:\n')
  for (const claim of claims) {
    const metadata = record(claim.metadata)
    const spec = record(claim.spec)
    const storage = record(record(spec.resources).requests).storage
    w.write(1, `Name:\t${text(metadata.name)}\n`)
    w.write(1, `StorageClass:\t${text(spec.storageClassName)}\n`)
    writeLabels(w, '  Labels', metadata.labels)
    writeAnnotations(w, '  Annotations', metadata.annotations)
    w.write(1, `Capacity:\t${storage === undefined ? '<default>' : String(storage)}\n`)
    w.write(1, `Access Modes:\t[${strings(spec.accessModes).join(' ')}]\n`)
  }
}

/** `kubectl describe daemonset` (`describeDaemonSet`). */
export const describeDaemonSet: Describer = async (context, set, options) => {
  const events = options.showEvents ? await findEvents(context, set, { withKind: true }) : undefined
  const spec = record(set.spec)
  const status = record(set.status)
  const phases = await podPhases(context, set)
  const nodes = stringMap(record(record(spec.template).spec).nodeSelector)
  const w = new DescribeWriter()
  w.write(0, `Name:\t${set.metadata.name}\n`)
  w.write(0, `Selector:\t${selectorText(spec.selector)}\n`)
  w.write(0, `Node-Selector:\t${labelText(nodes)}\n`)
  writeLabels(w, 'Labels', set.metadata.labels)
  writeAnnotations(w, 'Annotations', set.metadata.annotations)
  for (const [title, field] of [
    ['Desired Number of Nodes Scheduled', 'desiredNumberScheduled'],
    ['Current Number of Nodes Scheduled', 'currentNumberScheduled'],
    ['Number of Nodes Scheduled with Up-to-date Pods', 'updatedNumberScheduled'],
    ['Number of Nodes Scheduled with Available Pods', 'numberAvailable'],
    ['Number of Nodes Misscheduled', 'numberMisscheduled'],
  ] as const) {
    w.write(0, `${title}: ${number(status[field])}\n`)
  }
  writePodsStatus(w, phases)
  describePodTemplate(w, record(spec.template))
  describeEvents(w, events, context.clock.now())
  return w.finish()
}

function writePodsStatus(w: DescribeWriter, phases: readonly string[]): void {
  const count = (phase: string) => phases.filter((one) => one === phase).length
  w.write(
    0,
    `Pods Status:\t${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed\n`,
  )
}

function writeConditions(w: DescribeWriter, status: Record<string, unknown>): void {
  const conditions = records(status.conditions)
  if (conditions.length === 0) return
  w.write(0, 'Conditions:\n  Type\tStatus\tReason\n')
  w.write(1, '----\t------\t------\n')
  for (const one of conditions) {
    w.write(1, `${text(one.type)} \t${text(one.status)}\t${text(one.reason)}\n`)
  }
}

async function replicaSetsOf(
  context: KubectlContext,
  deployment: AnyKubeObject,
): Promise<readonly ReplicaSet[]> {
  const list = await context.client.list<ReplicaSet>(
    { apiVersion: 'apps/v1', plural: 'replicasets', namespace: deployment.metadata.namespace },
    {
      labelSelector: selectorText(record(deployment.spec).selector),
      signal: context.signal,
    },
  )
  return list.items
    .filter((set) =>
      set.metadata.ownerReferences?.some((owner) => owner.uid === deployment.metadata.uid),
    )
    .sort((a, b) => (ageKey(a) < ageKey(b) ? -1 : 1))
}

/** Older ones first, by name where they are of one second. */
function ageKey({ metadata }: ReplicaSet): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.name}`
}

function setsText(sets: readonly ReplicaSet[]): string {
  return (
    sets
      .map((set) => {
        const { replicas = 0 } = set.spec
        return `${set.metadata.name} (${set.status?.replicas ?? 0}/${replicas} replicas created)`
      })
      .join(', ') || '<none>'
  )
}

async function podPhases(context: KubectlContext, set: AnyKubeObject): Promise<readonly string[]> {
  const list = await context.client.list(
    { apiVersion: 'v1', plural: 'pods', namespace: set.metadata.namespace },
    { labelSelector: selectorText(record(set.spec).selector), signal: context.signal },
  )
  return list.items
    .filter((pod) => pod.metadata.ownerReferences?.some((owner) => owner.uid === set.metadata.uid))
    .map((pod) => text(record(pod.status).phase))
}
