import type { LabelSelector, NetworkPolicyPeer, NetworkPolicyPort } from '../kube/objects.ts'
import { parseCidr } from './address.ts'

/** Small slips in the parts of a rule, for `mutate`. What the API would reject is sorted out there. */
interface PeerSlip {
  readonly operator: string
  /** What happened, as a clause for people. */
  readonly says: string
  readonly peers: readonly NetworkPolicyPeer[]
}

export function peerSlips(peer: NetworkPolicyPeer): readonly PeerSlip[] {
  const { podSelector, namespaceSelector, ipBlock } = peer
  const slips: PeerSlip[] = [{ operator: 'dropped', says: 'it is left out', peers: [] }]
  if (ipBlock !== undefined) return [...slips, ...blockSlips(ipBlock)]
  if (podSelector !== undefined && namespaceSelector !== undefined) {
    slips.push(
      {
        operator: 'AND turned into OR',
        says: 'its two selectors stand in two items, so one of them is enough',
        peers: [{ namespaceSelector }, { podSelector }],
      },
      {
        operator: 'namespace part dropped',
        says: 'its namespaceSelector is left out, so it looks in its own namespace',
        peers: [{ podSelector }],
      },
      {
        operator: 'pod part dropped',
        says: 'its podSelector is left out, so every pod of those namespaces is meant',
        peers: [{ namespaceSelector }],
      },
    )
  }
  if (namespaceSelector === undefined) {
    slips.push({
      operator: 'in every namespace',
      says: 'an empty namespaceSelector is added, so it looks in every namespace',
      peers: [{ ...peer, namespaceSelector: {} }],
    })
  } else {
    slips.push({
      operator: 'own namespace instead',
      says: 'it names pods of its own namespace instead',
      peers: [{ podSelector: podSelector ?? {} }],
    })
    for (const { operator, says, selector } of selectorSlips(namespaceSelector)) {
      const changed = { ...peer, namespaceSelector: selector }
      slips.push({
        operator: `namespace: ${operator}`,
        says: `in its namespaceSelector ${says}`,
        peers: [changed],
      })
    }
  }
  for (const { operator, says, selector } of selectorSlips(podSelector ?? {})) {
    if (podSelector === undefined) break
    slips.push({
      operator: `pods: ${operator}`,
      says: `in its podSelector ${says}`,
      peers: [{ ...peer, podSelector: selector }],
    })
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
    slips.push({
      operator: `block ${word}`,
      says: `its block ${cidr} becomes ${changed}`,
      peers: [{ ipBlock: { ...block, cidr: changed } }],
    })
  }
  for (const [at, text] of except.entries()) {
    const rest = except.toSpliced(at, 1)
    slips.push(
      {
        operator: `exception ${at + 1} removed`,
        says: `its exception ${text} is left out`,
        peers: [{ ipBlock: { cidr, except: rest } }],
      },
      {
        operator: `exception ${at + 1} moved to a second block`,
        says: `its exception ${text} stands in a second item, so the first gives it back`,
        peers: [{ ipBlock: { cidr, except: rest } }, { ipBlock: { cidr, except: [text] } }],
      },
    )
    const narrower = resized(text, 1)
    if (narrower !== undefined) {
      const changed = { cidr, except: except.toSpliced(at, 1, narrower) }
      slips.push({
        operator: `exception ${at + 1} narrowed`,
        says: `its exception ${text} becomes ${narrower}`,
        peers: [{ ipBlock: changed }],
      })
    }
  }
  return slips
}

interface PortSlip {
  readonly operator: string
  readonly says: string
  readonly ports: readonly NetworkPolicyPort[]
}

/** @param numbers what the pods of the world call by the name of this entry */
export function portSlips(
  entry: NetworkPolicyPort,
  numbers: readonly number[],
): readonly PortSlip[] {
  const { port, endPort, protocol } = entry
  const slip = (operator: string, says: string, changed: NetworkPolicyPort): PortSlip => ({
    operator,
    says,
    ports: [changed],
  })
  const { port: _, endPort: __, ...bare } = entry
  const slips: PortSlip[] = [
    { operator: 'dropped', says: 'it is left out', ports: [] },
    slip('without number', 'it names no port, so every port of its protocol is meant', bare),
    ...PROTOCOLS.filter((other) => other !== (protocol ?? 'TCP')).map((other) =>
      other === 'TCP'
        ? slip('protocol left out', 'its protocol is left out, which means TCP', {
            ...entry,
            protocol: other,
          })
        : slip(`${other} instead`, `its protocol becomes ${other}`, { ...entry, protocol: other }),
    ),
  ]
  if (typeof port === 'string') {
    const wrong = typo(port)
    slips.push(
      slip('with a typo', `its name becomes ${wrong}`, { ...entry, port: wrong }),
      ...numbers.map((number) =>
        slip(`${number} instead of its name`, `${number} stands there instead of ${port}`, {
          ...entry,
          port: number,
        }),
      ),
    )
  }
  if (typeof port === 'number') {
    const moved = endPort === undefined ? {} : { endPort: Math.max(endPort, port + 1) }
    slips.push(slip('+1', `${port} becomes ${port + 1}`, { ...entry, port: port + 1, ...moved }))
  }
  if (typeof port === 'number' && endPort !== undefined) {
    const { endPort: ___, ...single } = entry
    slips.push(
      slip('endPort +1', `it ends at ${endPort + 1}`, { ...entry, endPort: endPort + 1 }),
      slip('endPort -1', `it ends at ${endPort - 1}`, { ...entry, endPort: endPort - 1 }),
      slip('endPort removed', `its endPort is left out, so it is ${port} alone`, single),
    )
  }
  return slips
}

/** UDP and TCP are what people mistake for each other. */
const PROTOCOLS = ['TCP', 'UDP'] as const

interface SelectorSlip {
  readonly operator: string
  readonly says: string
  readonly selector: LabelSelector
}

export function selectorSlips(selector: LabelSelector): readonly SelectorSlip[] {
  const { matchLabels = {}, matchExpressions = [] } = selector
  const slips: SelectorSlip[] = [
    { operator: 'selector emptied', says: 'nothing is asked for any more', selector: {} },
  ]
  for (const [key, value] of Object.entries(matchLabels)) {
    const { [key]: _, ...rest } = matchLabels
    slips.push(
      {
        operator: `typo in ${key}`,
        says: `${key}=${value} becomes ${key}=${typo(value)}`,
        selector: { ...selector, matchLabels: { ...matchLabels, [key]: typo(value) } },
      },
      {
        operator: `${key} dropped`,
        says: `${key}=${value} is left out`,
        selector: withLabels(selector, rest),
      },
    )
  }
  for (const [at, requirement] of matchExpressions.entries()) {
    const put = (...instead: typeof matchExpressions) => ({
      ...selector,
      matchExpressions: matchExpressions.toSpliced(at, 1, ...instead),
    })
    const { operator, key } = requirement
    slips.push({
      operator: `expression ${at + 1} dropped`,
      says: `the expression on ${key} is left out`,
      selector: put(),
    })
    const negated = NEGATED[operator]
    slips.push({
      operator: `expression ${at + 1} negated`,
      says: `${operator} becomes ${negated} in the expression on ${key}`,
      selector: put({ ...requirement, operator: negated }),
    })
    for (const [index, value] of (requirement.values ?? []).entries()) {
      const values = requirement.values?.toSpliced(index, 1) ?? []
      const misspelt = requirement.values?.toSpliced(index, 1, typo(value)) ?? []
      slips.push(
        {
          operator: `${value} left out of expression ${at + 1}`,
          says: `${value} is left out of the expression on ${key}`,
          selector: put({ ...requirement, values }),
        },
        {
          operator: `typo in ${value} of expression ${at + 1}`,
          says: `${value} becomes ${typo(value)} in the expression on ${key}`,
          selector: put({ ...requirement, values: misspelt }),
        },
      )
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
