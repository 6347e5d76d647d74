import type { AnyKubeObject } from '../../../kube/objects.ts'
import { FILE_FLAGS, SELECTOR_FLAG } from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { waitForObject } from '../pods/pod-waiting.ts'
import { readTarget, type Target, targetsOf, visitEach } from '../targets.ts'
import { isRecord, number, record, records, text } from '../values.ts'
import { assertNamed, resolveRollout } from './rollout-targets.ts'

const A_WEEK_MS = 168 * 3_600_000

/** `kubectl rollout status` (`kubectl/pkg/cmd/rollout/rollout_status.go`). */
export const rolloutStatusCommand: KubectlCommand = {
  name: 'rollout status',
  summary: 'Show the status of the rollout',
  usage: 'kubectl rollout status (TYPE NAME | TYPE/NAME) [flags]',
  words: 'objects',
  flags: [
    ...FILE_FLAGS,
    SELECTOR_FLAG,
    { name: 'revision', type: 'int' },
    { name: 'timeout', type: 'duration' },
    { name: 'watch', short: 'w', type: 'bool', default: 'true' },
  ],
  run: runStatus,
}

async function runStatus(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags } = given
  assertNamed(given)
  const revision = flags.int('revision')
  if (revision < 0) {
    throw new KubectlError(`revision must be a positive integer: ${revision}`)
  }
  const resolved = await resolveRollout(context, given)
  await visitEach(await targetsOf(context, resolved), async (target) => {
    const look = viewerOf(target)
    const timeoutMs = flags.duration('timeout') || A_WEEK_MS
    if (!flags.bool('watch')) {
      context.out(look(await readTarget(context, target), revision).text)
      return
    }
    await readTarget(context, target)
    let seen = ''
    await waitForObject<AnyKubeObject, true>(
      context,
      target,
      { timeoutMs, signal: context.signal },
      (object) => {
        if (object === undefined) throw new KubectlError('object has been deleted')
        const version = object.metadata.resourceVersion ?? ''
        if (version === seen) return undefined
        seen = version
        const status = look(object, revision)
        context.out(status.text)
        return status.done ? true : undefined
      },
    )
  })
  return 0
}

interface RolloutStatus {
  readonly text: string
  readonly done: boolean
}

type StatusViewer = (object: AnyKubeObject, revision: number) => RolloutStatus

/** `polymorphichelpers.StatusViewerFor`. @throws KubectlError for a kind that has no rollouts */
function viewerOf(target: Target): StatusViewer {
  switch (target.kind.kind) {
    case 'Deployment':
      return deploymentStatus
    case 'DaemonSet':
      return daemonSetStatus
    case 'StatefulSet':
      return statefulSetStatus
    default:
      throw new KubectlError(`no status viewer has been implemented for ${target.kind.kind}`)
  }
}

const waiting = (line: string): RolloutStatus => ({ text: `${line}...\n`, done: false })
const finished = (line: string): RolloutStatus => ({ text: `${line}\n`, done: true })

function deploymentStatus(deployment: AnyKubeObject, wanted: number): RolloutStatus {
  const { name } = deployment.metadata
  if (wanted > 0) {
    const revision = deployment.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? ''
    if (Number(revision) !== wanted) {
      throw new KubectlError(
        `desired revision (${wanted}) is different from the running revision (${Number(revision)})`,
      )
    }
  }
  const spec = record(deployment.spec)
  const status = record(deployment.status)
  if (number(deployment.metadata.generation) > number(status.observedGeneration)) {
    return waiting('Waiting for deployment spec update to be observed')
  }
  const progressing = records(status.conditions).find((one) => one.type === 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    throw new KubectlError(`deployment ${JSON.stringify(name)} exceeded its progress deadline`)
  }
  const updated = number(status.updatedReplicas)
  const replicas = number(status.replicas)
  const available = number(status.availableReplicas)
  const start = `Waiting for deployment ${JSON.stringify(name)} rollout to finish:`
  if (updated < number(spec.replicas)) {
    return waiting(
      `${start} ${updated} out of ${number(spec.replicas)} new replicas have been updated`,
    )
  }
  if (replicas > updated) {
    return waiting(`${start} ${replicas - updated} old replicas are pending termination`)
  }
  if (available < updated) {
    return waiting(`${start} ${available} of ${updated} updated replicas are available`)
  }
  return finished(`deployment ${JSON.stringify(name)} successfully rolled out`)
}

function onlyRollingUpdate(object: AnyKubeObject): void {
  if (record(record(object.spec).updateStrategy).type !== 'RollingUpdate') {
    throw new KubectlError('rollout status is only available for RollingUpdate strategy type')
  }
}

function daemonSetStatus(set: AnyKubeObject): RolloutStatus {
  onlyRollingUpdate(set)
  const { name } = set.metadata
  const status = record(set.status)
  if (number(set.metadata.generation) > number(status.observedGeneration)) {
    return waiting('Waiting for daemon set spec update to be observed')
  }
  const desired = number(status.desiredNumberScheduled)
  const start = `Waiting for daemon set ${JSON.stringify(name)} rollout to finish:`
  if (number(status.updatedNumberScheduled) < desired) {
    return waiting(
      `${start} ${number(status.updatedNumberScheduled)} out of ${desired} new pods have been updated`,
    )
  }
  if (number(status.numberAvailable) < desired) {
    return waiting(
      `${start} ${number(status.numberAvailable)} of ${desired} updated pods are available`,
    )
  }
  return finished(`daemon set ${JSON.stringify(name)} successfully rolled out`)
}

function statefulSetStatus(set: AnyKubeObject): RolloutStatus {
  onlyRollingUpdate(set)
  const spec = record(set.spec)
  const status = record(set.status)
  const observed = number(status.observedGeneration)
  if (observed === 0 || number(set.metadata.generation) > observed) {
    return waiting('Waiting for statefulset spec update to be observed')
  }
  const replicas = number(spec.replicas)
  if (number(status.readyReplicas) < replicas) {
    return waiting(`Waiting for ${replicas - number(status.readyReplicas)} pods to be ready`)
  }
  const rolling = record(spec.updateStrategy).rollingUpdate
  const updated = number(status.updatedReplicas)
  if (isRecord(rolling) && typeof rolling.partition === 'number') {
    const wanted = replicas - rolling.partition
    if (updated < wanted) {
      return waiting(
        `Waiting for partitioned roll out to finish: ${updated} out of ${wanted} new pods have been updated`,
      )
    }
    return finished(`partitioned roll out complete: ${updated} new pods have been updated...`)
  }
  if (status.updateRevision !== status.currentRevision) {
    return waiting(
      `waiting for statefulset rolling update to complete ${updated} pods at revision ${text(status.updateRevision)}`,
    )
  }
  return finished(
    `statefulset rolling update complete ${number(status.currentReplicas)} pods at revision ${text(status.currentRevision)}...`,
  )
}
