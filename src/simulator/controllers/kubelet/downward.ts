import type { Container, Pod, ResourceFieldRef } from '../../../kube/objects.ts'
import { nanosOf } from '../../../kube/quantity.ts'

/** What a pod can learn about itself: `metadata.labels['app']`, `status.podIP`. Models pkg/fieldpath and podFieldSelectorRuntimeValue. */
export function podField(pod: Pod, path: string, nodeIP: string): string {
  const { metadata, spec, status } = pod
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path)
  if (keyed !== null) {
    const [, map, key = ''] = keyed
    return (map === 'labels' ? metadata.labels : metadata.annotations)?.[key] ?? ''
  }
  switch (path) {
    case 'metadata.name':
      return metadata.name
    case 'metadata.namespace':
      return metadata.namespace ?? ''
    case 'metadata.uid':
      return metadata.uid ?? ''
    case 'metadata.labels':
      return lines(metadata.labels)
    case 'metadata.annotations':
      return lines(metadata.annotations)
    case 'spec.nodeName':
      return spec.nodeName ?? ''
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? ''
    case 'status.hostIP':
    case 'status.hostIPs':
      return nodeIP
    case 'status.podIP':
    case 'status.podIPs':
      return status?.podIP ?? ''
    default:
      return ''
  }
}

/** `key="value"`, one a line, by key. */
function lines(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n')
}

/**
 * An amount of a container's resources in units of the divisor, rounded up; a limit that is not set is what the node has. Models
 * pkg/api/v1/resource.
 */
export function resourceField(
  container: Container,
  { resource, divisor }: ResourceFieldRef,
  allocatable: Readonly<Record<string, string>>,
): string {
  const [list = '', name = ''] = resource.split('.')
  const given = container.resources?.[list]
  const amount = typeof given === 'object' && given !== null ? Reflect.get(given, name) : undefined
  const limits = container.resources?.limits
  const limit =
    typeof limits === 'object' && limits !== null ? Reflect.get(limits, name) : undefined
  const fallback = list === 'limits' ? allocatable[name] : limit
  const nanos = nanosOf(String(amount ?? fallback ?? '0')) ?? 0n
  const unit = nanosOf(divisor === undefined || divisor === '0' ? '1' : divisor) ?? 1n
  return String((nanos + unit - 1n) / unit)
}
