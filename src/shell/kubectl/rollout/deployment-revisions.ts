import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { KubectlContext } from '../context.ts'
import { describePodTemplate } from '../describe/describe-containers.ts'
import { DescribeWriter } from '../describe/describe-writer.ts'
import { selectorText } from '../format-selector.ts'
import { record } from '../values.ts'

export const REVISION = 'deployment.kubernetes.io/revision'

/** The replica sets that a deployment owns, by the revision that each one is. */
export async function revisionsOf(
  context: KubectlContext,
  deployment: AnyKubeObject,
): Promise<ReadonlyMap<number, AnyKubeObject>> {
  const list = await context.client.list(
    { apiVersion: 'apps/v1', plural: 'replicasets', namespace: deployment.metadata.namespace },
    { labelSelector: selectorText(record(deployment.spec).selector), signal: context.signal },
  )
  const owned = list.items.filter((set) =>
    set.metadata.ownerReferences?.some((owner) => owner.uid === deployment.metadata.uid),
  )
  const numbered = owned.map(
    (set) => [Number(set.metadata.annotations?.[REVISION] ?? 0), set] as const,
  )
  return new Map(numbered.sort(([a], [b]) => a - b))
}

/** A pod template as `rollout history --revision` shows it: with its tabs as they are. */
export function templateText(template: unknown): string {
  const w = new DescribeWriter()
  describePodTemplate(w, record(template))
  return w.unaligned()
}
