import type { LabelSelector, Labels, NetworkPolicy, NetworkPolicyPeer } from '../kube/objects.ts'
import { type Address, containsAddress, formatAddress, parseAddress, parseCidr } from './address.ts'
import { defaultNetworkPolicy } from './default.ts'
import type { Endpoint, PolicyPod, PolicyState } from './types.ts'
import { witnessName } from './witness-name.ts'

/**
 * Ends that are not in a world and would show a difference there: pods with and without the labels that policies mention,
 * namespaces likewise, addresses at the edges of blocks, and one public address.
 */
export interface Witnesses {
  /** The world with the witness pods and namespaces in it. */
  readonly state: PolicyState
  readonly pods: readonly Endpoint[]
  readonly addresses: readonly Endpoint[]
}

export const PUBLIC_ADDRESS = '203.0.113.7'
const PUBLIC_IPV6 = '2001:db8::7'
const NAMESPACE_NAME = 'kubernetes.io/metadata.name'
/** Above this the label combinations of each selector are tried, not those of all together. */
const MOST_COMBINATIONS = 48

/** Adds to a world what the policies could treat differently without any pod of the world showing it. */
export function addWitnesses(world: PolicyState, policies: readonly NetworkPolicy[]): Witnesses {
  const selectors = selectorsOf(policies)
  const namespaces = [...world.namespaces, ...witnessNamespaces(world, selectors.namespaces)]
  const labelSets = combinations(selectors.pods)
  const blocks = blocksOf(policies)
  const ips = [freeAddress(world, blocks, 4), freeAddress(world, blocks, 6)].filter(
    (ip) => ip !== undefined,
  )
  const pods = namespaces.flatMap(({ name: namespace }) =>
    labelSets.map((labels): PolicyPod => {
      const name = witnessName('pod', labelText(labels))
      return { namespace, name, labels, ips, ports: likelyPorts(world, namespace, labels) }
    }),
  )
  return {
    state: { ...world, namespaces, pods: [...world.pods, ...pods] },
    pods: pods.map(({ namespace, name }) => ({ kind: 'pod', namespace, name })),
    addresses: edgeAddresses(world, blocks, ips),
  }
}

function selectorsOf(policies: readonly NetworkPolicy[]) {
  const pods: LabelSelector[] = []
  const namespaces: LabelSelector[] = []
  for (const { spec } of policies) {
    if (spec.podSelector != null) pods.push(spec.podSelector)
    for (const { podSelector, namespaceSelector } of peersOf(spec)) {
      if (podSelector != null) pods.push(podSelector)
      if (namespaceSelector != null) namespaces.push(namespaceSelector)
    }
  }
  return { pods, namespaces }
}

function peersOf(spec: NetworkPolicy['spec']): NetworkPolicyPeer[] {
  const { ingress = [], egress = [] } = defaultNetworkPolicy({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: '' },
    spec,
  }).spec
  return [...ingress.flatMap(({ from = [] }) => from), ...egress.flatMap(({ to = [] }) => to)]
}

/** Every mention of a key: its values, one value off, and the key missing. */
function domains(selectors: readonly LabelSelector[]): Map<string, (string | undefined)[]> {
  const values = new Map<string, Set<string>>()
  const mention = (key: string, mentioned: readonly string[]) => {
    const known = values.get(key) ?? new Set()
    for (const value of mentioned) known.add(value)
    values.set(key, known)
  }
  for (const { matchLabels = {}, matchExpressions = [] } of selectors) {
    for (const [key, value] of Object.entries(matchLabels)) mention(key, [value])
    for (const { key, values: list = [] } of matchExpressions) mention(key, list)
  }
  return new Map(
    [...values].map(([key, known]) => [key, [undefined, ...known, otherThan(known)]] as const),
  )
}

function otherThan(values: ReadonlySet<string>): string {
  let other = 'other'
  while (values.has(other)) other += '-one'
  return other
}

/** Label sets to try: all combinations of what the selectors mention, the empty set first. */
function combinations(selectors: readonly LabelSelector[]): readonly Labels[] {
  const all = domains(selectors)
  const count = [...all.values()].reduce((product, { length }) => product * length, 1)
  const groups = count <= MOST_COMBINATIONS ? [all] : selectors.map((one) => pick(all, one))
  const sets = new Map<string, Labels>([['', {}]])
  for (const group of groups) {
    for (const labels of product(group)) sets.set(labelText(labels), labels)
  }
  return [...sets.values()]
}

function pick(
  all: ReadonlyMap<string, (string | undefined)[]>,
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
): Map<string, (string | undefined)[]> {
  const keys = [...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)]
  return new Map(keys.map((key) => [key, all.get(key) ?? []]))
}

function product(domain: ReadonlyMap<string, readonly (string | undefined)[]>): Labels[] {
  let sets: Record<string, string>[] = [{}]
  for (const [key, values] of domain) {
    sets = sets.flatMap((labels) =>
      values.map((value) => (value === undefined ? labels : { ...labels, [key]: value })),
    )
    // A selector with very many values: enough is enough, the mentioned ones come first.
    if (sets.length > 4096) sets = sets.slice(0, 4096)
  }
  return sets
}

function witnessNamespaces(
  world: PolicyState,
  selectors: readonly LabelSelector[],
): PolicyState['namespaces'] {
  const taken = new Set(world.namespaces.map(({ name }) => name))
  const names = new Set<string>()
  const mentioned: LabelSelector[] = []
  for (const { matchLabels = {}, matchExpressions = [] } of selectors) {
    const { [NAMESPACE_NAME]: name, ...labels } = matchLabels
    if (name !== undefined) names.add(name)
    for (const { key, values = [] } of matchExpressions) {
      if (key === NAMESPACE_NAME) for (const value of values) names.add(value)
    }
    const others = matchExpressions.filter(({ key }) => key !== NAMESPACE_NAME)
    mentioned.push({ matchLabels: labels, matchExpressions: others })
  }
  const labelled = combinations(mentioned).map((labels) => ({
    name: witnessName('ns', labelText(labels)),
    labels,
  }))
  // A namespace that a selector names and that is not there: somebody may create it.
  const named = [...names].filter((name) => !taken.has(name)).map((name) => ({ name, labels: {} }))
  return [...labelled, ...named]
}

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}

/**
 * The declared ports of the pod of the world that is most like a witness: port names are looked up in declarations, and
 * a number instead of a name is right where all pods of this world agree on it.
 */
function likelyPorts(world: PolicyState, namespace: string, labels: Labels): PolicyPod['ports'] {
  let best: PolicyPod | undefined
  let bestScore = -1
  for (const pod of world.pods) {
    if (pod.hostNetwork === true || pod.ports.length === 0) continue
    const shared = Object.entries(labels).filter(([key, value]) => pod.labels[key] === value).length
    const score = shared * 2 + (pod.namespace === namespace ? 1 : 0)
    if (score > bestScore) {
      best = pod
      bestScore = score
    }
  }
  return best?.ports ?? []
}

interface Block {
  readonly first: Address
  readonly last: Address
  readonly prefixLength: number
}

function blocksOf(policies: readonly NetworkPolicy[]): readonly Block[] {
  return policies
    .flatMap(({ spec }) => peersOf(spec))
    .flatMap(({ ipBlock }) => (ipBlock == null ? [] : [ipBlock.cidr, ...(ipBlock.except ?? [])]))
    .map(parseCidr)
    .filter((cidr) => cidr !== undefined)
    .map(({ family, first, last, prefixLength }) => ({
      first: { family, value: first },
      last: { family, value: last },
      prefixLength,
    }))
}

function podAddresses(world: PolicyState): readonly Address[] {
  return world.pods
    .filter(({ hostNetwork }) => hostNetwork !== true)
    .flatMap(({ ips }) => ips.map(parseAddress))
    .filter((address) => address !== undefined)
}

/** An address beside those of the world's pods that no pod has and no small block singles out. */
function freeAddress(
  world: PolicyState,
  blocks: readonly Block[],
  family: 4 | 6,
): string | undefined {
  const used = podAddresses(world).filter((address) => address.family === family)
  const [first] = used
  // A world without pods still gets witnesses, where kind puts its pods.
  const base = first?.value ?? (family === 4 && world.pods.length === 0 ? 0x0af40001n : undefined)
  if (base === undefined) return undefined
  const taken = new Set(used.map(({ value }) => value))
  for (let low = 250n; low > 0n; low--) {
    const address: Address = { family, value: (base & ~0xffn) | low }
    const isSingledOut = blocks.some(
      (block) =>
        block.prefixLength > (family === 4 ? 24 : 120) &&
        containsAddress(
          { family: block.first.family, first: block.first.value, last: block.last.value },
          address,
        ),
    )
    if (!taken.has(address.value) && !isSingledOut) return formatAddress(address)
  }
  return undefined
}

/** First and last address of each block and their neighbours outside: one in every piece of the address line. */
function edgeAddresses(
  world: PolicyState,
  blocks: readonly Block[],
  witnessIps: readonly string[],
): readonly Endpoint[] {
  const hasIpv6 = podAddresses(world).some(({ family }) => family === 6)
  const edges = blocks
    .flatMap(({ first, last }) => [
      first,
      last,
      { ...first, value: first.value - 1n },
      { ...last, value: last.value + 1n },
    ])
    .filter(({ family, value }) => value >= 0n && value < 1n << (family === 4 ? 32n : 128n))
    .filter(({ family }) => family === 4 || hasIpv6)
    .map(formatAddress)
  const all = new Set([PUBLIC_ADDRESS, ...(hasIpv6 ? [PUBLIC_IPV6] : []), ...edges])
  for (const ip of witnessIps) all.delete(ip)
  return [...all].map((address) => ({ kind: 'address', address }))
}
