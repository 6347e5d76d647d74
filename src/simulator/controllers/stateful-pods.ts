import type { Pod, PodTemplate } from '../../kube/objects.ts'
import type { PersistentVolumeClaim } from '../../kube/stored-objects.ts'
import type { StatefulSet } from '../../kube/workload-objects.ts'
import { metadataOf } from '../../kube/workload-pods.ts'
import { controllerReference } from './pod-control.ts'
import { REVISION_LABEL } from './revisions.ts'

const NAME_LABEL = 'statefulset.kubernetes.io/pod-name'
const INDEX_LABEL = 'apps.kubernetes.io/pod-index'

/** The number at the end of a pod's name; -1 where the pod is not of that set. */
export function ordinalOf(set: StatefulSet, pod: Pod): number {
  const prefix = `${set.metadata.name}-`
  const { name } = pod.metadata
  const rest = name.startsWith(prefix) ? name.slice(prefix.length) : ''
  return /^(0|[1-9]\d*)$/.test(rest) ? Number(rest) : -1
}

/** `getPodRevision`. */
export function podRevision(pod: Pod): string {
  return pod.metadata.labels?.[REVISION_LABEL] ?? ''
}

/** The pod of that number: its name, host name, labels and claims follow from it. Models newStatefulSetPod. */
export function statefulPod(
  set: StatefulSet,
  template: PodTemplate,
  revision: string,
  ordinal: number,
): Pod {
  const name = `${set.metadata.name}-${ordinal}`
  const claims = (set.spec.volumeClaimTemplates ?? []).map((claim) => claim.metadata.name)
  const given: unknown = template.spec.volumes
  const volumes: readonly unknown[] = Array.isArray(given) ? given : []
  const isClaim = (volume: unknown) =>
    typeof volume === 'object' &&
    volume !== null &&
    claims.includes(String(Reflect.get(volume, 'name')))
  const all = [
    ...claims.map((claim) => ({
      name: claim,
      persistentVolumeClaim: { claimName: `${claim}-${name}` },
    })),
    ...volumes.filter((volume) => !isClaim(volume)),
  ]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadataOf(template),
      name,
      generateName: `${set.metadata.name}-`,
      ...(set.metadata.namespace === undefined ? {} : { namespace: set.metadata.namespace }),
      labels: {
        ...template.metadata?.labels,
        [NAME_LABEL]: name,
        [INDEX_LABEL]: String(ordinal),
        [REVISION_LABEL]: revision,
      },
      ownerReferences: [controllerReference(set)],
    },
    spec: {
      ...template.spec,
      hostname: name,
      ...((set.spec.serviceName ?? '') === '' ? {} : { subdomain: set.spec.serviceName ?? '' }),
      ...(all.length === 0 ? {} : { volumes: all }),
    },
  }
}

/** The claims that the pod of that number needs: `data-web-0`. */
export function claimsOf(set: StatefulSet, pod: Pod): PersistentVolumeClaim[] {
  const owned = set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete'
  return (set.spec.volumeClaimTemplates ?? []).map(({ status: _status, metadata, ...claim }) => {
    const { creationTimestamp: _none, ...own } = metadata
    return {
      ...claim,
      metadata: {
        ...own,
        name: `${own.name}-${pod.metadata.name}`,
        ...(set.metadata.namespace === undefined ? {} : { namespace: set.metadata.namespace }),
        labels: { ...own.labels, ...set.spec.selector.matchLabels },
        ...(owned ? { ownerReferences: [controllerReference(set)] } : {}),
      },
    }
  })
}
