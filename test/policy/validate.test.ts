import { describe, expect, it } from 'vitest'
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../src/kube/objects.ts'
import {
  defaultNetworkPolicy,
  networkPolicyWarnings,
  validateNetworkPolicy,
} from '../../src/policy/validate.ts'
import { policy } from './worlds.ts'

/** A policy as YAML may say it: the types of values that validation refuses are not those of the API. */
function written(json: string): NetworkPolicy['spec'] {
  return JSON.parse(json)
}

function causes(spec: NetworkPolicy['spec']): readonly string[] {
  return validateNetworkPolicy(policy('np', spec)).map(
    ({ field, message }) => `${field}: ${message}`,
  )
}

const port = (entry: NetworkPolicyPort) => causes({ ingress: [{ ports: [entry] }] })
const from = (peer: NetworkPolicyPeer) => causes({ ingress: [{ from: [peer] }] })

describe('validation of a policy', () => {
  it('answers in the words of the API server, for ports', () => {
    const at = 'spec.ingress[0].ports[0]'
    expect(causes(written('{"ingress":[{"ports":[{"protocol":"ICMP"}]}]}'))).toEqual([
      `${at}.protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"`,
    ])
    expect(port({ port: 0 })).toEqual([
      `${at}.port: Invalid value: 0: must be between 1 and 65535, inclusive`,
    ])
    expect(port({ port: '80' })).toEqual([
      `${at}.port: Invalid value: "80": must contain at least one letter (a-z)`,
    ])
    expect(port({ port: 'HTTP' })).toEqual([
      `${at}.port: Invalid value: "HTTP": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)`,
      `${at}.port: Invalid value: "HTTP": must contain at least one letter (a-z)`,
    ])
    expect(port({ port: 80, endPort: 70 })).toEqual([
      `${at}.endPort: Invalid value: 70: must be greater than or equal to \`port\``,
    ])
    expect(port({ port: 'http', endPort: 90 })).toEqual([
      `${at}.endPort: Invalid value: 90: may not be specified when \`port\` is non-numeric`,
    ])
    expect(port({ endPort: 90 })).toEqual([
      `${at}.endPort: Invalid value: 90: may not be specified when \`port\` is not specified`,
    ])
  })

  it('answers in the words of the API server, for peers', () => {
    const at = 'spec.ingress[0].from[0]'
    expect(from({})).toEqual([`${at}: Required value: must specify a peer`])
    expect(from({ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } })).toEqual([
      `${at}: Forbidden: may not specify both ipBlock and another peer`,
    ])
    expect(causes(written('{"ingress":[{"from":[{"ipBlock":{}}]}]}'))).toEqual([
      `${at}.ipBlock.cidr: Required value`,
    ])
    expect(from({ ipBlock: { cidr: '192.168.5.6' } })).toEqual([
      `${at}.ipBlock.cidr: Invalid value: "192.168.5.6": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
    ])
    for (const except of ['192.168.9.0/24', '192.168.5.0/24']) {
      expect(from({ ipBlock: { cidr: '192.168.5.0/24', except: [except] } })).toEqual([
        `${at}.ipBlock.except[0]: Invalid value: "${except}": must be a strict subset of \`cidr\``,
      ])
    }
  })

  it('answers in the words of the API server, for selectors and types', () => {
    const select = (json: string) => causes({ podSelector: JSON.parse(json) })
    expect(select('{"matchExpressions":[{"key":"a","operator":"In"}]}')).toEqual([
      "spec.podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ])
    expect(select('{"matchExpressions":[{"key":"a","operator":"Exists","values":["b"]}]}')).toEqual(
      [
        "spec.podSelector.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      ],
    )
    expect(select('{"matchExpressions":[{"key":"a","operator":"in","values":["b"]}]}')).toEqual([
      'spec.podSelector.matchExpressions[0].operator: Invalid value: "in": not a valid selector operator',
    ])
    expect(select('{"matchLabels":{"a":"bad value!"}}')).toEqual([
      "spec.podSelector.matchLabels: Invalid value: \"bad value!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ])
    expect(select('{"matchLabels":{"a=b":"c"}}')).toEqual([
      "spec.podSelector.matchLabels: Invalid value: \"a=b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ])
    expect(causes(written('{"policyTypes":["ingress"]}'))).toEqual([
      'spec.policyTypes[0]: Unsupported value: "ingress": supported values: "Ingress", "Egress"',
    ])
    expect(causes({ policyTypes: ['Ingress', 'Egress', 'Ingress'] })).toEqual([
      'spec.policyTypes: Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes',
    ])
    expect(causes({ policyTypes: ['Ingress', 'Ingress'] })).toEqual([])
  })

  it('takes the subject first, then each rule with its ports before its peers, then the types', () => {
    const found = causes(
      written(
        '{"policyTypes":["x"],"egress":[{"to":[{}],"ports":[{"port":0}]}],"ingress":[{"from":[{}]}],"podSelector":{"matchLabels":{"a=b":"c"}}}',
      ),
    )
    expect(found.map((text) => text.slice(0, text.indexOf(': ')))).toEqual([
      'spec.podSelector.matchLabels',
      'spec.ingress[0].from[0]',
      'spec.egress[0].ports[0].port',
      'spec.egress[0].to[0]',
      'spec.policyTypes[0]',
    ])
  })

  it('gives the reason that a Status carries', () => {
    expect(validateNetworkPolicy(policy('np', { ingress: [{ from: [{}] }] }))).toEqual([
      {
        reason: 'FieldValueRequired',
        field: 'spec.ingress[0].from[0]',
        message: 'Required value: must specify a peer',
      },
    ])
  })

  it('takes what only looks wrong: empty lists, and IPv6', () => {
    expect(causes(written('{"ingress":[{"from":[],"ports":[]}],"egress":null}'))).toEqual([])
    expect(from({ ipBlock: { cidr: '2001:db8::/32', except: ['2001:db8:1::/48'] } })).toEqual([])
  })
})

describe('warnings about a policy', () => {
  const warn = (cidr: string) =>
    networkPolicyWarnings(policy('np', { ingress: [{ from: [{ ipBlock: { cidr } }] }] }))
  const at = 'spec.ingress[0].from[0].ipBlock.cidr'

  it('point at host bits, unusual numbers and unusual IPv6', () => {
    expect(warn('10.0.0.0/8')).toEqual([])
    expect(warn('10.0.0.5/8')).toEqual([
      `${at}: CIDR value "10.0.0.5/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.5/32"?)`,
    ])
    expect(warn('2001:db8::5/64')).toEqual([
      `${at}: CIDR value "2001:db8::5/64" is ambiguous in this context (should be "2001:db8::/64" or "2001:db8::5/128"?)`,
    ])
    expect(warn('192.012.2.8/24')).toEqual([
      `${at}: CIDR value "192.012.2.8/24" is ambiguous in this context (should be "192.12.2.0/24" or "192.12.2.8/32"?)`,
      `${at}: non-standard CIDR value "192.012.2.8/24" will be considered invalid in a future Kubernetes release: use "192.12.2.0/24"`,
    ])
    expect(warn('::ffff:192.12.2.0/120')).toEqual([
      `${at}: non-standard CIDR value "::ffff:192.12.2.0/120" will be considered invalid in a future Kubernetes release: use "192.12.2.0/24"`,
    ])
    expect(warn('2001:db8:0:0::/64')).toEqual([
      `${at}: IPv6 CIDR value "2001:db8:0:0::/64" should be in RFC 5952 canonical format ("2001:db8::/64")`,
    ])
  })
})

describe('what the server fills in', () => {
  const stored = (spec: NetworkPolicy['spec']) => defaultNetworkPolicy(policy('np', spec)).spec

  it('adds Egress for a rule of that direction, and not for an empty list', () => {
    expect(stored({ egress: [] })).toEqual({ podSelector: {}, policyTypes: ['Ingress'] })
    expect(stored({ egress: [{}] })).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      egress: [{}],
    })
    expect(stored({ policyTypes: ['Egress'] })).toEqual({
      podSelector: {},
      policyTypes: ['Egress'],
    })
  })

  it('writes protocols out and drops empty lists', () => {
    expect(stored({ ingress: [{ from: [], ports: [{ port: 80 }] }] })).toEqual({
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ port: 80, protocol: 'TCP' }] }],
    })
  })
})
