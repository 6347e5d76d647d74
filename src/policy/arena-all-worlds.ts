import type { Labels, NetworkPolicy, Protocol } from '../kube/objects.ts'
import { type Address, formatAddress } from './address.ts'
import { type AddressClass, addressClasses } from './address-classes.ts'
import { type Arena, flowBetween } from './arena.ts'
import { worldEnds } from './arena-world.ts'
import { byFamily, type Candidate } from './classes.ts'
import { type CompiledPolicy, compilePolicy } from './compile.ts'
import { prepare } from './evaluate.ts'
import { labelClasses } from './label-classes.ts'
import type { PortPoint } from './port-points.ts'
import type { PolicyPod, PolicyState } from './types.ts'
import { labelText, witnessName } from './witness-name.ts'
import {
  mentionedNames,
  NAMESPACE_NAME,
  namespaceSelectors,
  podSelectors,
  twinName,
} from './witnesses.ts'

/** Thrown where policies tell so many kinds of ends apart that going through all of them would not end. */
export class TooManyClassesError extends Error {
  override readonly name = 'TooManyClassesError'
}

const MOST_ENDS = 50_000

interface Place {
  readonly name: string
  readonly labels: Labels
}

/** A name of a port that rules use, with the protocol that they ask for. */
interface PortName {
  readonly name: string
  readonly protocol: Protocol
}

/**
 * Every end that any cluster could have, one of each kind: namespaces by their labels, pods in them by labels, address and names
 * of ports, and addresses of nobody. The ends of this world come beside them, for examples that a person knows.
 *
 * What a flow needs of an end is one address and at most two port names (one for each side): rules only ever open, so what
 * more of them would allow, those alone allow as well.
 *
 * @throws TooManyClassesError
 */
export function allWorldsArena(
  world: PolicyState,
  before: readonly NetworkPolicy[],
  after: readonly NetworkPolicy[],
  points: readonly PortPoint[],
): Arena {
  const compiled = [...before, ...after].map(compilePolicy)
  const addresses = addressClasses(compiled)
  const names = nameSets(compiled)
  const ofAddress = new Map<Candidate, AddressClass>()
  const candidates: Candidate[] = []
  const here = prepare({ ...world, policies: [] })
  for (const { endpoint, cost } of worldEnds(world)) {
    const end = here.resolve(endpoint)
    // On its node's network a pod is an address like any other.
    if (end.kind === 'pod') candidates.push(...byFamily({ endpoint, end, witness: false, cost }))
  }
  const add = (one: Omit<Candidate, 'family'>, address: AddressClass) => {
    const candidate = { ...one, family: address.first.family }
    candidates.push(candidate)
    ofAddress.set(candidate, address)
    if (candidates.length > MOST_ENDS) throw tooMany()
  }
  for (const [index, address] of addresses.entries()) {
    const text = formatAddress(address.first)
    const cost = index === 0 ? 40 : 55
    const end = { kind: 'address' as const, text, addresses: [address.first] }
    add({ endpoint: { kind: 'address', address: text }, end, witness: true, cost }, address)
  }
  for (const { name: namespace, labels: namespaceLabels } of places(compiled)) {
    const labelSets = labelClasses(podSelectors(compiled, namespace, namespaceLabels))
    if (labelSets === undefined) throw tooMany()
    for (const labels of labelSets) {
      for (const [at, address] of addresses.entries()) {
        for (const declared of names) {
          const ports = declared.flatMap(({ name, protocol }) =>
            points
              .filter((point) => point.protocol === protocol)
              .map(({ port }) => ({ name, protocol, port })),
          )
          const pod: PolicyPod = {
            namespace,
            name: witnessName('pod', labelText(labels)),
            labels,
            ips: [formatAddress(address.first)],
            ports,
          }
          const end = { kind: 'pod' as const, pod, namespaceLabels, addresses: [address.first] }
          const endpoint = { kind: 'pod' as const, namespace, name: pod.name }
          add({ endpoint, end, witness: true, cost: 50 + at }, address)
        }
      }
    }
  }
  return {
    candidates,
    stage: (from, to, point) => {
      const fromClass = ofAddress.get(from)
      const toClass = ofAddress.get(to)
      const toAddress = fromClass === toClass ? toClass?.second : toClass?.first
      // Both would have to own the only address of their class.
      if (toClass !== undefined && toAddress === undefined) return undefined
      return staged(world, before, after, { from, to, point, toAddress })
    },
  }
}

/** The world with two ends in it. */
function staged(
  world: PolicyState,
  before: readonly NetworkPolicy[],
  after: readonly NetworkPolicy[],
  {
    from,
    to,
    point,
    toAddress,
  }: {
    readonly from: Candidate
    readonly to: Candidate
    readonly point: PortPoint
    readonly toAddress: Address | undefined
  },
) {
  const namespaces = new Map(world.namespaces.map((one) => [one.name, one]))
  const pods: PolicyPod[] = []
  const place = (candidate: Candidate, address: Address | undefined): Candidate['endpoint'] => {
    const { end, endpoint, witness } = candidate
    if (end.kind === 'pod') {
      const { namespace } = end.pod
      namespaces.set(namespace, { name: namespace, labels: end.namespaceLabels })
      if (!witness) return endpoint
      const name = pods.some((one) => one.namespace === namespace && one.name === end.pod.name)
        ? twinName(end.pod.labels)
        : end.pod.name
      const ports = end.pod.ports.filter(
        ({ port, protocol }) => port === point.port && protocol === point.protocol,
      )
      const ips = address === undefined ? end.pod.ips : [formatAddress(address)]
      pods.push({ ...end.pod, name, ports, ips })
      return { kind: 'pod', namespace, name }
    }
    return endpoint.kind === 'address' && address !== undefined
      ? { kind: 'address', address: formatAddress(address) }
      : endpoint
  }
  const ends = { from: place(from, undefined), to: place(to, toAddress) }
  const used = new Set(pods.flatMap(({ ips }) => ips))
  for (const end of [ends.from, ends.to]) if (end.kind === 'address') used.add(end.address)
  // Somebody of this world may own an address that stands for its class: there it is the end's.
  const others = world.pods.filter(
    ({ namespace, name, ips }) =>
      !ips.some((ip) => used.has(ip)) ||
      [ends.from, ends.to].some(
        (end) => end.kind === 'pod' && end.namespace === namespace && end.name === name,
      ),
  )
  const state: PolicyState = {
    namespaces: [...namespaces.values()],
    pods: [...pods, ...others],
    policies: [],
  }
  const actual = prepare({ ...state, policies: after })
  const flow = { ...ends, protocol: point.protocol, port: point.port }
  return {
    flow: flowBetween(actual, flow, from, to),
    wanted: prepare({ ...state, policies: before }),
    actual,
  }
}

/** Every namespace that the policies can tell from others: each name that matters with all labels, and one that nobody names. */
function places(policies: readonly CompiledPolicy[]): readonly Place[] {
  const selectors = namespaceSelectors(policies)
  const names = new Set([
    ...policies.map(({ namespace }) => namespace),
    ...mentionedNames(policies),
  ])
  const labelled = (name: string): readonly Labels[] => {
    const classes = labelClasses(selectors, { [NAMESPACE_NAME]: name })
    if (classes === undefined) throw tooMany()
    return classes
  }
  const unnamed = labelled(witnessName('ns', '')).map(({ [NAMESPACE_NAME]: _, ...labels }) => {
    const name = witnessName('ns', labelText(labels))
    return { name, labels: { ...labels, [NAMESPACE_NAME]: name } }
  })
  return [
    ...[...names].flatMap((name) => labelled(name).map((labels) => ({ name, labels }))),
    ...unnamed,
  ]
}

/** The sets of port names that a pod may declare for one port: none, one, and two of one protocol. */
function nameSets(policies: readonly CompiledPolicy[]): readonly (readonly PortName[])[] {
  const names = new Map<string, PortName>()
  for (const { ports } of policies.flatMap(({ ingress = [], egress = [] }) => [
    ...ingress,
    ...egress,
  ])) {
    for (const { port, protocol } of ports) {
      if (typeof port === 'string') names.set(`${port}/${protocol}`, { name: port, protocol })
    }
  }
  const all = [...names.values()]
  const pairs = all.flatMap((one, index) =>
    all
      .slice(index + 1)
      .filter(({ protocol }) => protocol === one.protocol)
      .map((other) => [one, other]),
  )
  return [[], ...all.map((one) => [one]), ...pairs]
}

function tooMany(): TooManyClassesError {
  return new TooManyClassesError(
    `These policies tell more than ${MOST_ENDS} kinds of pods apart. Compare them in one world, or fewer of them at a time.`,
  )
}
