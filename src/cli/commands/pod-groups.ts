import type { LabelSelector, NetworkPolicy, Protocol } from '../../kube/objects.ts'
import { type Cidr, containsAddress, parseAddress, parseCidr } from '../../policy/address.ts'
import { rulePartsOf } from '../../policy/rule-parts.ts'
import type { PolicyPod, PolicyState } from '../../policy/types.ts'
import type { PolicyWorld } from './policy-world.ts'

/** Pods with the same labels that no policy can tell apart. */
export interface PodGroup {
  readonly namespace: string
  /** Of the first pod. */
  readonly name: string
  readonly labels: PolicyPod['labels']
  /** Names, in order. */
  readonly pods: readonly string[]
  /** What it may be asked on: declared container ports, and target ports of services that lead to it. */
  readonly ports: readonly { readonly port: number; readonly protocol: Protocol }[]
}

/** Labels that controllers give to single pods: they keep like pods apart only where a policy asks for them. */
const OWN_LABELS = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-completion-index',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/controller-uid',
  'job-name',
  'controller-uid',
])

/**
 * Groups pods of a world. Pods of one group have the same verdicts by construction: they have the same namespace, the same labels
 * as far as any policy asks, the same ports and network, and addresses of the same families in the same blocks.
 * @param others more policies that must not tell the pods of a group apart
 */
export function groupPods(
  world: PolicyWorld,
  others: readonly NetworkPolicy[] = [],
): readonly PodGroup[] {
  const policies = [...world.state.policies, ...others]
  const asked = new Set(policies.flatMap(keysOf))
  const blocks = policies.flatMap(blocksOf)
  const services = servicePorts(world)
  const hasHosts = world.state.pods.some(({ hostNetwork }) => hostNetwork === true)
  const groups = new Map<string, PolicyPod[]>()
  for (const pod of sorted(world.state.pods)) {
    const labels = Object.entries(pod.labels)
      .filter(([key]) => asked.has(key) || !OWN_LABELS.has(key))
      .sort(([a], [b]) => (a < b ? -1 : 1))
    const addresses = pod.ips.map(parseAddress).filter((address) => address !== undefined)
    const key = JSON.stringify([
      pod.namespace,
      labels,
      pod.ports,
      services.get(`${pod.namespace}/${pod.name}`) ?? [],
      pod.hostNetwork === true,
      // A node reaches the pods on it whatever policies say, and so does a pod on its network.
      hasHosts ? pod.node : undefined,
      // Between two families that both are in no block, the one in use tells what the other end is seen by.
      blocks.length === 0 ? [] : addresses.map(({ family }) => family),
      blocks.map((block) => addresses.map((address) => containsAddress(block, address))),
    ])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [pod])
    else group.push(pod)
  }
  return [...groups.values()].flatMap((pods) => {
    const [first] = pods
    if (first === undefined) return []
    const { namespace, name, labels } = first
    const led = services.get(`${namespace}/${name}`) ?? []
    const ports = new Map(
      [...first.ports, ...led].map(({ port, protocol }) => [
        `${port}/${protocol}`,
        { port, protocol },
      ]),
    )
    return [
      {
        namespace,
        name,
        labels,
        pods: pods.map((pod) => pod.name),
        ports: [...ports.values()].sort((a, b) => a.port - b.port),
      },
    ]
  })
}

function sorted(pods: PolicyState['pods']): readonly PolicyPod[] {
  const key = ({ namespace, name }: PolicyPod) => `${namespace}/${name}`
  return pods.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

/** Ports on which services reach a pod, by pod. */
function servicePorts(
  world: PolicyWorld,
): ReadonlyMap<string, readonly { readonly port: number; readonly protocol: Protocol }[]> {
  const owners = new Map(
    world.state.pods.flatMap(({ namespace, name, ips }) =>
      ips.map((ip) => [ip, `${namespace}/${name}`] as const),
    ),
  )
  const found = new Map<string, { port: number; protocol: Protocol }[]>()
  for (const { endpoints, ports } of world.slices) {
    for (const address of endpoints.flatMap(({ addresses }) => addresses)) {
      const pod = owners.get(address)
      if (pod === undefined) continue
      const list = found.get(pod) ?? []
      for (const { port, protocol = 'TCP' } of ports ?? []) {
        if (port === undefined) continue
        if (list.some((one) => one.port === port && one.protocol === protocol)) continue
        list.push({ port, protocol })
      }
      found.set(
        pod,
        list.sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1)),
      )
    }
  }
  return found
}

/** Label keys that a policy asks of pods. */
function keysOf(policy: NetworkPolicy): readonly string[] {
  const selectors = [
    policy.spec?.podSelector,
    ...rulePartsOf(policy).flatMap(({ peers }) => peers.map(({ podSelector }) => podSelector)),
  ]
  return selectors.flatMap((selector: LabelSelector | null | undefined) => [
    ...Object.keys(selector?.matchLabels ?? {}),
    ...(selector?.matchExpressions ?? []).map(({ key }) => key),
  ])
}

function blocksOf(policy: NetworkPolicy): readonly Cidr[] {
  return rulePartsOf(policy)
    .flatMap(({ peers }) => peers)
    .flatMap(({ ipBlock }) => (ipBlock == null ? [] : [ipBlock.cidr, ...(ipBlock.except ?? [])]))
    .map(parseCidr)
    .filter((cidr) => cidr !== undefined)
}

/** Values by key, in the order in which the keys came. */
export function groupBy<T, K>(values: readonly T[], keyOf: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return groups
}
