import { apiVersionOf, KINDS } from '../../kube/kinds.ts'
import { matchesSelector } from '../../kube/label-selector.ts'
import type {
  KubeObject,
  LabelSelector,
  ObjectMeta,
  OwnerReference,
  Pod,
  PodTemplate,
} from '../../kube/objects.ts'
import { metadataOf } from '../../kube/workload-pods.ts'
import type { KindName, ObjectOf } from '../ports.ts'
import { type ControllerContext, nameSuffix } from './controller.ts'
import { isTerminating } from './pod-facts.ts'
import { isRefusal } from './work-queue.ts'

/** The two halves of `namespace/name`. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

export function keyOf(object: { metadata: { namespace?: string; name: string } }): string {
  return `${object.metadata.namespace ?? 'default'}/${object.metadata.name}`
}

/** The entry of `ownerReferences` that says that this object is in charge. */
export function controllerReference(owner: KubeObject): OwnerReference {
  const info = KINDS.find((entry) => entry.kind === owner.kind)
  return {
    apiVersion: info === undefined ? owner.apiVersion : apiVersionOf(info),
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** Who is in charge of an object. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((entry) => entry.controller === true)
}

/** `metadata` without its owners, or with these. */
export function withOwners(metadata: ObjectMeta, owners: readonly OwnerReference[]): ObjectMeta {
  const { ownerReferences: _owners, ...rest } = metadata
  return owners.length === 0 ? rest : { ...rest, ownerReferences: [...owners] }
}

/**
 * The objects of a kind that an owner is in charge of. Those that nobody is in charge of and that match are adopted, those that no
 * longer match are let go: models ControllerRefManager of pkg/controller.
 */
export function claim<K extends KindName>(
  context: ControllerContext,
  kind: K,
  owner: KubeObject,
  selector: LabelSelector,
  options: {
    /** What it must be beside matching the selector; what is not is let go. */
    readonly fits?: (object: ObjectOf<K>) => boolean
    /** Others are left alone, whoever owns them. */
    readonly among?: (object: ObjectOf<K>) => boolean
  } = {},
): ObjectOf<K>[] {
  const { objects } = context
  const { fits = () => true, among = () => true } = options
  const mine: ObjectOf<K>[] = []
  for (const object of objects.list(kind, owner.metadata.namespace)) {
    if (!among(object)) continue
    const controller = controllerOf(object)
    const { metadata } = object
    const matches = matchesSelector(selector, metadata.labels ?? {}) && fits(object)
    if (controller !== undefined) {
      if (controller.uid !== owner.metadata.uid) continue
      if (matches || isTerminating(owner)) mine.push(object)
      else {
        const others = (metadata.ownerReferences ?? []).filter(
          (entry) => entry.uid !== owner.metadata.uid,
        )
        objects.update(kind, { ...object, metadata: withOwners(metadata, others) })
      }
    } else if (matches && !isTerminating(owner) && !isTerminating(object)) {
      const owners = [...(metadata.ownerReferences ?? []), controllerReference(owner)]
      mine.push(objects.update(kind, { ...object, metadata: withOwners(metadata, owners) }))
    }
  }
  return mine
}

/** A pod of a template, with a name of its own: `web-7c5ddbdf54-x7k2p`. */
export function podFrom(
  context: ControllerContext,
  owner: KubeObject,
  template: PodTemplate,
  prefix = `${owner.metadata.name}-`,
): Pod {
  // As names/generate.go: 63 signs, of which five are random.
  const base = prefix.slice(0, 58)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadataOf(template),
      name: `${base}${nameSuffix(context.randomBytes)}`,
      generateName: prefix,
      ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  }
}

/**
 * Creates a pod and says so, or says why not: models RealPodControl.
 * @throws the API's refusal
 */
export function createPod(
  context: ControllerContext,
  component: string,
  owner: KubeObject,
  pod: Pod,
): Pod {
  try {
    const made = context.objects.create('Pod', pod)
    context.events.record(component, owner, {
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created pod: ${made.metadata.name}`,
    })
    return made
  } catch (error) {
    if (isRefusal(error)) {
      context.events.record(component, owner, {
        type: 'Warning',
        reason: 'FailedCreate',
        message: `Error creating: ${error.message}`,
      })
    }
    throw error
  }
}

/** Deletes a pod and says so. */
export function deletePod(
  context: ControllerContext,
  component: string,
  owner: KubeObject,
  pod: Pod,
): void {
  context.objects.delete('Pod', pod.metadata.namespace, pod.metadata.name, {
    ...(pod.metadata.uid === undefined ? {} : { uid: pod.metadata.uid }),
  })
  context.events.record(component, owner, {
    type: 'Normal',
    reason: 'SuccessfulDelete',
    message: `Deleted pod: ${pod.metadata.name}`,
  })
}

/** Whether the namespace of an object is there and stays. */
export function hasHome(context: ControllerContext, namespace: string): boolean {
  const home = context.objects.get('Namespace', undefined, namespace)
  return home !== undefined && !isTerminating(home)
}

/** A number, or a percentage of a whole. */
export function partOf(
  value: number | string | undefined,
  whole: number,
  round: (value: number) => number,
): number {
  if (value === undefined) return 0
  return typeof value === 'number' ? value : round((Number.parseFloat(value) / 100) * whole)
}
