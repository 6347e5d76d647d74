import { humanDuration } from '../../../kube/human-duration.ts'
import type { ContainerStatus, Pod } from '../../../kube/objects.ts'
import { ageColumn, type Column, nameColumn } from './column.ts'

/** The columns of pods: models printPod. */
export const podColumns: readonly Column[] = [
  nameColumn,
  { name: 'Ready', cell: (object) => readyText(object as Pod) },
  { name: 'Status', cell: (object) => podReason(object as Pod) },
  { name: 'Restarts', cell: (object, now) => restartsText(object as Pod, now) },
  ageColumn,
  {
    name: 'IP',
    wide: true,
    cell: (object) =>
      (object as Pod).status?.podIPs?.[0]?.ip ?? (object as Pod).status?.podIP ?? '<none>',
  },
  { name: 'Node', wide: true, cell: (object) => (object as Pod).spec.nodeName ?? '<none>' },
  { name: 'Nominated Node', wide: true, cell: () => '<none>' },
  {
    name: 'Readiness Gates',
    wide: true,
    cell: () => '<none>',
  },
]

function statuses(pod: Pod): readonly ContainerStatus[] {
  return pod.status?.containerStatuses ?? []
}

/** The names of the init containers that go on running. */
function sidecarsOf(pod: Pod): ReadonlySet<string> {
  const sidecars = (pod.spec.initContainers ?? []).filter((init) => init.restartPolicy === 'Always')
  return new Set(sidecars.map((init) => init.name))
}

function readyText(pod: Pod): string {
  const sidecars = sidecarsOf(pod)
  const inits = (pod.status?.initContainerStatuses ?? []).filter((status) =>
    sidecars.has(status.name),
  )
  const ready = [...inits, ...statuses(pod)].filter(
    (status) => status.ready && status.state?.running !== undefined,
  )
  return `${ready.length}/${pod.spec.containers.length + sidecars.size}`
}

/** The STATUS column: the phase, or what keeps the pod from it. */
function podReason(pod: Pod): string {
  let reason: string = pod.status?.reason ?? pod.status?.phase ?? ''
  const initProblem = initReason(pod)
  if (initProblem !== undefined) reason = initProblem
  else {
    let hasRunning = false
    for (const status of [...statuses(pod)].reverse()) {
      const { waiting, terminated, running } = status.state ?? {}
      if (waiting !== undefined && waiting.reason !== '') reason = waiting.reason
      else if (terminated !== undefined) {
        reason = terminated.reason ?? `ExitCode:${terminated.exitCode}`
      } else if (status.ready && running !== undefined) hasRunning = true
    }
    if (reason === 'Completed' && hasRunning) {
      const ready = pod.status?.conditions?.some(
        (condition) => condition.type === 'Ready' && condition.status === 'True',
      )
      reason = ready === true ? 'Running' : 'NotReady'
    }
  }
  const gated = pod.status?.conditions?.some(
    (condition) => condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated',
  )
  if (gated === true) reason = 'SchedulingGated'
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating'
  return reason
}

function initReason(pod: Pod): string | undefined {
  const inits = pod.status?.initContainerStatuses ?? []
  const sidecars = sidecarsOf(pod)
  for (const [index, status] of inits.entries()) {
    const { terminated, waiting } = status.state ?? {}
    if (terminated !== undefined && terminated.exitCode === 0) continue
    if (sidecars.has(status.name) && status.started === true) continue
    if (terminated !== undefined) {
      return `Init:${terminated.reason ?? `ExitCode:${terminated.exitCode}`}`
    }
    if (waiting !== undefined && waiting.reason !== '' && waiting.reason !== 'PodInitializing') {
      return `Init:${waiting.reason}`
    }
    return `Init:${index}/${pod.spec.initContainers?.length ?? inits.length}`
  }
  return undefined
}

function restartsText(pod: Pod, now: number): string {
  const count = statuses(pod).reduce((sum, status) => sum + status.restartCount, 0)
  const last = statuses(pod)
    .map((status) => status.lastState?.terminated?.finishedAt)
    .filter((time) => time !== undefined)
    .sort()
    .at(-1)
  return count > 0 && last !== undefined
    ? `${count} (${humanDuration(now - Date.parse(last))} ago)`
    : String(count)
}
