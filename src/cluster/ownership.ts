import type { KubeObject } from '../kube/objects.ts'

/** The label of the namespaces that the lab made. Everything in such a namespace is the lab's. */
export const LAB_LABELS = { 'app.kubernetes.io/managed-by': 'netpol-lab' } as const

/** Selects the namespaces of the lab. */
export const LAB_SELECTOR = 'app.kubernetes.io/managed-by=netpol-lab'

export function isOfTheLab(object: KubeObject): boolean {
  return object.metadata.labels?.['app.kubernetes.io/managed-by'] === 'netpol-lab'
}
