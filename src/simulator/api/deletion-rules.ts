import type { AnyKubeObject } from '../../kube/objects.ts'
import type { StoredKind } from '../ports.ts'

/** Deleted, and nobody waits for it any more. */
export function isFinished(kind: StoredKind, object: AnyKubeObject): boolean {
  return (
    object.metadata.deletionTimestamp !== undefined &&
    (object.metadata.finalizers ?? []).length === 0 &&
    !hasSpecFinalizers(object) &&
    (kind !== 'Pod' || object.metadata.deletionGracePeriodSeconds === 0)
  )
}

/** Namespaces wait for `spec.finalizers`, too. */
export function hasSpecFinalizers(object: AnyKubeObject): boolean {
  if (object.kind !== 'Namespace') return false
  const finalizers: unknown = recordOf(object.spec).finalizers
  return Array.isArray(finalizers) && finalizers.length > 0
}

/** Only pods that were placed on a node are given time: models pkg/registry/core/pod strategy.CheckGracefulDelete. */
export function graceFor(
  kind: StoredKind,
  object: AnyKubeObject,
  asked: number | undefined,
): number {
  if (kind !== 'Pod') return 0
  const spec = recordOf(object.spec)
  const phase = recordOf(object.status).phase
  if (spec.nodeName === undefined || phase === 'Succeeded' || phase === 'Failed') return 0
  const own = spec.terminationGracePeriodSeconds
  return Math.max(0, asked ?? (typeof own === 'number' ? own : 30))
}

/** The finalizers that a propagation policy asks for. */
export function withPropagation(
  finalizers: readonly string[],
  policy: string | undefined,
): string[] {
  const kept = finalizers.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion')
  if (policy === 'Orphan') return [...kept, 'orphan']
  if (policy === 'Foreground') return [...kept, 'foregroundDeletion']
  return policy === undefined ? [...finalizers] : kept
}

/** A JSON object, or an empty one. */
export function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
