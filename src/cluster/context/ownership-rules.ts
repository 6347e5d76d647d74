import type { KubeClient } from '../../kube/client.ts'
import { kindOf, kindOfResource } from '../../kube/kinds.ts'
import type { AnyKubeObject, KubeObject } from '../../kube/objects.ts'
import { isOfTheLab } from '../ownership.ts'

/** The namespace that lessons use and the lab did not make: there it owns single objects, each marked. */
export const SHARED_NAMESPACE = 'default'

/** The mark of an object of the lab in a namespace that is not its own. An annotation, because labels would change what policies select. */
export const MARK = { 'app.kubernetes.io/managed-by': 'netpol-lab' } as const

export function isMarked(object: KubeObject): boolean {
  return object.metadata.annotations?.['app.kubernetes.io/managed-by'] === 'netpol-lab'
}

/** Owners of owners: a pod of a deployment has two. */
const MOST_OWNERS = 4

/** Whether the lab made an object, or made what controls it. */
export async function isOurs(
  client: KubeClient,
  object: KubeObject,
  signal?: AbortSignal,
  owners = MOST_OWNERS,
): Promise<boolean> {
  if (isMarked(object)) return true
  const owner = object.metadata.ownerReferences?.find((reference) => reference.controller === true)
  const kind = owner === undefined ? undefined : kindOf(owner)
  if (owner === undefined || kind === undefined || owners === 0) return false
  const { apiVersion, name } = owner
  const { namespace } = object.metadata
  const controller = await client.find<AnyKubeObject>(
    { apiVersion, plural: kind.plural, namespace, name },
    { signal },
  )
  return controller !== undefined && isOurs(client, controller, signal, owners - 1)
}

/** The pods of a shared namespace that the lab did not make. A policy there would govern them too. */
export async function foreignPods(
  client: KubeClient,
  namespace: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  return foreign(client, { apiVersion: 'v1', plural: 'pods', namespace }, signal)
}

/** The policies of a shared namespace that the lab did not make. They would change what lessons show. */
export async function foreignPolicies(
  client: KubeClient,
  namespace: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const ref = { apiVersion: 'networking.k8s.io/v1', plural: 'networkpolicies', namespace }
  return foreign(client, ref, signal)
}

async function foreign(
  client: KubeClient,
  ref: { readonly apiVersion: string; readonly plural: string; readonly namespace: string },
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const { items } = await client.list<AnyKubeObject>(ref, { signal })
  const names: string[] = []
  for (const item of items) {
    if (!(await isOurs(client, item, signal))) names.push(item.metadata.name)
  }
  return names
}

/** Whether a namespace exists and is the lab's, another's, or not there. */
export async function namespaceOwner(
  client: KubeClient,
  name: string,
  signal?: AbortSignal,
): Promise<'lab' | 'other' | 'absent'> {
  const namespace = await client.find({ apiVersion: 'v1', plural: 'namespaces', name }, { signal })
  if (namespace === undefined) return 'absent'
  return isOfTheLab(namespace) ? 'lab' : 'other'
}

/** Whether the lab knows this kind, so that it can find what it made again. */
export function isKnownKind(apiVersion: string, plural: string): boolean {
  return kindOfResource(apiVersion, plural) !== undefined
}
