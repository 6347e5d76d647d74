import type { AnyKubeObject, KubeObject, ObjectMeta, Pod, PodTemplate } from './objects.ts'

/** Pods that a workload of a manifest stands for, and how it is named: `deployment/web`. */
export interface WorkloadPods {
  readonly workload: string
  readonly pods: readonly Pod[]
}

/** More pods of one template add nothing that two do not show: they tell a pod from its like. */
const ALIKE = 2
/** Pods of a StatefulSet have names that people use. */
const MOST_NAMED = 100

/**
 * The pods that an object makes in a cluster: those of its template, without addresses. Deployments, ReplicaSets,
 * ReplicationControllers, DaemonSets and Jobs give at most two, as any more are the same; StatefulSets give each with its name.
 * `undefined` for kinds that make none.
 */
export function podsOfWorkload(object: AnyKubeObject): WorkloadPods | undefined {
  const { kind, metadata } = object
  if (kind === 'Pod')
    return { workload: `pod/${metadata.name}`, pods: isPod(object) ? [object] : [] }
  const made = (template: PodTemplate | undefined, names: readonly string[]): WorkloadPods => ({
    workload: `${kind.toLowerCase()}/${metadata.name}`,
    pods: template === undefined ? [] : names.map((name) => fromTemplate(object, template, name)),
  })
  const { name } = metadata
  if (hasTemplate(object, ['Deployment', 'ReplicaSet', 'ReplicationController'])) {
    return made(object.spec.template, numbered(name, object.spec.replicas ?? 1))
  }
  if (hasTemplate(object, ['StatefulSet'])) {
    const count = Math.min(object.spec.replicas ?? 1, MOST_NAMED)
    return made(
      object.spec.template,
      Array.from({ length: count }, (_, index) => `${name}-${index}`),
    )
  }
  // One a node; that there are several nodes is the usual case.
  if (hasTemplate(object, ['DaemonSet'])) return made(object.spec.template, numbered(name, ALIKE))
  if (hasTemplate(object, ['Job'])) {
    return made(object.spec.template, numbered(name, object.spec.parallelism ?? 1))
  }
  if (isCronJob(object)) {
    const job = object.spec.jobTemplate?.spec
    return made(job?.template, numbered(name, job?.parallelism ?? 1))
  }
  return undefined
}

function numbered(name: string, count: number): readonly string[] {
  if (count === 1) return [name]
  return Array.from({ length: Math.min(count, ALIKE) }, (_, index) => `${name}-${index + 1}`)
}

function fromTemplate(owner: KubeObject, template: PodTemplate, name: string): Pod {
  const { namespace } = owner.metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadataOf(template),
      name,
      ...(namespace === undefined ? {} : { namespace }),
    },
    spec: template.spec,
  }
}

/** What a pod takes over from the metadata of its template. */
export function metadataOf(template: PodTemplate): Partial<ObjectMeta> {
  const { creationTimestamp: _none, ...metadata } = template.metadata ?? {}
  return metadata
}

interface Templated extends KubeObject {
  spec: { replicas?: number; parallelism?: number; template?: PodTemplate }
}

interface CronJob extends KubeObject {
  spec: { jobTemplate?: { spec?: { parallelism?: number; template?: PodTemplate } } }
}

/** The shape was checked when the manifest was read: the kind says what it is. */
function hasTemplate(object: KubeObject, kinds: readonly string[]): object is Templated {
  return kinds.includes(object.kind)
}

function isCronJob(object: KubeObject): object is CronJob {
  return object.kind === 'CronJob'
}

function isPod(object: KubeObject): object is Pod {
  return object.kind === 'Pod'
}
