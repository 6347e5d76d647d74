import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../kube/objects.ts'

/** A rule with its place in the object, for messages about fields. */
export interface RuleParts {
  readonly ports: readonly NetworkPolicyPort[]
  readonly peers: readonly NetworkPolicyPeer[]
  readonly path: string
  readonly peerField: 'from' | 'to'
}

/** The rules of both directions, ingress first, as validation walks them. */
export function rulePartsOf(policy: NetworkPolicy): readonly RuleParts[] {
  const { ingress, egress } = policy.spec ?? {}
  return [
    ...(ingress ?? []).map((rule, index) => ({
      ports: rule?.ports ?? [],
      peers: rule?.from ?? [],
      path: `spec.ingress[${index}]`,
      peerField: 'from' as const,
    })),
    ...(egress ?? []).map((rule, index) => ({
      ports: rule?.ports ?? [],
      peers: rule?.to ?? [],
      path: `spec.egress[${index}]`,
      peerField: 'to' as const,
    })),
  ]
}
