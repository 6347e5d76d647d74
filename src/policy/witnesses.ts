import { matchesSelector } from '../kube/label-selector.ts'
import type { LabelSelector, Labels, NetworkPolicy } from '../kube/objects.ts'
import { type Address, containsAddress, formatAddress, parseAddress } from './address.ts'
import { type CompiledPolicy, compilePolicy } from './compile.ts'
import { labelClasses } from './label-classes.ts'
import type { Endpoint, PolicyPod, PolicyState } from './types.ts'
import { labelText, witnessName } from './witness-name.ts'

/**
 * Ends that are not in a world and would show a difference there: in every namespace a pod for each outcome that the selectors
 * can have together, namespaces likewise, addresses at the edges of blocks, and one public address.
 */
export interface Witnesses {
  /** The world with the witness pods and namespaces in it, and a twin of each pod. */
  readonly state: PolicyState
  readonly pods: readonly Endpoint[]
  readonly addresses: readonly Endpoint[]
}

export const PUBLIC_ADDRESS = '203.0.113.7'
const PUBLIC_IPV6 = '2001:db8::7'
export const NAMESPACE_NAME = 'kubernetes.io/metadata.name'
/** Above this many pods a namespace the outcomes of each selector are tried, not those of all together. */
const MOST_TOGETHER = 512

/** Adds to a world what the policies could treat differently without any pod of the world showing it. */
export function addWitnesses(world: PolicyState, policies: readonly NetworkPolicy[]): Witnesses {
  const compiled = policies.map(compilePolicy)
  const namespaces = [...world.namespaces, ...witnessNamespaces(world, compiled)]
  const blocks = blocksOf(compiled)
  const ips = [freeAddress(world, blocks, 4), freeAddress(world, blocks, 6)].filter(
    (ip) => ip !== undefined,
  )
  const pods = namespaces.flatMap(({ name: namespace, labels: own }) => {
    const selectors = podSelectors(compiled, namespace, { ...own, [NAMESPACE_NAME]: namespace })
    return podLabels(selectors).map((labels): PolicyPod => {
      const name = witnessName('pod', labelText(labels))
      return { namespace, name, labels, ips, ports: likelyPorts(world, namespace, labels) }
    })
  })
  const twins = pods.map((pod) => ({ ...pod, name: twinName(pod.labels) }))
  return {
    state: { ...world, namespaces, pods: [...world.pods, ...pods, ...twins] },
    pods: pods.map(({ namespace, name }) => ({ kind: 'pod', namespace, name })),
    addresses: edgeAddresses(world, blocks, ips),
  }
}

export function twinName(labels: Labels): string {
  return witnessName('pod', labelText(labels), true)
}

/** The pod selectors that have a say about a pod of this namespace: of subjects, and of peers that look there. */
export function podSelectors(
  policies: readonly CompiledPolicy[],
  namespace: string,
  namespaceLabels: Labels,
): readonly (LabelSelector | undefined)[] {
  const subjects = policies.filter((policy) => policy.namespace === namespace)
  const looking = selectorPeers(policies).filter(({ home, namespaceSelector }) =>
    namespaceSelector === undefined
      ? home === namespace
      : matchesSelector(namespaceSelector, namespaceLabels),
  )
  return [
    ...subjects.map(({ subject }) => subject),
    ...looking.map(({ podSelector }) => podSelector),
  ]
}

/** The namespace selectors of all peers. */
export function namespaceSelectors(policies: readonly CompiledPolicy[]): readonly LabelSelector[] {
  return selectorPeers(policies)
    .map(({ namespaceSelector }) => namespaceSelector)
    .filter((selector) => selector !== undefined)
}

/** Names of namespaces that selectors mention. */
export function mentionedNames(policies: readonly CompiledPolicy[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { matchLabels = {}, matchExpressions = [] } of namespaceSelectors(policies)) {
    const name = matchLabels[NAMESPACE_NAME]
    if (name !== undefined) names.add(name)
    for (const { key, values = [] } of matchExpressions) {
      if (key === NAMESPACE_NAME) for (const value of values) names.add(value)
    }
  }
  return names
}

function selectorPeers(policies: readonly CompiledPolicy[]) {
  return policies
    .flatMap(({ ingress = [], egress = [] }) => [...ingress, ...egress])
    .flatMap(({ peers }) => peers)
    .filter((peer) => peer.kind === 'selectors')
}

/** One pod for every outcome that these selectors can have together; where those are too many, for every outcome of each alone. */
function podLabels(selectors: readonly (LabelSelector | undefined)[]): readonly Labels[] {
  const all = labelClasses(selectors)
  if (all !== undefined && all.length <= MOST_TOGETHER) return all
  const alone = selectors.flatMap((selector) => labelClasses([selector]) ?? [])
  return [...new Map([{}, ...alone].map((labels) => [labelText(labels), labels])).values()]
}

function witnessNamespaces(
  world: PolicyState,
  policies: readonly CompiledPolicy[],
): PolicyState['namespaces'] {
  const taken = new Set(world.namespaces.map(({ name }) => name))
  const labelled = unnamedNamespaces(policies).map((labels) => ({
    name: witnessName('ns', labelText(labels)),
    labels,
  }))
  // A namespace that a selector names and that is not there: somebody may create it.
  const named = [...mentionedNames(policies)]
    .filter((name) => !taken.has(name))
    .map((name) => ({ name, labels: {} }))
  return [...labelled, ...named]
}

/** Labels of namespaces whose names nobody mentions. */
export function unnamedNamespaces(policies: readonly CompiledPolicy[]): readonly Labels[] {
  const selectors = namespaceSelectors(policies)
  const classes =
    labelClasses(selectors, { [NAMESPACE_NAME]: witnessName('ns', '') }) ??
    selectors.flatMap((one) => labelClasses([one], { [NAMESPACE_NAME]: '' }) ?? [])
  return classes.map(({ [NAMESPACE_NAME]: _, ...labels }) => labels)
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

function blocksOf(policies: readonly CompiledPolicy[]): readonly Block[] {
  return policies
    .flatMap(({ ingress = [], egress = [] }) => [...ingress, ...egress])
    .flatMap(({ peers }) => peers)
    .flatMap((peer) => (peer.kind === 'block' ? [peer.cidr, ...peer.excepts] : []))
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
