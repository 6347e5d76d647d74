import { matchesSelector } from './label-selector.ts'
import type { EndpointSlice, Pod, Service, ServicePort } from './objects.ts'

/**
 * What the endpoints controller would make of services and pods: one slice for each pod behind a service, as a named target port
 * may be another number in each. Every pod with an address counts as ready. Models k8s.io/kubernetes pkg/controller/endpointslice.
 */
export function slicesOfServices(
  services: readonly Service[],
  pods: readonly Pod[],
): readonly EndpointSlice[] {
  return services.flatMap((service) => {
    const { namespace = 'default', name } = service.metadata
    return podsBehind(service, pods).flatMap((pod) => {
      const address = pod.status?.podIP ?? pod.status?.podIPs?.[0]?.ip
      if (address === undefined) return []
      const ports = (service.spec.ports ?? []).flatMap((port) => {
        const number = targetPortOn(port, pod)
        if (number === undefined) return []
        return [
          {
            ...(port.name === undefined ? {} : { name: port.name }),
            port: number,
            protocol: port.protocol ?? 'TCP',
          },
        ]
      })
      return [slice(namespace, name, pod.metadata.name, address, ports)]
    })
  })
}

/** The pods that a service selects; none for one without a selector. */
export function podsBehind(service: Service, pods: readonly Pod[]): readonly Pod[] {
  const { selector } = service.spec
  if (selector == null || Object.keys(selector).length === 0) return []
  const namespace = service.metadata.namespace ?? 'default'
  return pods.filter(
    ({ metadata }) =>
      (metadata.namespace ?? 'default') === namespace &&
      matchesSelector({ matchLabels: selector }, metadata.labels ?? {}),
  )
}

/** The number of a service's target port on one pod; `undefined` where the pod declares no port of that name. */
export function targetPortOn(
  { port, targetPort, protocol = 'TCP' }: ServicePort,
  pod: Pod,
): number | undefined {
  if (targetPort === undefined || targetPort === '') return port
  if (typeof targetPort === 'number') return targetPort
  return pod.spec.containers
    .flatMap(({ ports = [] }) => ports)
    .find((own) => own.name === targetPort && (own.protocol ?? 'TCP') === protocol)?.containerPort
}

function slice(
  namespace: string,
  service: string,
  pod: string,
  address: string,
  ports: EndpointSlice['ports'],
): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service}-${pod}`,
      namespace,
      labels: { 'kubernetes.io/service-name': service },
    },
    addressType: address.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [address], targetRef: { kind: 'Pod', name: pod, namespace } }],
    ports,
  }
}
