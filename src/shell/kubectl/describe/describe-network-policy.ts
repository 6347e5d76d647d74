import { formatLabelSelector } from '../format-selector.ts'
import { isRecord, type JsonRecord, number, record, records, strings, text } from '../values.ts'
import {
  DescribeWriter,
  writeAnnotations,
  writeLabels,
  writeNameAndNamespace,
} from './describe-writer.ts'
import type { Describer } from './describer.ts'
import { goTimeString } from './go-time.ts'

/** `kubectl describe networkpolicy` (`describeNetworkPolicy`): the rules as prose. */
export const describeNetworkPolicy: Describer = async (_context, policy) => {
  const w = new DescribeWriter()
  writeNameAndNamespace(w, { ...policy.metadata })
  w.write(0, `Created on:\t${goTimeString(policy.metadata.creationTimestamp)}\n`)
  writeLabels(w, 'Labels', policy.metadata.labels)
  writeAnnotations(w, 'Annotations', policy.metadata.annotations)
  const spec = record(policy.spec)
  w.write(0, 'Spec:\n')
  w.write(1, 'PodSelector: ')
  const selector = formatLabelSelector(spec.podSelector)
  // The level is written in the middle of the line; kubectl's output has these spaces.
  w.write(
    2,
    selector === '<none>'
      ? '<none> (Allowing the specific traffic to all pods in this namespace)\n'
      : `${selector}\n`,
  )
  const types = strings(spec.policyTypes)
  if (types.includes('Ingress')) {
    w.write(1, 'Allowing ingress traffic:\n')
    writeRules(w, records(spec.ingress), INGRESS)
  } else w.write(1, 'Not affecting ingress traffic\n')
  if (types.includes('Egress')) {
    w.write(1, 'Allowing egress traffic:\n')
    writeRules(w, records(spec.egress), EGRESS)
  } else w.write(1, 'Not affecting egress traffic\n')
  w.write(1, `Policy Types: ${types.join(', ') || '<none>'}\n`)
  return w.finish()
}

interface Direction {
  readonly peers: 'from' | 'to'
  readonly title: 'From' | 'To'
  readonly none: string
  readonly any: string
}

const INGRESS: Direction = {
  peers: 'from',
  title: 'From',
  none: '<none> (Selected pods are isolated for ingress connectivity)',
  any: 'From: <any> (traffic not restricted by source)',
}
const EGRESS: Direction = {
  peers: 'to',
  title: 'To',
  none: '<none> (Selected pods are isolated for egress connectivity)',
  any: 'To: <any> (traffic not restricted by destination)',
}
const INDENT = '    '

function writeRules(w: DescribeWriter, rules: readonly JsonRecord[], direction: Direction): void {
  if (rules.length === 0) w.write(0, `${INDENT}${direction.none}\n`)
  rules.forEach((rule, index) => {
    const ports = records(rule.ports)
    if (ports.length === 0) {
      w.write(0, `${INDENT}To Port: <any> (traffic allowed to all ports)\n`)
    }
    for (const port of ports) w.write(0, `${INDENT}${portText(port)}\n`)
    const peers = records(rule[direction.peers])
    if (peers.length === 0) w.write(0, `${INDENT}${direction.any}\n`)
    for (const peer of peers) writePeer(w, peer, direction)
    if (index !== rules.length - 1) w.write(0, `${INDENT}----------\n`)
  })
}

function portText(port: JsonRecord): string {
  const protocol = text(port.protocol) || 'TCP'
  const value = port.port === undefined ? '<nil>' : String(port.port)
  return port.endPort === undefined
    ? `To Port: ${value}/${protocol}`
    : `To Port Range: ${value}-${number(port.endPort)}/${protocol}`
}

function writePeer(w: DescribeWriter, peer: JsonRecord, direction: Direction): void {
  w.write(0, `${INDENT}${direction.title}:\n`)
  const { podSelector, namespaceSelector, ipBlock } = peer
  if (isRecord(namespaceSelector)) {
    w.write(1, `${INDENT}NamespaceSelector: ${formatLabelSelector(namespaceSelector)}\n`)
  }
  if (isRecord(podSelector)) {
    w.write(1, `${INDENT}PodSelector: ${formatLabelSelector(podSelector)}\n`)
  }
  if (isRecord(podSelector) || isRecord(namespaceSelector) || !isRecord(ipBlock)) return
  w.write(1, `${INDENT}IPBlock:\n`)
  w.write(2, `${INDENT}CIDR: ${text(ipBlock.cidr)}\n`)
  w.write(2, `${INDENT}Except: ${strings(ipBlock.except).join(', ')}\n`)
}
