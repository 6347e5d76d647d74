import type { ClusterObjects } from '../ports.ts'
import {
  controlPlaneNode,
  DNS_CONFIG,
  DNS_DEPLOYMENT,
  DNS_SERVICE,
  KUBERNETES_ENDPOINTS,
  KUBERNETES_SERVICE,
  KUBERNETES_SLICE,
  SYSTEM_NAMESPACES,
} from './seed-objects.ts'

/** Writes what a new cluster has into an empty store. Controllers make the rest of it, the DNS pods included. */
export function seedCluster(objects: ClusterObjects, time: string, uid: () => string): void {
  for (const name of SYSTEM_NAMESPACES) {
    objects.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }
  objects.create('Node', controlPlaneNode(time, uid))
  objects.create('Service', KUBERNETES_SERVICE)
  objects.create('Endpoints', KUBERNETES_ENDPOINTS)
  objects.create('EndpointSlice', KUBERNETES_SLICE)
  objects.create('ServiceAccount', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'coredns', namespace: 'kube-system' },
  })
  objects.create('ConfigMap', DNS_CONFIG)
  objects.create('Service', DNS_SERVICE)
  objects.create('Deployment', DNS_DEPLOYMENT)
}
