import type { KubeObject, NetworkPolicy } from '../../kube/objects.ts'

/** Whether an object whose shape was checked is a NetworkPolicy. */
export function isNetworkPolicy(object: KubeObject): object is NetworkPolicy {
  return object.kind === 'NetworkPolicy' && object.apiVersion === 'networking.k8s.io/v1'
}
