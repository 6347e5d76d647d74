import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findKubectl, runKubectl } from '../parity/real-kubectl.ts'
import { type Lab, openLab } from './lab.ts'

/** What an API server answers to policies that it refuses: the lab's kubectl, and a real one where there is one. */
let lab: Lab
let cache: string
const found = await findKubectl()

beforeAll(async () => {
  lab = await openLab()
  cache = await mkdtemp(join(tmpdir(), 'netpol-lab-kubectl-'))
})
afterAll(async () => {
  await lab.close()
  await rm(cache, { recursive: true, force: true })
})

const head = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: np\n'
const ingress = (rule: string) => `${head}spec:\n  podSelector: {}\n  ingress:\n  - ${rule}\n`
const port = (entry: string) => ingress(`ports: [${entry}]`)
const peer = (entry: string) => ingress(`from: [${entry}]`)
const subject = (selector: string) => `${head}spec:\n  podSelector: ${selector}\n`

const P = 'spec.ingress[0].ports[0]'
const F = 'spec.ingress[0].from[0]'
const E = 'spec.podSelector.matchExpressions[0]'
const LABEL =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const KEY =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

/** Mistake, manifest, and the causes in their order. */
const INVALID: readonly (readonly [string, string, ...string[]])[] = [
  [
    'protocol ICMP',
    port('{protocol: ICMP}'),
    `${P}.protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"`,
  ],
  [
    'protocol tcp',
    port('{protocol: tcp}'),
    `${P}.protocol: Unsupported value: "tcp": supported values: "TCP", "UDP", "SCTP"`,
  ],
  [
    'port 0',
    port('{port: 0}'),
    `${P}.port: Invalid value: 0: must be between 1 and 65535, inclusive`,
  ],
  [
    'port 65536',
    port('{port: 65536}'),
    `${P}.port: Invalid value: 65536: must be between 1 and 65535, inclusive`,
  ],
  [
    'a quoted port',
    port('{port: "80"}'),
    `${P}.port: Invalid value: "80": must contain at least one letter (a-z)`,
  ],
  [
    'a port in capitals',
    port('{port: HTTP}'),
    `${P}.port: Invalid value: "HTTP": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)`,
    `${P}.port: Invalid value: "HTTP": must contain at least one letter (a-z)`,
  ],
  [
    'a long port name',
    port('{port: abcdefghijklmnop}'),
    `${P}.port: Invalid value: "abcdefghijklmnop": must be no more than 15 characters`,
  ],
  [
    'endPort below port',
    port('{port: 80, endPort: 70}'),
    `${P}.endPort: Invalid value: 70: must be greater than or equal to \`port\``,
  ],
  [
    'endPort with a name',
    port('{port: http, endPort: 90}'),
    `${P}.endPort: Invalid value: 90: may not be specified when \`port\` is non-numeric`,
  ],
  [
    'endPort alone',
    port('{endPort: 90}'),
    `${P}.endPort: Invalid value: 90: may not be specified when \`port\` is not specified`,
  ],
  ['an empty peer', peer('{}'), `${F}: Required value: must specify a peer`],
  [
    'a block beside a selector',
    peer('{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}'),
    `${F}: Forbidden: may not specify both ipBlock and another peer`,
  ],
  ['no cidr', peer('{ipBlock: {}}'), `${F}.ipBlock.cidr: Required value`],
  [
    'an address as cidr',
    peer('{ipBlock: {cidr: 192.168.5.6}}'),
    `${F}.ipBlock.cidr: Invalid value: "192.168.5.6": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
  ],
  [
    'an exception outside',
    peer('{ipBlock: {cidr: 192.168.5.0/24, except: [192.168.9.0/24]}}'),
    `${F}.ipBlock.except[0]: Invalid value: "192.168.9.0/24": must be a strict subset of \`cidr\``,
  ],
  [
    'an exception of everything',
    peer('{ipBlock: {cidr: 192.168.5.0/24, except: [192.168.5.0/24]}}'),
    `${F}.ipBlock.except[0]: Invalid value: "192.168.5.0/24": must be a strict subset of \`cidr\``,
  ],
  [
    'a type in small letters',
    `${head}spec:\n  podSelector: {}\n  policyTypes: [ingress]\n`,
    'spec.policyTypes[0]: Unsupported value: "ingress": supported values: "Ingress", "Egress"',
  ],
  [
    'three types',
    `${head}spec:\n  podSelector: {}\n  policyTypes: [Ingress, Egress, Ingress]\n`,
    'spec.policyTypes: Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes',
  ],
  [
    'In without values',
    subject('{matchExpressions: [{key: a, operator: In}]}'),
    `${E}.values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
  ],
  [
    'Exists with values',
    subject('{matchExpressions: [{key: a, operator: Exists, values: [b]}]}'),
    `${E}.values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
  ],
  [
    'operator in',
    subject('{matchExpressions: [{key: a, operator: in, values: [b]}]}'),
    `${E}.operator: Invalid value: "in": not a valid selector operator`,
  ],
  [
    'a bad label value',
    subject('{matchLabels: {a: "bad value!"}}'),
    `spec.podSelector.matchLabels: Invalid value: "bad value!": ${LABEL}`,
  ],
  [
    'a bad label key',
    subject('{matchLabels: {"a=b": c}}'),
    `spec.podSelector.matchLabels: Invalid value: "a=b": ${KEY}`,
  ],
  [
    'several at once, in the order of the server',
    `${head}spec:\n  policyTypes: [x]\n  egress: [{to: [{}], ports: [{port: 0}]}]\n  ingress: [{from: [{}]}]\n  podSelector: {matchLabels: {"a=b": c}}\n`,
    `spec.podSelector.matchLabels: Invalid value: "a=b": ${KEY}`,
    `${F}: Required value: must specify a peer`,
    'spec.egress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
    'spec.egress[0].to[0]: Required value: must specify a peer',
    'spec.policyTypes[0]: Unsupported value: "x": supported values: "Ingress", "Egress"',
  ],
]

const DECODING =
  'Error from server (BadRequest): error when creating "np.yaml": NetworkPolicy in version "v1" cannot be handled as a NetworkPolicy: '
/** What cannot be decoded, and the whole answer. */
const UNDECODABLE: readonly (readonly [string, string, string])[] = [
  [
    'an unknown field',
    ingress('form: []'),
    `${DECODING}strict decoding error: unknown field "spec.ingress[0].form"\n`,
  ],
  [
    'two unknown fields',
    `${head}spec:\n  podSelector: {labels: {a: b}}\n  ingress: [{form: []}]\n`,
    `${DECODING}strict decoding error: unknown field "spec.ingress[0].form", unknown field "spec.podSelector.labels"\n`,
  ],
  [
    'a field in another case',
    subject('{matchlabels: {a: b}}'),
    `${DECODING}strict decoding error: unknown field "spec.podSelector.matchlabels"\n`,
  ],
  [
    'a map for a list',
    ingress('from: {podSelector: {}}'),
    `${DECODING}json: cannot unmarshal object into Go struct field NetworkPolicyIngressRule.spec.ingress.from of type []v1.NetworkPolicyPeer\n`,
  ],
  [
    'a label that is no text',
    subject('{matchLabels: {a: true}}'),
    `${DECODING}json: cannot unmarshal bool into Go struct field LabelSelector.spec.podSelector.matchLabels of type string\n`,
  ],
]

function invalid([, ...more]: readonly string[], first: string): string {
  return more.length === 0
    ? `The NetworkPolicy "np" is invalid: ${first}\n`
    : `The NetworkPolicy "np" is invalid: \n${[first, ...more].map((cause) => `* ${cause}\n`).join('')}`
}

const clients = [
  [
    'the kubectl of the lab',
    async (args: readonly string[]) => lab.run(['kubectl', ...args].join(' ')),
  ],
  [
    'a real kubectl',
    'path' in found
      ? async (args: readonly string[]) =>
          runKubectl(found.path, args, { kubeconfig: lab.kubeconfig, cache, cwd: lab.folder })
      : undefined,
  ],
] as const

describe.each(clients)('through %s', (_name, client) => {
  const run = client ?? (() => Promise.reject(new Error('no kubectl')))
  const apply = async (text: string) => {
    await writeFile(join(lab.folder, 'np.yaml'), text)
    return run(['create', '-f', 'np.yaml'])
  }

  it.skipIf(client === undefined).each(INVALID)(
    'the server refuses %s',
    async (_what, text, ...causes) => {
      const [first = ''] = causes
      expect(await apply(text)).toEqual({ out: '', err: invalid(causes, first), code: 1 })
    },
  )

  it.skipIf(client === undefined).each(UNDECODABLE)(
    'the server cannot read %s',
    async (_what, text, err) => {
      expect(await apply(text)).toEqual({ out: '', err, code: 1 })
    },
  )

  it.skipIf(client === undefined)(
    'the server warns of host bits, and takes the policy',
    async () => {
      const { out, err, code } = await apply(peer('{ipBlock: {cidr: 10.0.0.5/8}}'))
      expect(err).toBe(
        `Warning: ${F}.ipBlock.cidr: CIDR value "10.0.0.5/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.5/32"?)\n`,
      )
      expect([out, code]).toEqual(['networkpolicy.networking.k8s.io/np created\n', 0])
      expect((await apply(subject('{}'))).err).toBe(
        'Error from server (AlreadyExists): error when creating "np.yaml": networkpolicies.networking.k8s.io "np" already exists\n',
      )
      expect((await run(['delete', 'networkpolicy', 'np'])).code).toBe(0)
    },
  )

  it.skipIf(client === undefined)(
    'the server wants the namespace, and fills in what is left out',
    async () => {
      expect(
        (await apply(subject('{}').replace('name: np', 'name: np\n  namespace: foo'))).err,
      ).toBe(
        'Error from server (NotFound): error when creating "np.yaml": namespaces "foo" not found\n',
      )
      const stored = async (text: string) => {
        await apply(text)
        const { out } = await run(['get', 'networkpolicy', 'np', '-o', 'jsonpath={.spec}'])
        await run(['delete', 'networkpolicy', 'np'])
        return JSON.parse(out)
      }
      expect(await stored(`${head}spec:\n  egress: []\n`)).toEqual({
        podSelector: {},
        policyTypes: ['Ingress'],
      })
      expect(
        await stored(`${head}spec:\n  podSelector: {}\n  egress: [{}]\n  ingress: null\n`),
      ).toEqual({
        podSelector: {},
        egress: [{}],
        policyTypes: ['Ingress', 'Egress'],
      })
      expect(await stored(port('{port: 80}'))).toEqual({
        podSelector: {},
        ingress: [{ ports: [{ port: 80, protocol: 'TCP' }] }],
        policyTypes: ['Ingress'],
      })
      expect(await stored(ingress('from: []'))).toEqual({
        podSelector: {},
        ingress: [{}],
        policyTypes: ['Ingress'],
      })
    },
  )
})
