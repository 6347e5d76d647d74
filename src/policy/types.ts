import type { Labels, NetworkPolicy, PolicyType, Protocol } from '../kube/objects.ts'

/** The part of a cluster that NetworkPolicy looks at, as plain data. */
export interface PolicyState {
  readonly namespaces: readonly { readonly name: string; readonly labels: Labels }[]
  readonly pods: readonly PolicyPod[]
  readonly policies: readonly NetworkPolicy[]
  /** Addresses of nodes, for the exemption of a pod's own node. */
  readonly nodes?: readonly { readonly name: string; readonly addresses: readonly string[] }[]
}

export interface PolicyPod {
  readonly namespace: string
  readonly name: string
  readonly labels: Labels
  readonly ips: readonly string[]
  /** Declared container ports, restartable init containers included; for named ports only. */
  readonly ports: readonly {
    readonly name?: string
    readonly port: number
    readonly protocol: Protocol
  }[]
  readonly hostNetwork?: boolean
  readonly node?: string
}

export type Endpoint =
  | { readonly kind: 'pod'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'node'; readonly name: string }

/** One new connection after service translation: `port` is the destination pod's port. ICMP has no port. */
export interface Flow {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly protocol: Protocol | 'ICMP'
  readonly port?: number
  /** It was addressed to a Service that picked `to`: matters only where a pod reaches itself that way. */
  readonly viaService?: boolean
  /**
   * The address family that the connection uses: both sides hold blocks against the addresses of that family. An end that is an
   * address says so itself. Without either, the families that both ends have are tried in turn, as a client does: the flow is
   * allowed where both sides let one of them through.
   */
  readonly family?: 4 | 6
}

/** Whether both sides let a connection be set up, and why. */
export interface Verdict {
  readonly allowed: boolean
  readonly flow: Flow
  readonly egress: SideVerdict
  readonly ingress: SideVerdict
}

export interface SideVerdict {
  readonly direction: PolicyType
  readonly allowed: boolean
  /** Why this side was not judged by policies, where it was not. */
  readonly exempt?: 'not-a-pod' | 'own-node' | 'itself' | 'host-network'
  /** A behaviour that the specification leaves open, and what the engine chose; sentence for people. */
  readonly choice?: string
  /** What the specification settles and some plugins do otherwise; sentence for people. */
  readonly plugins?: string
  readonly isolated: boolean
  /** Some policy selects the pod, if only for the other direction. */
  readonly selected: boolean
  /** The policies that select the pod and list this direction, in order of name. Made when first read. */
  readonly policies: readonly PolicyReason[]
}

export interface PolicyReason {
  readonly policy: { readonly namespace: string; readonly name: string }
  /** Whom the policy selects, in words: `app=foo`, `every pod`. */
  readonly subject: string
  readonly allowed: boolean
  /** Every rule of this direction; empty where the policy has none. */
  readonly rules: readonly RuleReason[]
}

export interface RuleReason {
  /** Index in the rule list, from 0. People see it from 1. */
  readonly index: number
  readonly allowed: boolean
  readonly peers: PartReason
  readonly ports: PartReason
}

/** One half of a rule: which item matched, or why each did not. */
export interface PartReason {
  readonly matched: boolean
  /** `any`: the list is absent or empty, so it limits nothing. */
  readonly any: boolean
  readonly matchedIndex?: number
  /** One entry an item, in order. */
  readonly items: readonly ItemReason[]
}

export type FailedPart =
  | 'pod-labels'
  | 'namespace-labels'
  | 'namespace'
  | 'cidr'
  | 'except'
  | 'not-a-pod'
  | 'host-network'
  | 'protocol'
  | 'port'
  | 'port-name'

export interface ItemReason {
  readonly index: number
  readonly matched: boolean
  /** The first part that failed; absent where it matched. */
  readonly failed?: FailedPart
  /** What the item asks for, in words: `53/UDP`, `pods with app=web in default`. */
  readonly wants: string
  /** What the rule wants there and what the flow has, in words: `the namespace label team is ops, wanted dev`. */
  readonly detail: string
}

/** One flow on which two sets of policies differ. */
export interface Difference {
  readonly flow: Flow
  /** What the second set does: opens a flow that the first closes, or the reverse. */
  readonly kind: 'opened' | 'closed'
  readonly before: Verdict
  readonly after: Verdict
  /** Mistake id of the course (COURSE catalogue) that this difference most likely shows. */
  readonly mistake: string
  /** Whether an end exists only as a witness, not in this world. */
  readonly witness: boolean
}

export interface Comparison {
  readonly same: boolean
  /** A smallest set of differing flows: flows of the world first, witnesses after. */
  readonly differences: readonly Difference[]
  /** One-sided differences that the other side masks: advice, never a failure. */
  readonly masked: readonly Difference[]
}
