import { labelKeyProblems, labelValueProblems, maxLengthProblem } from '../kube/label-validation.ts'
import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../kube/objects.ts'
import { type Cidr, parseCidr } from './address.ts'
import { rulePartsOf } from './rule-parts.ts'

export { defaultNetworkPolicy } from './default.ts'
export { networkPolicyWarnings } from './warnings.ts'

/** One entry of `details.causes` of a 422 answer. `message` does not repeat the field. */
export interface FieldCause {
  readonly reason:
    | 'FieldValueInvalid'
    | 'FieldValueRequired'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
  readonly field: string
  readonly message: string
}

const PROTOCOLS = ['TCP', 'UDP', 'SCTP']
const POLICY_TYPES = ['Ingress', 'Egress']
const INVALID_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/**
 * What the API server finds wrong with the `spec` of a policy whose JSON types are right; its words, in its order.
 * Names, labels and annotations in `metadata` are the server's own matter.
 * Models k8s.io/kubernetes pkg/apis/networking/validation/validation.go.
 */
export function validateNetworkPolicy(policy: NetworkPolicy): readonly FieldCause[] {
  const spec = policy.spec ?? {}
  const causes = [...selectorCauses(spec.podSelector, 'spec.podSelector')]
  for (const { ports, peers, path, peerField } of rulePartsOf(policy)) {
    for (const [index, port] of ports.entries()) {
      causes.push(...portCauses(port, `${path}.ports[${index}]`))
    }
    for (const [index, peer] of peers.entries()) {
      causes.push(...peerCauses(peer, `${path}.${peerField}[${index}]`))
    }
  }
  const types: readonly string[] = spec.policyTypes ?? []
  if (types.length > POLICY_TYPES.length) {
    causes.push(
      invalid(
        'spec.policyTypes',
        JSON.stringify(types),
        'may not specify more than two policyTypes',
      ),
    )
    return causes
  }
  for (const [index, type] of types.entries()) {
    if (!POLICY_TYPES.includes(type)) {
      causes.push(notSupported(`spec.policyTypes[${index}]`, type, POLICY_TYPES))
    }
  }
  return causes
}

function portCauses(entry: NetworkPolicyPort, path: string): FieldCause[] {
  const causes: FieldCause[] = []
  const { protocol, port, endPort } = entry
  if (protocol != null && !PROTOCOLS.includes(protocol)) {
    causes.push(notSupported(`${path}.protocol`, protocol, PROTOCOLS))
  }
  const endPath = `${path}.endPort`
  if (port == null) {
    if (endPort != null) {
      causes.push(invalid(endPath, endPort, 'may not be specified when `port` is not specified'))
    }
  } else if (typeof port === 'number') {
    causes.push(...portNumberCauses(port, `${path}.port`))
    if (endPort != null) {
      if (endPort < port) {
        causes.push(invalid(endPath, endPort, 'must be greater than or equal to `port`'))
      }
      causes.push(...portNumberCauses(endPort, endPath))
    }
  } else {
    if (endPort != null) {
      causes.push(invalid(endPath, endPort, 'may not be specified when `port` is non-numeric'))
    }
    for (const problem of portNameProblems(port)) {
      causes.push(invalid(`${path}.port`, JSON.stringify(port), problem))
    }
  }
  return causes
}

function portNumberCauses(port: number, path: string): FieldCause[] {
  if (port >= 1 && port <= 65535) return []
  return [invalid(path, port, 'must be between 1 and 65535, inclusive')]
}

/** apimachinery util/validation `IsValidPortName`. */
function portNameProblems(name: string): string[] {
  const problems: string[] = []
  if (name.length > 15) problems.push(maxLengthProblem(15))
  if (!/^[-a-z0-9]+$/.test(name)) {
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  }
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)')
  if (name.includes('--')) problems.push('must not contain consecutive hyphens')
  if (/^-|-$/.test(name)) problems.push('must not begin or end with a hyphen')
  return problems
}

function peerCauses(peer: NetworkPolicyPeer | null, path: string): FieldCause[] {
  const causes: FieldCause[] = []
  const { podSelector, namespaceSelector, ipBlock } = peer ?? {}
  if (podSelector != null) causes.push(...selectorCauses(podSelector, `${path}.podSelector`))
  if (namespaceSelector != null) {
    causes.push(...selectorCauses(namespaceSelector, `${path}.namespaceSelector`))
  }
  if (ipBlock != null) causes.push(...blockCauses(ipBlock, `${path}.ipBlock`))
  if (podSelector == null && namespaceSelector == null && ipBlock == null) {
    causes.push(required(path, 'must specify a peer'))
  } else if (ipBlock != null && (podSelector != null || namespaceSelector != null)) {
    causes.push(forbidden(path, 'may not specify both ipBlock and another peer'))
  }
  return causes
}

function blockCauses(block: { cidr?: string; except?: string[] }, path: string): FieldCause[] {
  if (block.cidr == null || block.cidr === '') return [required(`${path}.cidr`, '')]
  const cidr = parseCidr(block.cidr)
  if (cidr === undefined) return [invalid(`${path}.cidr`, JSON.stringify(block.cidr), INVALID_CIDR)]
  const causes: FieldCause[] = []
  for (const [index, text] of (block.except ?? []).entries()) {
    const except = parseCidr(text)
    if (except === undefined) {
      causes.push(invalid(`${path}.except[${index}]`, JSON.stringify(text), INVALID_CIDR))
    } else if (!isStrictSubset(except, cidr)) {
      const rule = 'must be a strict subset of `cidr`'
      causes.push(invalid(`${path}.except[${index}]`, JSON.stringify(text), rule))
    }
  }
  return causes
}

function isStrictSubset(inner: Cidr, outer: Cidr): boolean {
  return (
    inner.family === outer.family &&
    outer.first <= inner.first &&
    inner.last <= outer.last &&
    inner.prefixLength > outer.prefixLength
  )
}

/** apimachinery meta/v1/validation `ValidateLabelSelector`. */
function selectorCauses(selector: LabelSelector | null | undefined, path: string): FieldCause[] {
  const causes: FieldCause[] = []
  // Go walks this map in random order; the order of keys is the readable choice.
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {}).sort(byKey)) {
    const field = `${path}.matchLabels`
    for (const rule of labelKeyProblems(key)) causes.push(invalid(field, JSON.stringify(key), rule))
    for (const rule of labelValueProblems(value)) {
      causes.push(invalid(field, JSON.stringify(value), rule))
    }
  }
  for (const [index, requirement] of (selector?.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${index}]`
    const values = requirement.values ?? []
    // An operator is any text until it is validated.
    const operator: string = requirement.operator ?? ''
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) {
        const rule = "must be specified when `operator` is 'In' or 'NotIn'"
        causes.push(required(`${at}.values`, rule))
      }
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) {
        const rule = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        causes.push(forbidden(`${at}.values`, rule))
      }
    } else {
      const rule = 'not a valid selector operator'
      causes.push(invalid(`${at}.operator`, JSON.stringify(operator), rule))
    }
    const key = requirement.key ?? ''
    for (const rule of labelKeyProblems(key)) {
      causes.push(invalid(`${at}.key`, JSON.stringify(key), rule))
    }
    for (const [valueIndex, value] of values.entries()) {
      for (const rule of labelValueProblems(value)) {
        causes.push(invalid(`${at}.values[${valueIndex}]`, JSON.stringify(value), rule))
      }
    }
  }
  return causes
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1
}

function invalid(field: string, value: string | number, rule: string): FieldCause {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${value}: ${rule}` }
}

function required(field: string, rule: string): FieldCause {
  const message = rule === '' ? 'Required value' : `Required value: ${rule}`
  return { reason: 'FieldValueRequired', field, message }
}

function forbidden(field: string, rule: string): FieldCause {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${rule}` }
}

function notSupported(field: string, value: string, supported: readonly string[]): FieldCause {
  const list = supported.map((entry) => JSON.stringify(entry)).join(', ')
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`
  return { reason: 'FieldValueNotSupported', field, message }
}
