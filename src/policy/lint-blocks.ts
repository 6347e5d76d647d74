import type { NetworkPolicy } from '../kube/objects.ts'
import { type Cidr, containsAddress, parseAddress } from './address.ts'
import {
  type CompiledPeer,
  type CompiledPort,
  type CompiledRule,
  compilePolicy,
} from './compile.ts'
import { rulesOf } from './evaluate.ts'
import type { LintFinding } from './lint.ts'
import {
  finding,
  type LintRule,
  type LintScene,
  lintRules,
  podName,
  servicesOf,
  some,
  subjectsOf,
} from './lint-scene.ts'

type Block = Extract<CompiledPeer, { kind: 'block' }>

/** Blocks of addresses that open more than they look like, or nothing. */
export function lintBlocks(policy: NetworkPolicy, scene: LintScene): readonly LintFinding[] {
  return lintRules(policy, scene).flatMap((rule) =>
    rule.rule.peers.flatMap((peer, item) => {
      if (peer.kind !== 'block') return []
      const field = rule.direction === 'Ingress' ? 'from' : 'to'
      const path = [...rule.path, field, item, 'ipBlock']
      return [
        ...everywhere(policy, peer, path, rule, scene),
        ...openedAgain(policy, peer, path, rule, scene),
        ...single(policy, peer, path, scene),
        ...rewritten(policy, peer, path, rule, scene),
      ]
    }),
  )
}

function everywhere(
  policy: NetworkPolicy,
  block: Block,
  path: LintFinding['path'],
  { direction }: LintRule,
  { pods, world, hasPods }: LintScene,
): readonly LintFinding[] {
  const { cidr } = block
  if (cidr === undefined || cidr.prefixLength !== 0) return []
  const opened = pods.filter(
    ({ end, pod }) =>
      !(world.invented?.has(`${pod.namespace}/${pod.name}`) === true && block.excepts.length > 0) &&
      end.addresses.some(
        (address) =>
          containsAddress(cidr, address) &&
          !block.excepts.some((except) => containsAddress(except, address)),
      ),
  )
  if (hasPods ? opened.length === 0 : block.excepts.length > 0) return []
  const names = hasPods ? `, ${some(opened.map(podName))} among them` : ''
  return [
    finding('everywhere-opens-pods', policy, path, {
      found: `${block.text} is every address, those of pods included.`,
      consequence: `It allows connections ${direction === 'Egress' ? 'to' : 'from'} every pod of the cluster, too${names}. (Cilium leaves pods out; other plugins do not.)`,
      repair: 'If only the world outside is meant, add the ranges of pods and nodes to except.',
    }),
  ]
}

/** Rules are added up: what one leaves out, another may let in. */
function openedAgain(
  policy: NetworkPolicy,
  block: Block,
  path: LintFinding['path'],
  own: LintRule,
  scene: LintScene,
): readonly LintFinding[] {
  const compiled = compilePolicy(policy)
  const subjects = new Set(subjectsOf(compiled, scene).map(podName))
  const others = scene.prepared.compiled.filter(
    (other) =>
      other.namespace === compiled.namespace &&
      (other.name === compiled.name ||
        (scene.hasPods
          ? subjectsOf(other, scene).some((pod) => subjects.has(podName(pod)))
          : JSON.stringify(other.subject) === JSON.stringify(compiled.subject))),
  )
  const findings: LintFinding[] = []
  for (const [index, except] of block.excepts.entries()) {
    for (const other of others) {
      const rules = rulesOf(other, own.direction) ?? []
      // The block's own rule may open it as well, by another of its peers.
      const opener = rules.find(
        (rule) => portsMeet(rule.ports, own.rule.ports) && opens(rule, except),
      )
      if (opener === undefined) continue
      findings.push(
        finding('except-opened-again', policy, [...path, 'except', index], {
          found: `${block.exceptTexts[index] ?? ''} is left out of ${block.text} here, and rule ${opener.index + 1} of ${other.name} allows it again.`,
          consequence: 'Rules only ever add: the exception does not hold.',
          repair: `Leave it out there as well, or narrow that rule.`,
        }),
      )
      break
    }
  }
  return findings
}

function opens(rule: CompiledRule, except: Cidr): boolean {
  if (rule.peers.length === 0) {
    // A rule for DNS without peers is common and does not mean the exception.
    return !rule.ports.length || rule.ports.some(({ port }) => port !== 53)
  }
  return rule.peers.some((peer) => {
    if (peer.kind !== 'block' || peer.cidr === undefined) return false
    const { cidr } = peer
    if (cidr.family !== except.family) return false
    // Blocks never overlap in part: one holds the other.
    const [outer, inner] =
      cidr.prefixLength <= except.prefixLength ? [cidr, except] : [except, cidr]
    if (inner.first < outer.first || outer.last < inner.last) return false
    return !peer.excepts.some(
      (its) => its.family === except.family && its.first <= inner.first && inner.last <= its.last,
    )
  })
}

function portsMeet(a: readonly CompiledPort[], b: readonly CompiledPort[]): boolean {
  if (a.length === 0 || b.length === 0) return true
  return a.some((one) =>
    b.some((other) => {
      if (one.protocol !== other.protocol) return false
      if (one.port === undefined || other.port === undefined) return true
      if (typeof one.port === 'string' || typeof other.port === 'string')
        return one.port === other.port
      return one.port <= (other.endPort ?? other.port) && other.port <= (one.endPort ?? one.port)
    }),
  )
}

/** A block of one address that a service or a pod has. */
function single(
  policy: NetworkPolicy,
  { text, cidr }: Block,
  path: LintFinding['path'],
  { world, pods }: LintScene,
): readonly LintFinding[] {
  if (cidr === undefined || cidr.first !== cidr.last) return []
  const isIt = (typed: string | undefined) => {
    const address = typed === undefined ? undefined : parseAddress(typed)
    return address !== undefined && containsAddress(cidr, address)
  }
  const service = world.services.find(({ spec }) =>
    [spec.clusterIP, ...(spec.clusterIPs ?? [])].some(isIt),
  )
  if (service !== undefined) {
    return [
      finding('block-of-service', policy, path, {
        found: `${text} is the address of service ${service.metadata.name}.`,
        consequence:
          'Policies see the address of the pod that the service picks, so this block matches nothing.',
        repair: 'Select the pods behind the service with podSelector.',
      }),
    ]
  }
  const pod = pods.find(
    (one) =>
      one.pod.hostNetwork !== true &&
      world.invented?.has(podName(one)) !== true &&
      one.pod.ips.some(isIt),
  )
  if (pod === undefined) return []
  return [
    finding('block-of-pod', policy, path, {
      found: `${text} is the address of pod ${podName(pod)}.`,
      consequence:
        'A pod gets another address when it starts anew. Then this block is for nobody, or for another pod.',
      repair: 'Select the pod by its labels with podSelector.',
    }),
  ]
}

/** A block of callers from outside, for pods that they reach through a node which puts its own address in place of theirs. */
function rewritten(
  policy: NetworkPolicy,
  block: Block,
  path: LintFinding['path'],
  { direction, subjects, rule }: LintRule,
  scene: LintScene,
): readonly LintFinding[] {
  const { cidr } = block
  if (direction === 'Egress' || cidr === undefined || cidr.prefixLength === 0) return []
  const { nodes = [] } = scene.world.state
  const inside = [
    ...scene.pods.flatMap(({ end }) => end.addresses),
    ...nodes.flatMap(({ addresses }) => addresses.map(parseAddress)),
  ]
  // Addresses of the cluster keep theirs, and those of nodes are what the repair would be.
  if (inside.some((address) => address !== undefined && containsAddress(cidr, address))) return []
  const allowsNodes = rule.peers.some(
    (peer) =>
      peer.kind === 'block' &&
      nodes.some(({ addresses }) =>
        addresses.some((text) => {
          const address = parseAddress(text)
          return (
            address !== undefined && peer.cidr !== undefined && containsAddress(peer.cidr, address)
          )
        }),
      ),
  )
  if (allowsNodes) return []
  const service = subjects
    .flatMap(({ pod }) => servicesOf(pod, scene))
    .find(
      ({ spec }) =>
        (spec.type === 'NodePort' || spec.type === 'LoadBalancer') &&
        spec.externalTrafficPolicy !== 'Local',
    )
  if (service === undefined) return []
  return [
    finding('sender-rewritten', policy, path, {
      found: `${block.text} is outside the cluster, and callers from there reach the pods through service ${service.metadata.name} of type ${service.spec.type}.`,
      consequence:
        'The node that they enter by puts its own address in place of theirs, so this block does not match them.',
      repair: `Set externalTrafficPolicy: Local in service ${service.metadata.name}, which keeps the address of the caller.`,
    }),
  ]
}
