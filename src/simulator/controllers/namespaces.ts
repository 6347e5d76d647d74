import type { Controller, ControllerContext } from './controller.ts'
import { createWorkQueue } from './work-queue.ts'

const ROOT_CERTIFICATE = 'kube-root-ca.crt'

/**
 * Gives every namespace its `default` service account and root certificate, and empties a namespace that is deleted; when nothing is
 * left, lets it go. Models pkg/controller/namespace, serviceaccount and the root CA publisher.
 */
export function startNamespaceController(
  context: ControllerContext,
  /** PEM; undefined until it is known. */
  certificateAuthority: () => string | undefined,
): Controller & { /** Looks at every namespace again. */ refresh(): void } {
  const { objects, clock, onDefect } = context

  const reconcile = (name: string) => {
    const namespace = objects.get('Namespace', undefined, name)
    if (namespace === undefined) return
    if (namespace.metadata.deletionTimestamp === undefined) furnish(name)
    else empty(name)
  }
  const furnish = (name: string) => {
    const metadata = { name: 'default', namespace: name }
    if (objects.get('ServiceAccount', name, 'default') === undefined) {
      objects.create('ServiceAccount', { apiVersion: 'v1', kind: 'ServiceAccount', metadata })
    }
    const pem = certificateAuthority()
    if (pem === undefined) return
    const published = objects.get('ConfigMap', name, ROOT_CERTIFICATE)
    if (published !== undefined) {
      // A cluster that is opened from a file listens with a certificate of its own.
      if (published.data?.['ca.crt'] !== pem) {
        objects.update('ConfigMap', { ...published, data: { 'ca.crt': pem } })
      }
    } else {
      objects.create('ConfigMap', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: ROOT_CERTIFICATE,
          namespace: name,
          annotations: {
            'kubernetes.io/description':
              'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
          },
        },
        data: { 'ca.crt': pem },
      })
    }
  }
  const empty = (name: string) => {
    let left = 0
    // In the order in which a deleted namespace loses them; custom kinds last.
    for (const { kind, info } of objects.kinds()) {
      if (!info.namespaced) continue
      for (const object of objects.list(kind, name)) {
        if (object.metadata.deletionTimestamp === undefined) {
          objects.delete(kind, name, object.metadata.name)
        }
        if (objects.get(kind, name, object.metadata.name) !== undefined) left += 1
      }
    }
    if (left > 0) return
    const namespace = objects.get('Namespace', undefined, name)
    if (namespace !== undefined) objects.finalize({ ...namespace, spec: {} })
  }

  const queue = createWorkQueue({ clock, reconcile, onDefect })
  const stop = objects.onChange((change) => {
    if (change.kind === 'Namespace') {
      if (change.type !== 'DELETED') queue.add(change.object.metadata.name)
      return
    }
    const { namespace, name } = change.object.metadata
    // What a namespace lost may have been the last thing in it, or something that it must have.
    const mayMiss =
      change.type === 'DELETED' || (change.kind === 'ConfigMap' && name === ROOT_CERTIFICATE)
    if (mayMiss && namespace !== undefined) queue.add(namespace)
  })
  const refresh = () => {
    for (const namespace of objects.list('Namespace')) queue.add(namespace.metadata.name)
  }
  refresh()
  return {
    refresh,
    close() {
      stop()
      queue.close()
    },
  }
}
