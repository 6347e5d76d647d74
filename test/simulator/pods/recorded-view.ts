import type { EndpointSlice, Service } from '../../../src/kube/objects.ts'
import type { ClusterView } from '../../../src/simulator/ports.ts'

/** The services that the name server of the recordings knew; the replaying tests build their world from the same. */
export const RECORDED_SERVICES: readonly {
  readonly name: string
  readonly namespace: string
  readonly spec: Service['spec']
  readonly endpoints: readonly string[]
}[] = [
  {
    name: 'web',
    namespace: 'default',
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.96.120.15',
      ports: [{ name: 'http', port: 80, targetPort: 80, protocol: 'TCP' }],
    },
    endpoints: ['10.244.0.5'],
  },
  {
    name: 'db',
    namespace: 'other',
    spec: {
      clusterIP: 'None',
      ports: [{ name: 'redis', port: 6379, targetPort: 6379, protocol: 'TCP' }],
    },
    endpoints: ['10.244.0.8', '10.244.0.9'],
  },
  {
    name: 'big',
    namespace: 'default',
    spec: {
      clusterIP: 'None',
      ports: [{ name: 'http', port: 80, targetPort: 80, protocol: 'TCP' }],
    },
    endpoints: Array.from({ length: 60 }, (_none, index) => `10.244.1.${index + 1}`),
  },
  {
    name: 'alias',
    namespace: 'default',
    spec: { type: 'ExternalName', externalName: 'www.example.com' },
    endpoints: [],
  },
]

export function sliceOf(service: (typeof RECORDED_SERVICES)[number]): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service.name}-abcde`,
      namespace: service.namespace,
      labels: { 'kubernetes.io/service-name': service.name },
    },
    addressType: 'IPv4',
    endpoints: service.endpoints.map((address) => ({
      addresses: [address],
      conditions: { ready: true },
      nodeName: 'node-1',
    })),
    ports: (service.spec.ports ?? []).map(({ name, port, protocol }) => ({
      name: name ?? '',
      port,
      protocol: protocol ?? 'TCP',
    })),
  }
}

export const RECORDED_VIEW: ClusterView = {
  pods: () => [],
  services: () =>
    RECORDED_SERVICES.map(({ name, namespace, spec }) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec,
    })),
  endpointSlices: () => RECORDED_SERVICES.map(sliceOf),
  namespaces: () =>
    ['default', 'other'].map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    })),
  networkPolicies: () => [],
}
