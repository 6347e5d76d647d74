import type { PolicyType } from '../kube/objects.ts'
import { flowPortText } from './reasons.ts'
import type {
  Difference,
  Endpoint,
  FailedPart,
  Flow,
  ItemReason,
  PolicyReason,
  RuleReason,
  SideVerdict,
  Verdict,
} from './types.ts'
import { witnessLabels } from './witness-name.ts'

/**
 * Sentences about verdicts. They name policies, and rules from 1 on. They carry no capital at the start and no full stop:
 * they stand after a word such as `denied`.
 */
export interface DescribeOptions {
  /** Pods of this namespace are named without it. @default default */
  readonly home?: string
}

/** One side of a verdict: the word, and the policies and rules behind it. */
export function describeSide(
  side: SideVerdict,
  flow: Flow,
  options: DescribeOptions = {},
): { readonly word: 'allowed' | 'denied'; readonly text: string } {
  const word = side.allowed ? 'allowed' : 'denied'
  const subject = endpointText(side.direction === 'Egress' ? flow.from : flow.to, options)
  const peer = endpointText(side.direction === 'Egress' ? flow.to : flow.from, options)
  return { word, text: sideText(side, flow, subject, peer) }
}

/** A whole verdict, as lines: each side, the rule that joins them, and where plugins differ. */
export function describeVerdict(
  verdict: Verdict,
  options: DescribeOptions = {},
): readonly string[] {
  const { flow, egress, ingress } = verdict
  const leaving = describeSide(egress, flow, options)
  const entering = describeSide(ingress, flow, options)
  return [
    `Leaving ${endpointText(flow.from, options)}: ${leaving.word}, ${leaving.text}.`,
    `Entering ${endpointText(flow.to, options)}: ${entering.word}, ${entering.text}.`,
    ...(egress.allowed === ingress.allowed ? [] : ['Both sides have to allow a connection.']),
    ...new Set(
      [egress.choice, ingress.choice, egress.plugins, ingress.plugins].filter(
        (note) => note !== undefined,
      ),
    ),
  ]
}

/** A difference, with the flow that shows it: `opens bar -> web:80/TCP: rule 1 of a lets in every pod of default`. */
export function describeDifference(difference: Difference, options: DescribeOptions = {}): string {
  const { flow, kind, before, after } = difference
  const deciding = [after.egress, after.ingress].find((side, index) => {
    const old = index === 0 ? before.egress : before.ingress
    return kind === 'opened' ? side.allowed && !old.allowed : !side.allowed
  })
  const why = deciding === undefined ? '' : `: ${describeSide(deciding, flow, options).text}`
  // Where the ends leave their family open, it may be the whole difference.
  const family = flow.family === undefined ? '' : ` over IPv${flow.family}`
  return `${kind === 'opened' ? 'opens' : 'closes'} ${flowText(flow, options)}${family}${why}`
}

/** `test -> web:80/TCP`; pods of other namespaces with theirs. */
export function flowText(flow: Flow, options: DescribeOptions = {}): string {
  const from = endpointText(flow.from, options)
  const to = endpointText(flow.to, options)
  if (flow.port === undefined) return `${from} -> ${to} (${flow.protocol})`
  const port = flowPortText(flow)
  return to.includes(' ') ? `${from} -> ${to}, ${port}` : `${from} -> ${to}:${port}`
}

/** An end of a flow for people. Witnesses, which have no name, are told by their labels. */
export function endpointText(
  endpoint: Endpoint,
  { home = 'default' }: DescribeOptions = {},
): string {
  switch (endpoint.kind) {
    case 'pod': {
      const { namespace, name } = endpoint
      const labels = witnessLabels(name, 'pod')
      const namespaceLabels = witnessLabels(namespace, 'ns')
      if (labels === undefined) return namespace === home ? name : `${namespace}/${name}`
      const where =
        namespaceLabels === undefined ? namespace : `a namespace ${withLabels(namespaceLabels)}`
      return `a pod ${withLabels(labels)} in ${where}`
    }
    case 'node':
      return `node ${endpoint.name}`
    case 'address':
      return endpoint.address
  }
}

function withLabels(labels: string): string {
  return labels === '' ? 'without labels' : `with ${labels}`
}

function sideText(side: SideVerdict, flow: Flow, subject: string, peer: string): string {
  const { direction, exempt } = side
  switch (exempt) {
    case 'not-a-pod':
      return `${subject} is not a pod, so no policy governs it`
    case 'host-network':
      return `${subject} uses its node's network, so no policy selects it`
    case 'itself':
      return 'what a pod sends to itself never leaves it'
    case 'own-node':
      return direction === 'Ingress'
        ? 'the node of a pod may always reach it'
        : 'a pod may always reach its own node'
    default:
  }
  if (!side.isolated) {
    return side.selected
      ? `no policy selects ${subject} for ${direction.toLowerCase()}`
      : `no policy selects ${subject}`
  }
  if (side.allowed) return allowedText(side)
  const clauses = side.policies.map((reason) => denialText(reason, direction, flow, peer))
  const shown = clauses.slice(0, 2)
  const more = clauses.length - shown.length
  const rest =
    more === 0
      ? []
      : [`${more} more ${more === 1 ? 'policy lets' : 'policies let'} it through neither`]
  return [...shown, ...rest].join('; ')
}

function allowedText(side: SideVerdict): string {
  for (const { policy, rules } of side.policies) {
    const rule = rules.find(({ allowed }) => allowed)
    if (rule === undefined) continue
    const peers = matchedText(rule.peers, 'anyone')
    const ports = rule.ports.any ? 'on every port' : `on ${matchedText(rule.ports, '')}`
    const who = side.direction === 'Egress' ? `traffic to ${peers}` : peers
    return `rule ${rule.index + 1} of ${policy.name} ${verb(side.direction)} ${who} ${ports}`
  }
  return 'a rule allows it'
}

function matchedText(part: RuleReason['peers'], any: string): string {
  const item = part.matchedIndex === undefined ? undefined : part.items[part.matchedIndex]
  return part.any || item === undefined ? any : item.wants
}

function denialText(
  { policy, rules }: PolicyReason,
  direction: PolicyType,
  flow: Flow,
  peer: string,
): string {
  if (rules.length === 0) {
    const word = direction === 'Egress' ? 'leave' : 'enter'
    return `${policy.name} has no ${direction.toLowerCase()} rule: nothing may ${word}`
  }
  // The rule that came nearest teaches most: its peers match, or else its ports.
  const nearest =
    rules.find(({ peers }) => peers.matched) ?? rules.find(({ ports }) => ports.matched)
  const rule = nearest ?? rules[0]
  if (rule === undefined) return `${policy.name} does not allow it`
  const name = rules.length === 1 ? policy.name : `rule ${rule.index + 1} of ${policy.name}`
  const lets = `${name} ${verb(direction)}`
  const ports = list(rule.ports.items.map(({ wants }) => wants))
  if (rule.peers.matched) {
    const missing = rule.ports.items.find(({ failed }) => failed === 'port-name')
    const why = missing === undefined ? `this is ${flowPortText(flow)}` : missing.detail
    const near = rule.peers.any ? '' : 'the peer matches, '
    return `${lets} ${ports}; ${near}${why}`
  }
  const who = list(rule.peers.items.map(({ wants }) => wants))
  const to = direction === 'Egress' ? 'traffic to ' : ''
  const near = rule.ports.matched && !rule.ports.any ? 'the port matches, ' : ''
  return `${lets} ${to}${who}; ${near}${missText(rule.peers.items, peer)}`
}

/** How near each kind of miss is: the first parts of a peer match in the ones that come first. */
const NEARNESS: readonly (FailedPart | undefined)[] = [
  'except',
  'pod-labels',
  'namespace-labels',
  'namespace',
]

/** Why no peer of a rule matched: the only one, or the one that came nearest. */
function missText(items: readonly ItemReason[], peer: string): string {
  const [only] = items
  if (only === undefined || items.length === 1) return only?.detail ?? `${peer} is none of them`
  const nearest = NEARNESS.flatMap((part) => items.filter(({ failed }) => failed === part))[0]
  const rest = nearest === undefined ? '' : `, nearest: ${nearest.detail}`
  return `${peer} is none of them${rest}`
}

function verb(direction: PolicyType): string {
  return direction === 'Egress' ? 'lets out' : 'lets in'
}

function list(items: readonly string[]): string {
  if (items.length <= 1) return items.join('')
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}
