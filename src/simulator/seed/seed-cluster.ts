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
  const server = objects.as('kube-apiserver')
  const installer = objects.as('kubeadm')
  for (const name of SYSTEM_NAMESPACES) {
    server.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }
  objects.as('kubelet').create('Node', controlPlaneNode(time, uid))
  server.create('Service', KUBERNETES_SERVICE)
  server.create('Endpoints', KUBERNETES_ENDPOINTS)
  server.create('EndpointSlice', KUBERNETES_SLICE)
  installer.create('ServiceAccount', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'coredns', namespace: 'kube-system' },
  })
  installer.create('ConfigMap', DNS_CONFIG)
  installer.create('Service', DNS_SERVICE)
  installer.create('Deployment', DNS_DEPLOYMENT)
}
