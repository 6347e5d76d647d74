import type { LabelSelector } from '../kube/objects.ts'
import { formatAddress } from './address.ts'
import {
  type CompiledPeer,
  type CompiledPolicy,
  type CompiledPort,
  type CompiledRule,
  namedPorts,
  peerFailure,
  portFailure,
} from './compile.ts'
import type { End } from './ends.ts'
import { mismatchText, selectorText } from './selector-text.ts'
import type { FailedPart, Flow, ItemReason, PartReason, PolicyReason, RuleReason } from './types.ts'

/** What one policy says to a flow in one direction, rule by rule. `peer` is the other end. */
export function policyReason(
  policy: CompiledPolicy,
  rules: readonly CompiledRule[],
  flow: Flow,
  ends: { readonly peer: End; readonly destination: End },
): PolicyReason {
  const reasons = rules.map((rule) => ruleReason(rule, flow, ends))
  return {
    policy: { namespace: policy.namespace, name: policy.name },
    subject: once(policy, subjectText),
    allowed: reasons.some(({ allowed }) => allowed),
    rules: reasons,
  }
}

const texts = new WeakMap<object, string>()

/** A text of a part of a policy or of an end, made once: they never change, and each verdict names many of them. */
function once<Part extends object>(part: Part, make: (part: Part) => string): string {
  const known = texts.get(part)
  if (known !== undefined) return known
  const text = make(part)
  texts.set(part, text)
  return text
}

function subjectText({ subject }: CompiledPolicy): string {
  return selectorText(subject) || 'every pod'
}

function ruleReason(
  rule: CompiledRule,
  flow: Flow,
  { peer, destination }: { readonly peer: End; readonly destination: End },
): RuleReason {
  const peers = part(
    rule.peers.map((item, index) => {
      const failed = peerFailure(item, peer)
      return reason(index, failed, once(item, peerText), peerDetail(item, peer, failed))
    }),
  )
  const ports = part(
    rule.ports.map((item, index) => {
      const failed = portFailure(item, flow, destination)
      return reason(
        index,
        failed,
        once(item, portText),
        portDetail(item, flow, destination, failed),
      )
    }),
  )
  return { index: rule.index, allowed: peers.matched && ports.matched, peers, ports }
}

function part(items: readonly ItemReason[]): PartReason {
  if (items.length === 0) return { matched: true, any: true, items }
  const matchedIndex = items.findIndex(({ matched }) => matched)
  if (matchedIndex === -1) return { matched: false, any: false, items }
  return { matched: true, any: false, matchedIndex, items }
}

function reason(
  index: number,
  failed: FailedPart | undefined,
  wants: string,
  detail: string,
): ItemReason {
  return failed === undefined
    ? { index, matched: true, wants, detail }
    : { index, matched: false, failed, wants, detail }
}

/** A peer for people: `pods with app=web in namespaces with team=ops`. */
export function peerText(peer: CompiledPeer): string {
  if (peer.kind === 'block') {
    return peer.exceptTexts.length === 0
      ? peer.text
      : `${peer.text} except ${peer.exceptTexts.join(', ')}`
  }
  const pods = selectorText(peer.podSelector)
  const who = pods === '' ? 'every pod' : `pods with ${pods}`
  if (peer.namespaceSelector === undefined) return `${who} in ${peer.home}`
  const only = onlyName(peer.namespaceSelector)
  if (only !== undefined) return `${who} in ${only}`
  const namespaces = selectorText(peer.namespaceSelector)
  if (namespaces !== '') return `${who} in namespaces with ${namespaces}`
  return pods === '' ? 'every pod of every namespace' : `${who} in every namespace`
}

/** The namespace of a selector that asks for one by its name and for nothing else. */
function onlyName({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string | undefined {
  const keys = Object.keys(matchLabels)
  return keys.length === 1 && matchExpressions.length === 0
    ? matchLabels['kubernetes.io/metadata.name']
    : undefined
}

function peerDetail(peer: CompiledPeer, end: End, failed: FailedPart | undefined): string {
  if (failed === undefined) return once(peer, peerText)
  switch (failed) {
    case 'cidr':
      return `${once(end, addressesText)} is outside ${peer.kind === 'block' ? peer.text : 'the block'}`
    case 'except':
      return `${once(end, addressesText)} is in an exception of ${peer.kind === 'block' ? peer.text : 'the block'}`
    case 'not-a-pod':
      return `${endText(end)} is not a pod, and selectors match pods only`
    case 'host-network':
      return `${endText(end)} uses its node's network, so selectors do not match it`
    default:
  }
  if (peer.kind === 'block' || end.kind !== 'pod') return peerText(peer)
  if (failed === 'namespace') {
    return `${endText(end)} is in namespace ${end.pod.namespace}, this peer looks in ${peer.home} only`
  }
  if (failed === 'namespace-labels') {
    const only = peer.namespaceSelector === undefined ? undefined : onlyName(peer.namespaceSelector)
    if (only !== undefined) {
      return `${endText(end)} is in namespace ${end.pod.namespace}, wanted ${only}`
    }
  }
  return failed === 'namespace-labels'
    ? mismatchText(peer.namespaceSelector, end.namespaceLabels, 'namespace')
    : mismatchText(peer.podSelector, end.pod.labels, 'pod')
}

function addressesText({ addresses }: End): string {
  return addresses.map(formatAddress).join(', ')
}

/** A ports entry for people: `53/UDP`, `30000-30002/TCP`, `http/TCP`, `every port/TCP`. */
export function portText({ port, endPort, protocol }: CompiledPort): string {
  if (port === undefined) return `every ${protocol} port`
  const range = endPort === undefined || endPort === port ? `${port}` : `${port}-${endPort}`
  return `${range}/${protocol}`
}

function portDetail(
  entry: CompiledPort,
  flow: Flow,
  destination: End,
  failed: FailedPart | undefined,
): string {
  switch (failed) {
    case undefined:
      return once(entry, portText)
    case 'protocol':
      return `${flowPortText(flow)} is not ${entry.protocol}`
    case 'port-name':
      return destination.kind === 'pod'
        ? `${endText(destination)} declares no ${entry.protocol} port named ${entry.port}`
        : `${endText(destination)} is not a pod, so it has no port names`
    default: {
      const numbers = typeof entry.port === 'string' ? namedPorts(entry, destination) : []
      const meaning = numbers.length === 0 ? '' : ` (${numbers.join(', ')} there)`
      return `this is ${flowPortText(flow)}, wanted ${portText(entry)}${meaning}`
    }
  }
}

/** The port of a flow for people: `80/TCP`, `ICMP`. */
export function flowPortText(flow: Pick<Flow, 'protocol' | 'port'>): string {
  return flow.port === undefined ? flow.protocol : `${flow.port}/${flow.protocol}`
}

function endText(end: End): string {
  if (end.kind === 'address') return end.text
  if (end.pod !== undefined) return end.pod.name
  return end.kind === 'host' ? `node ${end.node ?? ''}`.trim() : 'the pod'
}
