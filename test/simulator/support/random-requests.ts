import fc from 'fast-check'
import { KINDS } from '../../../src/kube/kinds.ts'
import { PODS } from './cluster.ts'

export const method = fc.constantFrom(
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'nonsense',
)
const segment = fc.oneof(
  fc.constantFrom(
    'api',
    'apis',
    'v1',
    'apps',
    'networking.k8s.io',
    'discovery.k8s.io',
    'namespaces',
    'default',
    'pods',
    'services',
    'deployments',
    'networkpolicies',
    'nodes',
    'events',
    'secrets',
    'web',
    'log',
    'exec',
    'attach',
    'portforward',
    'proxy',
    'web:80',
    'https:web:80',
    'scale',
    'status',
    'eviction',
    'binding',
    'finalize',
    'openapi',
    'v3',
    'version',
    '__proto__',
    'constructor',
    '%2F',
    '%',
    '..',
    '',
  ),
  fc.string({ maxLength: 12 }),
)
export const path = fc.array(segment, { maxLength: 8 }).map((parts) => `/${parts.join('/')}`)
export const query = fc.dictionary(
  fc.constantFrom(
    'watch',
    'limit',
    'continue',
    'resourceVersion',
    'resourceVersionMatch',
    'labelSelector',
    'fieldSelector',
    'dryRun',
    'fieldValidation',
    'fieldManager',
    'force',
    'timeoutSeconds',
    'sendInitialEvents',
    'allowWatchBookmarks',
    'includeObject',
    'container',
    'command',
    'stdin',
    'stdout',
    'ports',
    'tailLines',
    'limitBytes',
    'previous',
    'gracePeriodSeconds',
    'propagationPolicy',
  ),
  fc.oneof(
    fc.constantFrom(
      'true',
      'false',
      '0',
      '1',
      '-1',
      'All',
      'Strict',
      'a=b',
      'a in (',
      'metadata.name=web',
      'Exact',
      'web',
      'NotOlderThan',
    ),
    fc.string({ maxLength: 10 }),
  ),
)
export const key = fc.oneof(
  fc.constantFrom(
    'apiVersion',
    'kind',
    'metadata',
    'name',
    'namespace',
    'labels',
    'annotations',
    'ownerReferences',
    'finalizers',
    'spec',
    'status',
    'containers',
    'ports',
    'selector',
    'template',
    'podSelector',
    'matchExpressions',
    'ingress',
    'from',
    'env',
    'replicas',
    'data',
    'strategy',
    'volumes',
    'op',
    'path',
    'value',
    '$patch',
    '$setElementOrder/containers',
    '__proto__',
    'resources',
    'limits',
    'clusterIP',
    'type',
    'managedFields',
    'target',
  ),
  fc.string({ maxLength: 5 }),
)
export const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      0,
      1,
      -1,
      1.5,
      1e20,
      '',
      'web',
      'v1',
      'Pod',
      'app',
      'TCP',
      'None',
      'NodePort',
      'networking.k8s.io/v1',
      'NetworkPolicy',
      'replace',
      '/spec',
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
}))
export const kinds = fc.constantFrom(
  ['v1', 'Pod', PODS],
  ['v1', 'Service', '/api/v1/namespaces/default/services'],
  ['v1', 'ConfigMap', '/api/v1/namespaces/default/configmaps'],
  ['v1', 'Secret', '/api/v1/namespaces/default/secrets'],
  ['v1', 'Event', '/api/v1/namespaces/default/events'],
  ['v1', 'Namespace', '/api/v1/namespaces'],
  ['apps/v1', 'Deployment', '/apis/apps/v1/namespaces/default/deployments'],
  ['apps/v1', 'ReplicaSet', '/apis/apps/v1/namespaces/default/replicasets'],
  [
    'networking.k8s.io/v1',
    'NetworkPolicy',
    '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
  ],
  [
    'discovery.k8s.io/v1',
    'EndpointSlice',
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
  ],
)
export const contentType = fc.constantFrom(
  'application/json',
  'application/yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'text/plain',
  '',
  'application/vnd.kubernetes.protobuf',
)

const template = {
  metadata: { labels: { app: 'good' } },
  spec: {
    containers: [
      {
        name: 'a',
        image: 'nginx',
        ports: [{ name: 'http', containerPort: 80, protocol: 'TCP' }],
        env: [{ name: 'A', value: 'b' }],
        resources: { limits: { cpu: '1' }, requests: { cpu: '500m' } },
        readinessProbe: { httpGet: { port: 'http' } },
        volumeMounts: [{ name: 'v', mountPath: '/v' }],
      },
    ],
    initContainers: [{ name: 'i', image: 'busybox' }],
    volumes: [{ name: 'v', emptyDir: {} }],
    nodeSelector: { a: 'b' },
    tolerations: [{ key: 'x', operator: 'Exists' }],
  },
}
const metadata = {
  name: 'good',
  labels: { a: 'b' },
  annotations: { c: 'd' },
  ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'y', controller: true }],
}
const selector = {
  matchLabels: { app: 'good' },
  matchExpressions: [{ key: 'app', operator: 'In', values: ['good'] }],
}
export const GOOD: readonly [string, object][] = [
  [PODS, { apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec }],
  [
    '/api/v1/namespaces/default/services',
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        type: 'NodePort',
        selector: { app: 'good' },
        ports: [{ name: 'http', port: 80, targetPort: 'http', nodePort: 30080 }],
      },
    },
  ],
  [
    '/apis/apps/v1/namespaces/default/deployments',
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas: 1, selector, template, strategy: { rollingUpdate: { maxSurge: '25%' } } },
    },
  ],
  [
    '/apis/apps/v1/namespaces/default/replicasets',
    {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata,
      spec: { replicas: 1, selector, template },
    },
  ],
  [
    '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata,
      spec: {
        podSelector: selector,
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          {
            from: [
              { podSelector: selector },
              { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
            ],
            ports: [{ port: 80, endPort: 90 }],
          },
        ],
        egress: [
          { to: [{ namespaceSelector: selector }], ports: [{ port: 'http', protocol: 'UDP' }] },
        ],
      },
    },
  ],
  [
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata,
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }],
      ports: [{ name: 'a', port: 80 }],
    },
  ],
  [
    '/api/v1/namespaces/default/secrets',
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      type: 'Opaque',
      data: { a: 'YQ==' },
      stringData: { b: 'c' },
    },
  ],
  [
    '/api/v1/namespaces/default/events',
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata,
      involvedObject: { kind: 'Pod', name: 'x', namespace: 'default' },
      reason: 'R',
      message: 'm',
      type: 'Normal',
      count: 1,
      source: { component: 'c' },
    },
  ],
  [
    '/api/v1/namespaces/default/endpoints',
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata,
      subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }],
    },
  ],
]

/** Walks into a value as far as the picks lead and puts the part there. */
export function replaceSomewhere(target: object, part: unknown, picks: Iterable<number>): void {
  let node = target
  for (const pick of picks) {
    const keys = Object.keys(node)
    const name = keys[pick % keys.length]
    if (name === undefined) return
    const inner: unknown = Reflect.get(node, name)
    if (typeof inner !== 'object' || inner === null || pick % 5 === 0) {
      Reflect.set(node, name, part)
      return
    }
    node = inner
  }
}

/** Paths at which something is served: any kind, its objects, their parts. */
export const servedPath: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...KINDS),
    fc.constantFrom('default', 'default', 'kube-system', 'none', ''),
    // Nothing that everything else stands in.
    fc.constantFrom('', 'web', 'good', 'random', 'coredns', 'kube-dns', '%00', 'A_B'),
    fc.constantFrom(
      '',
      '',
      'status',
      'scale',
      'log',
      'exec',
      'portforward',
      'proxy',
      'proxy/a%20b/?c',
      'eviction',
      'binding',
      'token',
      'x',
    ),
  )
  .map(([info, namespace, name, part]) =>
    [
      info.group === '' ? '/api' : `/apis/${info.group}`,
      info.version,
      ...(info.namespaced && namespace !== '' ? ['namespaces', namespace] : []),
      info.plural,
      ...(name === '' ? [] : [name, ...(part === '' ? [] : [part])]),
    ].join('/'),
  )

/** Bodies as bytes: JSON whole and cut off, YAML, protobuf's envelope with anything in it, anything. */
export const bodyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  value.map((part) => Buffer.from(JSON.stringify(part) ?? '')),
  fc
    .tuple(fc.constantFrom(...GOOD), fc.nat({ max: 600 }))
    .map(([[, good], length]) => Buffer.from(JSON.stringify(good).slice(0, length))),
  fc.constantFrom(...GOOD).map(([, good]) => Buffer.from(JSON.stringify(good, undefined, 2))),
  fc
    .array(
      fc.constantFrom(
        'apiVersion: v1\n',
        'kind: Pod\n',
        'metadata:\n',
        '  name: web\n',
        '  - &a [*a]\n',
        '  <<: *a\n',
        '---\n',
        '? !!binary x\n',
        '!!js/function x: y\n',
        'spec: {containers: [{name: a}]}\n',
        '\t',
        '"',
        '%YAML 9.9\n',
        'yes: no\n',
        '1e999: .inf\n',
        '__proto__: {x: 1}\n',
      ),
      { maxLength: 12 },
    )
    .map((lines) => Buffer.from(lines.join(''))),
  // k8s.io/apimachinery runtime.Unknown: a TypeMeta, raw bytes, an encoding and a content type.
  fc
    .tuple(
      fc.constantFrom('', 'v1', 'apps/v1', 'networking.k8s.io/v1'),
      fc.constantFrom('', 'Pod', 'Namespace', 'Deployment', 'DeleteOptions', 'NetworkPolicy'),
      fc.uint8Array({ maxLength: 60 }),
      fc.uint8Array({ maxLength: 3 }),
    )
    .map(([version, kind, raw, rest]) => {
      const field = (number: number, bytes: Uint8Array) =>
        Buffer.concat([Buffer.from([(number << 3) | 2, bytes.byteLength]), bytes])
      const type = Buffer.concat([field(1, Buffer.from(version)), field(2, Buffer.from(kind))])
      return Buffer.concat([Buffer.from('k8s\0'), field(1, type), field(2, raw), rest])
    }),
  fc.uint8Array({ maxLength: 80 }),
)

/** What clients send along, and what they should not. */
export const headers: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom(
    'accept',
    'content-type',
    'user-agent',
    'accept-encoding',
    'content-encoding',
    'impersonate-user',
    'expect-nothing',
    'x-remote-user',
    'range',
    'if-match',
    'traceparent',
  ),
  fc.oneof(
    contentType,
    fc.constantFrom(
      'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
      'application/json;as=Table;v=v9;g=meta.k8s.io',
      'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
      'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json',
      'application/vnd.kubernetes.protobuf,application/json',
      'application/vnd.kubernetes.protobuf;stream=watch',
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
      'application/com.github.proto-openapi.spec.v3@v1.0+protobuf',
      'text/html, */*;q=0.1',
      ';;;=,,',
      'kubectl/v1.32.0 (linux/amd64) kubernetes/0',
      'gzip',
      'bytes=0-9',
    ),
    // Bytes that HTTP takes in a header.
    fc.string({ maxLength: 12 }).map((text) => text.replace(/[^ -~]/g, '')),
  ),
)

/** Whether a server may say this of its own free will: what is not simulated, too late, or not there behind a proxy. */
export function isNoDefect(status: number, url: string): boolean {
  return status < 500 || [501, 504].includes(status) || (status === 503 && url.includes('/proxy'))
}

/** How many times a property is looked at: a hundred thousand requests where `CI` is set, a twentieth of that on a desk. */
export const runs = (few: number): number =>
  few * (['', '0', 'false'].includes(process.env.CI ?? '') ? 1 : 20)
