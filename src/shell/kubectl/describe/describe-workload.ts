import type { AnyKubeObject, ReplicaSet } from '../../../kube/objects.ts'
import type { KubectlContext } from '../context.ts'
import { selectorText } from '../format-selector.ts'
import { isRecord, number, record, records, text } from '../values.ts'
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
  const count = (phase: string) => phases.filter((one) => one === phase).length
  const w = new DescribeWriter()
  writeNameAndNamespace(w, { ...set.metadata })
  w.write(0, `Selector:\t${selectorText(spec.selector)}\n`)
  writeLabels(w, 'Labels', set.metadata.labels)
  writeAnnotations(w, 'Annotations', set.metadata.annotations)
  const controller = controllerOf({ ...set.metadata })
  if (controller !== '') w.write(0, `Controlled By:\t${controller}\n`)
  w.write(0, `Replicas:\t${number(status.replicas)} current / ${number(spec.replicas)} desired\n`)
  w.write(
    0,
    `Pods Status:\t${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed\n`,
  )
  describePodTemplate(w, record(spec.template))
  writeConditions(w, status)
  describeEvents(w, events, context.clock.now())
  return w.finish()
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
  return list.items.filter((set) =>
    set.metadata.ownerReferences?.some((owner) => owner.uid === deployment.metadata.uid),
  )
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
