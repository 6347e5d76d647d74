import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../kube/objects.ts'
import type { LintFinding } from './lint.ts'
import { finding } from './lint-scene.ts'
import { selectorText } from './selector-text.ts'

/** What the text of a policy shows by itself, whatever pods there are. */
export function lintShape(policy: NetworkPolicy): readonly LintFinding[] {
  return [...typeFindings(policy), ...ruleFindings(policy)]
}

function typeFindings(policy: NetworkPolicy): readonly LintFinding[] {
  const { policyTypes, ingress, egress } = policy.spec ?? {}
  const findings: LintFinding[] = []
  if ((policyTypes ?? []).length === 0 && egress != null) {
    const hasIngress = ingress != null
    if (egress.length === 0) {
      findings.push(
        finding('policy-types-missing', policy, ['spec', 'egress'], {
          found: 'egress is an empty list, and policyTypes is missing.',
          consequence: `It becomes policyTypes: [Ingress]: everything may still leave${hasIngress ? '' : ', and nothing may enter'}.`,
          repair: 'To shut egress, write policyTypes: [Egress].',
        }),
      )
    } else if (!hasIngress) {
      findings.push(
        finding('policy-types-missing', policy, ['spec', 'egress'], {
          found: 'egress has rules, and policyTypes is missing.',
          consequence:
            'It becomes policyTypes: [Ingress, Egress]: the selected pods let nothing in, too.',
          repair:
            'Write policyTypes: [Egress], or [Ingress, Egress] where ingress is meant to be shut.',
        }),
      )
    }
  }
  if (policyTypes != null && policyTypes.length > 0) {
    for (const [type, field, rules] of [
      ['Ingress', 'ingress', ingress],
      ['Egress', 'egress', egress],
    ] as const) {
      if (policyTypes.includes(type) || (rules ?? []).length === 0) continue
      findings.push(
        finding('rules-ignored', policy, ['spec', field], {
          found: `${field} has rules, and policyTypes does not list ${type}.`,
          consequence: `The ${field} rules do nothing: this policy neither shuts nor opens ${field}.`,
          repair: `Add ${type} to policyTypes, or delete the ${field} rules.`,
        }),
      )
    }
  }
  return findings
}

function ruleFindings(policy: NetworkPolicy): readonly LintFinding[] {
  const { ingress, egress } = policy.spec ?? {}
  const rules = [
    ...(ingress ?? []).map((rule, index) => ({
      field: 'ingress',
      peerField: 'from',
      index,
      peers: rule?.from,
      ports: rule?.ports,
    })),
    ...(egress ?? []).map((rule, index) => ({
      field: 'egress',
      peerField: 'to',
      index,
      peers: rule?.to,
      ports: rule?.ports,
    })),
  ]
  return rules.flatMap(({ field, peerField, index, peers, ports }, at) => {
    const path = ['spec', field, index]
    const found: LintFinding[] = []
    for (const [name, list, what] of [
      [peerField, peers, peerField === 'from' ? 'from anywhere' : 'to anywhere'],
      ['ports', ports, 'on every port'],
    ] as const) {
      if (list == null || list.length > 0) continue
      found.push(
        finding('empty-list-means-all', policy, [...path, name], {
          found: `${name} is an empty list.`,
          consequence: `An empty list limits nothing: this rule allows connections ${what}.`,
          repair: `To allow nothing, delete the whole rule. To allow everything, leave ${name} out, so that nobody reads it as nothing.`,
        }),
      )
    }
    const next = rules[at + 1]
    if (
      next?.field === field &&
      hasItems(peers) !== hasItems(next.peers) &&
      hasItems(ports) !== hasItems(next.ports) &&
      hasItems(peers) !== hasItems(ports) &&
      !isDnsOnly(hasItems(ports) ? ports : next.ports)
    ) {
      found.push(
        finding('rule-split', policy, ['spec', field, next.index], {
          found: `Rule ${index + 1} has only ${hasItems(peers) ? peerField : 'ports'}, and rule ${index + 2} only ${hasItems(peers) ? 'ports' : peerField}.`,
          consequence: `They are two rules: one allows every port for some, the other some ports for everybody.`,
          repair: `If both belong together, remove the dash before ${hasItems(peers) ? 'ports' : peerField}, so that they are one rule.`,
        }),
      )
    }
    for (const [item, peer] of (peers ?? []).entries()) {
      const follower = peers?.[item + 1]
      if (follower === undefined || !looksSplit(peer, follower)) continue
      const [namespaces, pods] =
        peer.namespaceSelector == null ? [follower, peer] : [peer, follower]
      const podText = selectorText(pods.podSelector ?? {})
      // Every pod of the own namespace: as one entry it would limit nothing, so two are meant.
      if (podText === '') continue
      found.push(
        finding('and-or-look-alike', policy, [...path, peerField, item + 1], {
          found: `A namespaceSelector and a podSelector stand in two entries of ${peerField}, each with its own dash.`,
          consequence: `Either is enough: every pod of ${namespaceWords(namespaces.namespaceSelector)} is allowed, and so are pods with ${podText} of this policy's own namespace.`,
          repair:
            'If a pod has to meet both, remove the second dash, so that both selectors are one entry.',
        }),
      )
    }
    return found
  })
}

/** A rule for DNS without peers is usual, and meant for everybody. */
function isDnsOnly(ports: readonly NetworkPolicyPort[] | null | undefined): boolean {
  return (ports ?? []).every(({ port }) => port === 53 || port === 5353)
}

function hasItems(list: readonly unknown[] | null | undefined): boolean {
  return list != null && list.length > 0
}

function looksSplit(first: NetworkPolicyPeer, second: NetworkPolicyPeer): boolean {
  const kind = ({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer) =>
    ipBlock != null || (podSelector != null) === (namespaceSelector != null)
      ? undefined
      : podSelector != null
        ? 'pods'
        : 'namespaces'
  const kinds = [kind(first), kind(second)]
  return kinds.includes('pods') && kinds.includes('namespaces')
}

function namespaceWords(selector: LabelSelector | undefined): string {
  const text = selectorText(selector ?? {})
  return text === '' ? 'every namespace' : `namespaces with ${text}`
}
