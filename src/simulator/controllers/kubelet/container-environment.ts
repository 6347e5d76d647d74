import type { Container, OptionalReference, Pod } from '../../../kube/objects.ts'
import type { ClusterObjects } from '../../ports.ts'
import { podField, resourceField } from './downward.ts'

/** A container cannot be made from its spec: `CreateContainerConfigError`. The message is the kubelet's. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError'
}

/** What the variables of a container may refer to. */
export interface EnvironmentSources {
  readonly objects: Pick<ClusterObjects, 'get'>
  readonly nodeIP: string
}

/**
 * The variables of a container with values in the place of references, in order; a `$` that came from an object is doubled, so that
 * nothing in it is expanded. Models makeEnvironmentVariables of pkg/kubelet/kubelet_pods.go.
 * @throws ContainerConfigError for an object or a key that has to be there and is not
 */
export function environmentOf(
  container: Container,
  pod: Pod,
  sources: EnvironmentSources,
): { name: string; value: string }[] {
  const namespace = pod.metadata.namespace ?? 'default'
  const dataOf = (kind: DataKind, reference: OptionalReference) =>
    objectData(kind, namespace, reference, sources.objects)
  const found: { name: string; value: string }[] = []
  const literal = (name: string, value: string) =>
    found.push({ name, value: value.replaceAll('$', '$$$$') })

  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const data =
      configMapRef !== undefined
        ? dataOf('ConfigMap', configMapRef)
        : secretRef !== undefined
          ? dataOf('Secret', secretRef)
          : undefined
    for (const [key, value] of Object.entries(data ?? {})) literal(`${prefix}${key}`, value)
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (valueFrom === undefined) {
      found.push({ name, value: value ?? '' })
      continue
    }
    const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom
    if (fieldRef !== undefined) literal(name, podField(pod, fieldRef.fieldPath, sources.nodeIP))
    else if (resourceFieldRef !== undefined) {
      const of = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(
        (other) => other.name === resourceFieldRef.containerName,
      )
      const node = sources.objects.get('Node', undefined, pod.spec.nodeName ?? '')
      literal(
        name,
        resourceField(of ?? container, resourceFieldRef, node?.status?.allocatable ?? {}),
      )
    } else {
      const kind = configMapKeyRef === undefined ? 'Secret' : 'ConfigMap'
      const reference = configMapKeyRef ?? secretKeyRef
      if (reference === undefined) continue
      const data = dataOf(kind, reference)
      const given = data?.[reference.key]
      if (given !== undefined) literal(name, given)
      else if (reference.optional !== true) {
        throw new ContainerConfigError(
          `couldn't find key ${reference.key} in ${kind} ${namespace}/${reference.name ?? ''}`,
        )
      }
    }
  }
  return found
}

type DataKind = 'ConfigMap' | 'Secret'

/**
 * What a config map or a secret holds, decoded; `undefined` where it may be missing and is.
 * @throws ContainerConfigError
 */
export function objectData(
  kind: DataKind,
  namespace: string,
  { name = '', optional }: OptionalReference,
  objects: Pick<ClusterObjects, 'get'>,
): Readonly<Record<string, string>> | undefined {
  const object = objects.get(kind, namespace, name)
  if (object !== undefined) return kind === 'Secret' ? decoded(object.data) : (object.data ?? {})
  if (optional === true) return undefined
  throw new ContainerConfigError(`${kind.toLowerCase()} "${name}" not found`)
}

function decoded(data: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString('utf8'),
    ]),
  )
}
