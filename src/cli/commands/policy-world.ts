import type { ManifestObject, ObjectPath } from '../../kube/manifest.ts'
import type {
  EndpointSlice,
  KubeNode,
  KubeObject,
  Namespace,
  Pod,
  Service,
} from '../../kube/objects.ts'
import { slicesOfServices } from '../../kube/service-slices.ts'
import { podsOfWorkload } from '../../kube/workload-pods.ts'
import { toPolicyState } from '../../policy/policy-state.ts'
import type { PolicyState } from '../../policy/types.ts'
import { isNetworkPolicy } from './manifest-files.ts'

/** What the commands about policies look at, from a cluster or from files. */
export interface PolicyWorld {
  readonly state: PolicyState
  readonly services: readonly Service[]
  readonly slices: readonly EndpointSlice[]
  /** The first pod of each workload: `shop/deployment/web` and `shop/web` to `web-1`. */
  readonly workloads: ReadonlyMap<string, string>
  /** Namespaces whose labels are not known. */
  readonly unknownNamespaces: readonly string[]
  /** Pods that have no address yet and were given one of 10.244.0.0/16: `shop/web`. */
  readonly invented: ReadonlySet<string>
  /** `policies.yaml:12`; `undefined` for a policy that came from a cluster. */
  placeOf(policy: PolicyName, path: ObjectPath): string | undefined
}

export interface PolicyName {
  readonly namespace: string
  readonly name: string
}

/** Gives pods of manifests addresses, the same one to the same name, so that two sets of manifests can be compared. */
export class InventedAddresses {
  readonly #known = new Map<string, string>()
  #next = 256 + 2

  of(pod: string): string {
    const known = this.#known.get(pod)
    if (known !== undefined) return known
    const address = `10.244.${this.#next >> 8}.${this.#next & 255}`
    this.#known.set(pod, address)
    this.#next += (this.#next & 255) === 254 ? 4 : 1
    return address
  }
}

/** The world that manifests describe. Of objects with the same name the last one counts, as if they were applied in order. */
export function worldOfManifests(
  manifests: readonly ManifestObject[],
  addresses = new InventedAddresses(),
): PolicyWorld {
  const objects = lastOfEach(manifests)
  const invented = new Set<string>()
  const workloads = new Map<string, string>()
  const pods: Pod[] = []
  for (const { object } of objects) {
    const made = podsOfWorkload(object)
    if (made === undefined) continue
    const namespace = namespaceOf(object)
    const first = made.pods[0]?.metadata.name
    if (first !== undefined) {
      workloads.set(`${namespace}/${made.workload}`, first)
      if (!workloads.has(`${namespace}/${object.metadata.name}`))
        workloads.set(`${namespace}/${object.metadata.name}`, first)
    }
    for (const pod of made.pods) {
      if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue
      const key = `${namespace}/${pod.metadata.name}`
      const hasAddress = pod.status?.podIP !== undefined || pod.status?.podIPs !== undefined
      if (!hasAddress) invented.add(key)
      pods.push({
        ...pod,
        metadata: { ...pod.metadata, namespace },
        ...(hasAddress ? {} : { status: { ...pod.status, podIP: addresses.of(key) } }),
      })
    }
  }
  const all: readonly KubeObject[] = objects.map(({ object }) => object)
  const policies = all.filter(isNetworkPolicy).map(withNamespace)
  const services = all.filter(isService).map(withNamespace)
  const slices = all.filter(isSlice).map(withNamespace)
  const declared = all.filter(isNamespace)
  const names = new Set(declared.map(({ metadata }) => metadata.name))
  const unknownNamespaces = [
    ...new Set(
      [...pods, ...policies, ...services].map(namespaceOf).filter((one) => !names.has(one)),
    ),
  ].sort()
  return {
    state: toPolicyState({
      namespaces: [...declared, ...unknownNamespaces.map(bareNamespace)],
      pods,
      policies,
      nodes: all.filter(isNode),
    }),
    services,
    slices: [...slices, ...slicesOfServices(services, pods)],
    workloads,
    unknownNamespaces,
    invented,
    placeOf: placesOf(objects),
  }
}

/** A cluster's world in which the policies of manifests are applied, too. Their other objects are left out. */
export function withPoliciesOf(
  world: PolicyWorld,
  manifests: readonly ManifestObject[],
): PolicyWorld {
  const objects = lastOfEach(manifests.filter(({ object }) => isNetworkPolicy(object)))
  const policies = objects
    .map(({ object }): KubeObject => object)
    .filter(isNetworkPolicy)
    .map(withNamespace)
  const keys = new Set(policies.map(keyOf))
  const others = world.state.policies.filter((policy) => !keys.has(keyOf(policy)))
  return {
    ...world,
    state: { ...world.state, policies: [...others, ...policies] },
    placeOf: placesOf(objects),
  }
}

function placesOf(objects: readonly ManifestObject[]): PolicyWorld['placeOf'] {
  const places = new Map(
    objects
      .filter(({ object }) => isNetworkPolicy(object))
      .map((each) => [`${namespaceOf(each.object)}/${each.object.metadata.name}`, each]),
  )
  return ({ namespace, name }, path) => {
    const found = places.get(`${namespace}/${name}`)
    return found === undefined ? undefined : `${found.file}:${found.lineOf(path)}`
  }
}

function lastOfEach(manifests: readonly ManifestObject[]): readonly ManifestObject[] {
  return [...new Map(manifests.map((each) => [keyOf(each.object), each])).values()]
}

function keyOf(object: KubeObject): string {
  return `${object.apiVersion} ${object.kind} ${namespaceOf(object)}/${object.metadata.name}`
}

export function namespaceOf(object: KubeObject): string {
  return object.metadata.namespace || 'default'
}

function withNamespace<T extends KubeObject>(object: T): T {
  return { ...object, metadata: { ...object.metadata, namespace: namespaceOf(object) } }
}

function bareNamespace(name: string): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
}

function isService(object: KubeObject): object is Service {
  return object.kind === 'Service' && object.apiVersion === 'v1'
}

function isSlice(object: KubeObject): object is EndpointSlice {
  return object.kind === 'EndpointSlice'
}

function isNamespace(object: KubeObject): object is Namespace {
  return object.kind === 'Namespace'
}

function isNode(object: KubeObject): object is KubeNode {
  return object.kind === 'Node' && object.apiVersion === 'v1'
}
