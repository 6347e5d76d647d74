import { humanDuration } from '../../../kube/human-duration.ts'
import { groupKind, parseApiVersion } from '../../../kube/kinds.ts'
import type {
  ControllerRevision,
  CronJob,
  DaemonSet,
  Job,
  ReplicationController,
  StatefulSet,
  StoredPodTemplate,
} from '../../../kube/workload-objects.ts'
import { ageColumn, ageOf, type Column, nameColumn } from './column.ts'
import { containerColumns, mapText, NONE, selectorText } from './texts.ts'

const counted = (name: string, count: (set: DaemonSet) => number | undefined): Column => ({
  name,
  type: 'integer',
  cell: (object) => count(object as DaemonSet) ?? 0,
})

/** The columns of stateful sets, daemon sets, jobs and cron jobs: models printStatefulSet and its neighbours. */
export const workloadColumns = {
  PodTemplate: [
    nameColumn,
    ...containerColumns(
      (object) => (object as StoredPodTemplate).template?.spec ?? { containers: [] },
    ).map(({ wide: _wide, ...column }): Column => column),
    {
      name: 'Pod Labels',
      cell: (object) => mapText((object as StoredPodTemplate).template?.metadata?.labels),
    },
  ],
  ReplicationController: [
    nameColumn,
    {
      name: 'Desired',
      type: 'integer',
      cell: (object) => (object as ReplicationController).spec.replicas ?? 0,
    },
    {
      name: 'Current',
      type: 'integer',
      cell: (object) => (object as ReplicationController).status?.replicas ?? 0,
    },
    {
      name: 'Ready',
      type: 'integer',
      cell: (object) => (object as ReplicationController).status?.readyReplicas ?? 0,
    },
    ageColumn,
    ...containerColumns(
      (object) => (object as ReplicationController).spec.template?.spec ?? { containers: [] },
    ),
    {
      name: 'Selector',
      wide: true,
      cell: (object) => mapText((object as ReplicationController).spec.selector),
    },
  ],
  ControllerRevision: [
    nameColumn,
    {
      name: 'Controller',
      cell: (object) => {
        const owner = object.metadata.ownerReferences?.find((entry) => entry.controller === true)
        if (owner === undefined) return NONE
        const { group } = parseApiVersion(owner.apiVersion)
        return `${groupKind({ group, kind: owner.kind })}/${owner.name}`
      },
    },
    { name: 'Revision', cell: (object) => String((object as ControllerRevision).revision) },
    ageColumn,
  ],
  CronJob: [
    nameColumn,
    { name: 'Schedule', cell: (object) => (object as CronJob).spec.schedule },
    { name: 'Timezone', cell: (object) => (object as CronJob).spec.timeZone ?? NONE },
    {
      name: 'Suspend',
      type: 'boolean',
      cell: (object) => ((object as CronJob).spec.suspend === true ? 'True' : 'False'),
    },
    {
      name: 'Active',
      type: 'integer',
      cell: (object) => ((object as CronJob).status?.active ?? []).length,
    },
    {
      name: 'Last Schedule',
      cell: (object, now) => {
        const last = (object as CronJob).status?.lastScheduleTime
        return last === undefined ? NONE : ageOf(last, now)
      },
    },
    ageColumn,
    ...containerColumns((object) => (object as CronJob).spec.jobTemplate.spec.template.spec),
    {
      name: 'Selector',
      wide: true,
      cell: (object) => selectorText((object as CronJob).spec.jobTemplate.spec.selector),
    },
  ],
  DaemonSet: [
    nameColumn,
    counted('Desired', (set) => set.status?.desiredNumberScheduled),
    counted('Current', (set) => set.status?.currentNumberScheduled),
    counted('Ready', (set) => set.status?.numberReady),
    counted('Up-to-date', (set) => set.status?.updatedNumberScheduled),
    counted('Available', (set) => set.status?.numberAvailable),
    {
      name: 'Node Selector',
      cell: (object) => {
        const selector: unknown = (object as DaemonSet).spec.template.spec.nodeSelector
        return typeof selector === 'object' && selector !== null ? mapText({ ...selector }) : NONE
      },
    },
    ageColumn,
    ...containerColumns((object) => (object as DaemonSet).spec.template.spec),
    {
      name: 'Selector',
      wide: true,
      cell: (object) => selectorText((object as DaemonSet).spec.selector),
    },
  ],
  Job: [
    nameColumn,
    { name: 'Status', cell: (object) => jobStatus(object as Job) },
    { name: 'Completions', cell: (object) => completions(object as Job) },
    { name: 'Duration', cell: (object, now) => jobDuration(object as Job, now) },
    ageColumn,
    ...containerColumns((object) => (object as Job).spec.template.spec),
    { name: 'Selector', wide: true, cell: (object) => selectorText((object as Job).spec.selector) },
  ],
  StatefulSet: [
    nameColumn,
    {
      name: 'Ready',
      cell: (object) => {
        const { spec, status } = object as StatefulSet
        return `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`
      },
    },
    ageColumn,
    ...containerColumns((object) => (object as StatefulSet).spec.template.spec),
  ],
} satisfies Readonly<Record<string, readonly Column[]>>

function jobStatus(job: Job): string {
  const has = (type: string) =>
    job.status?.conditions?.some((entry) => entry.type === type && entry.status === 'True') === true
  if (has('Complete')) return 'Complete'
  if (has('Failed')) return 'Failed'
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating'
  if (has('Suspended')) return 'Suspended'
  return has('FailureTarget') ? 'FailureTarget' : 'Running'
}

function completions({ spec, status }: Job): string {
  const done = status?.succeeded ?? 0
  if (spec.completions !== undefined) return `${done}/${spec.completions}`
  const parallelism = spec.parallelism ?? 0
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`
}

function jobDuration({ status }: Job, now: number): string {
  if (status?.startTime === undefined) return ''
  const end = status.completionTime === undefined ? now : Date.parse(status.completionTime)
  return humanDuration(end - Date.parse(status.startTime))
}
