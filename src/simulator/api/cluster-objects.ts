import type { KubeObject } from '../../kube/objects.ts'
import type { ClusterObjects, ClusterView, ObjectOf, StoredKind } from '../ports.ts'
import { type ApiContext, timestamp } from './context.ts'
import type { Registry } from './registry.ts'
import type { Store } from './store.ts'

/**
 * The store and the registry as controllers use them.
 *
 * @param manager the component that writes. @default nobody is recorded
 */
export function createClusterObjects(
  context: Pick<ApiContext, 'store' | 'kinds' | 'clock'>,
  registry: Registry,
  manager?: string,
): ClusterObjects {
  const { store, kinds, clock } = context
  // One text for all that is written within a second.
  let [second, time] = [Number.NaN, '']
  const now = () => {
    const at = Math.floor(clock.now() / 1000)
    if (at !== second) [second, time] = [at, timestamp(at * 1000)]
    return time
  }
  const writer = (subresource?: string) =>
    manager === undefined
      ? {}
      : {
          manager: {
            manager,
            time: now(),
            ...(subresource === undefined ? {} : { subresource }),
          },
        }
  const key = (kind: StoredKind, namespace: string | undefined, name: string) =>
    kinds.of(kind).info.namespaced ? `${namespace ?? 'default'}/${name}` : name
  return {
    as: (other) => createClusterObjects(context, registry, other),
    kinds: () => kinds.stored().map(({ stored, info }) => ({ kind: stored, info })),
    get<K extends StoredKind>(kind: K, namespace: string | undefined, name: string) {
      const object = store.get(kind, key(kind, namespace, name))
      return object === undefined ? undefined : typed<ObjectOf<K>>(object)
    },
    list: (kind, namespace) => typedList(store.list(kind, namespace)),
    create: (kind, object) => typed(registry.create(kind, { ...object }, writer())),
    update: (kind, object) => typed(registry.update(kind, { ...object }, writer())),
    updateStatus: (kind, object) =>
      typed(registry.update(kind, { ...object }, { subresource: 'status', ...writer('status') })),
    updateScale(kind, object) {
      registry.update(kind, { ...object }, writer('scale'))
    },
    delete(kind, namespace, name, options = {}) {
      registry.delete(kind, key(kind, namespace, name), {
        ...(options.gracePeriodSeconds === undefined
          ? {}
          : { gracePeriodSeconds: options.gracePeriodSeconds }),
        ...(options.propagationPolicy === undefined
          ? {}
          : { propagationPolicy: options.propagationPolicy }),
        ...(options.uid === undefined ? {} : { preconditions: { uid: options.uid } }),
      })
    },
    bind(pod, nodeName) {
      return typed(registry.bind(pod, nodeName))
    },
    finalize(namespace) {
      registry.update('Namespace', { ...namespace }, { subresource: 'finalize' })
    },
    onChange: (listener) => store.onChange(listener),
  }
}

/** The live objects that the network looks at. */
export function createClusterView(store: Store): ClusterView {
  return {
    pods: () => typedList(store.list('Pod')),
    services: () => typedList(store.list('Service')),
    endpointSlices: () => typedList(store.list('EndpointSlice')),
    namespaces: () => typedList(store.list('Namespace')),
    networkPolicies: () => typedList(store.list('NetworkPolicy')),
  }
}

// Every object was decoded by the schema of its kind before it was stored, so its kind tells its type.
function typed<T extends KubeObject>(object: KubeObject): T {
  return object as T
}

function typedList<T extends KubeObject>(objects: readonly KubeObject[]): readonly T[] {
  return objects as readonly T[]
}
