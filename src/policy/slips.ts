import type { LabelSelector, NetworkPolicyPeer, NetworkPolicyPort } from '../kube/objects.ts'
import { parseCidr } from './address.ts'

/** Small slips in the parts of a rule, for `mutate`. What the API would reject is sorted out there. */
interface PeerSlip {
  readonly operator: string
  readonly peers: readonly NetworkPolicyPeer[]
}

export function peerSlips(peer: NetworkPolicyPeer): readonly PeerSlip[] {
  const { podSelector, namespaceSelector, ipBlock } = peer
  const slips: PeerSlip[] = [{ operator: 'dropped', peers: [] }]
  if (ipBlock !== undefined) return [...slips, ...blockSlips(ipBlock)]
  if (podSelector !== undefined && namespaceSelector !== undefined) {
    slips.push(
      { operator: 'AND turned into OR', peers: [{ namespaceSelector }, { podSelector }] },
      { operator: 'namespace part dropped', peers: [{ podSelector }] },
      { operator: 'pod part dropped', peers: [{ namespaceSelector }] },
    )
  }
  if (namespaceSelector === undefined) {
    slips.push({ operator: 'in every namespace', peers: [{ ...peer, namespaceSelector: {} }] })
  } else {
    slips.push({ operator: 'own namespace instead', peers: [{ podSelector: podSelector ?? {} }] })
    for (const { operator, selector } of selectorSlips(namespaceSelector)) {
      const changed = { ...peer, namespaceSelector: selector }
      slips.push({ operator: `namespace: ${operator}`, peers: [changed] })
    }
  }
  for (const { operator, selector } of selectorSlips(podSelector ?? {})) {
    if (podSelector === undefined) break
    slips.push({ operator: `pods: ${operator}`, peers: [{ ...peer, podSelector: selector }] })
  }
  return slips
}

function blockSlips(block: NonNullable<NetworkPolicyPeer['ipBlock']>): readonly PeerSlip[] {
  const slips: PeerSlip[] = []
  const { cidr, except = [] } = block
  const resized = (text: string, by: number): string | undefined => {
    const parsed = parseCidr(text)
    if (parsed === undefined) return undefined
    const length = parsed.prefixLength + by
    const most = parsed.family === 4 ? 32 : 128
    return length < 0 || length > most ? undefined : text.replace(/\d+$/, String(length))
  }
  for (const [by, word] of [
    [-1, 'one bit wider'],
    [1, 'one bit narrower'],
  ] as const) {
    const changed = resized(cidr, by)
    if (changed === undefined) continue
    slips.push({ operator: `block ${word}`, peers: [{ ipBlock: { ...block, cidr: changed } }] })
  }
  for (const [at, text] of except.entries()) {
    const rest = except.toSpliced(at, 1)
    slips.push(
      { operator: `exception ${at + 1} removed`, peers: [{ ipBlock: { cidr, except: rest } }] },
      {
        operator: `exception ${at + 1} moved to a second block`,
        peers: [{ ipBlock: { cidr, except: rest } }, { ipBlock: { cidr, except: [text] } }],
      },
    )
    const narrower = resized(text, 1)
    if (narrower !== undefined) {
      const changed = { cidr, except: except.toSpliced(at, 1, narrower) }
      slips.push({ operator: `exception ${at + 1} narrowed`, peers: [{ ipBlock: changed }] })
    }
  }
  return slips
}

interface PortSlip {
  readonly operator: string
  readonly ports: readonly NetworkPolicyPort[]
}

export function portSlips(entry: NetworkPolicyPort): readonly PortSlip[] {
  const { port, endPort, protocol } = entry
  const slip = (operator: string, changed: NetworkPolicyPort): PortSlip => ({
    operator,
    ports: [changed],
  })
  const { port: _, endPort: __, ...bare } = entry
  const slips: PortSlip[] = [
    { operator: 'dropped', ports: [] },
    slip('without number', bare),
    slip('with the other protocol', { ...entry, protocol: protocol === 'UDP' ? 'TCP' : 'UDP' }),
  ]
  if (typeof port === 'string') slips.push(slip('with a typo', { ...entry, port: typo(port) }))
  if (typeof port === 'number') {
    const moved = endPort === undefined ? {} : { endPort: Math.max(endPort, port + 1) }
    slips.push(slip('+1', { ...entry, port: port + 1, ...moved }))
  }
  if (typeof port === 'number' && endPort !== undefined) {
    const { endPort: ___, ...single } = entry
    slips.push(
      slip('endPort +1', { ...entry, endPort: endPort + 1 }),
      slip('endPort -1', { ...entry, endPort: endPort - 1 }),
      slip('endPort removed', single),
    )
  }
  return slips
}

interface SelectorSlip {
  readonly operator: string
  readonly selector: LabelSelector
}

export function selectorSlips(selector: LabelSelector): readonly SelectorSlip[] {
  const { matchLabels = {}, matchExpressions = [] } = selector
  const slips: SelectorSlip[] = [{ operator: 'selector emptied', selector: {} }]
  for (const [key, value] of Object.entries(matchLabels)) {
    const { [key]: _, ...rest } = matchLabels
    slips.push(
      {
        operator: `typo in ${key}`,
        selector: { ...selector, matchLabels: { ...matchLabels, [key]: typo(value) } },
      },
      { operator: `${key} dropped`, selector: withLabels(selector, rest) },
    )
  }
  for (const [at, requirement] of matchExpressions.entries()) {
    const put = (...instead: typeof matchExpressions) => ({
      ...selector,
      matchExpressions: matchExpressions.toSpliced(at, 1, ...instead),
    })
    const { operator } = requirement
    slips.push({ operator: `expression ${at + 1} dropped`, selector: put() })
    const negated = NEGATED[operator]
    slips.push({
      operator: `expression ${at + 1} negated`,
      selector: put({ ...requirement, operator: negated }),
    })
    for (const [index, value] of (requirement.values ?? []).entries()) {
      const values = requirement.values?.toSpliced(index, 1) ?? []
      slips.push({
        operator: `${value} left out of expression ${at + 1}`,
        selector: put({ ...requirement, values }),
      })
    }
  }
  return slips
}

/** No empty map where the last label goes: it would be the empty selector written otherwise. */
function withLabels(
  { matchExpressions }: LabelSelector,
  matchLabels: Record<string, string>,
): LabelSelector {
  return {
    ...(Object.keys(matchLabels).length === 0 ? {} : { matchLabels }),
    ...(matchExpressions === undefined ? {} : { matchExpressions }),
  }
}

const NEGATED = {
  In: 'NotIn',
  NotIn: 'In',
  Exists: 'DoesNotExist',
  DoesNotExist: 'Exists',
} as const

/** Another value of the same length and syntax: the last letter is off. */
function typo(value: string): string {
  const last = value.at(-1) ?? ''
  return value.slice(0, -1) + (last === 'x' ? 'y' : 'x')
}
