import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFastClock } from '../../../src/platform/fast-clock.ts'
import { readClientFrame } from '../../../src/simulator/api/channel-protocol.ts'
import { duplicateFields } from '../../../src/simulator/api/schema/duplicate-fields.ts'
import { openTestCluster, PODS, podOf, requestOf, type TestCluster } from '../support/cluster.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = openTestCluster({ clock: createFastClock() })
  await cluster.send('POST', PODS, podOf('web', 'sleep'))
})
afterAll(() => cluster.close())

const method = fc.constantFrom(
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
const path = fc.array(segment, { maxLength: 8 }).map((parts) => `/${parts.join('/')}`)
const query = fc.dictionary(
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
const key = fc.oneof(
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
const { value } = fc.letrec((tie) => ({
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
const kinds = fc.constantFrom(
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
const contentType = fc.constantFrom(
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
const GOOD: readonly [string, object][] = [
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
function replaceSomewhere(target: object, part: unknown, picks: Iterable<number>): void {
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

/** Sends a request, reads a little of a stream, and looks at what came. */
async function probe(verb: string, url: string, body: unknown, headers: Record<string, string>) {
  const gone = new AbortController()
  const request = requestOf(verb, url, body, headers, gone.signal)
  const response = await cluster.api.handle(request)
  expect(response.status, `${verb} ${url} ${JSON.stringify(body)}`).toBeLessThan(
    500 + (response.status === 504 || response.status === 501 ? 5 : 0),
  )
  if (typeof response.body !== 'string') {
    gone.abort()
    for await (const _chunk of response.body) break
    return
  }
  if (response.status >= 400) {
    expect(JSON.parse(response.body)).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code: response.status,
    })
  }
}

describe('random requests', () => {
  it.each(GOOD)('begin from an object that %s takes', async (url, body) => {
    expect(
      (await cluster.send('POST', `${url}?dryRun=All&fieldValidation=Strict`, body)).status,
    ).toBe(201)
  })

  it('never get a 500 or anything but a Status for a refusal', async () => {
    await fc.assert(
      fc.asyncProperty(
        method,
        path,
        query,
        value,
        contentType,
        (verb, where, parameters, body, type) =>
          probe(verb, `${where}?${new URLSearchParams(parameters)}`, body, {
            'content-type': type,
          }),
      ),
      { numRuns: 500 },
    )
  })

  it('never break a kind that is created from random content', async () => {
    await fc.assert(
      fc.asyncProperty(
        kinds,
        fc.dictionary(key, value, { maxKeys: 6 }),
        fc.dictionary(key, value, { maxKeys: 5 }),
        query,
        async ([apiVersion, kind, url], spec, rest, parameters) => {
          const { watch: _watch, ...others } = parameters
          const text = new URLSearchParams(others)
          await probe(
            'POST',
            `${url}?${text}`,
            { ...rest, apiVersion, kind, metadata: { name: 'random' }, spec },
            {},
          )
          await probe(
            'PUT',
            `${url}/random?${text}`,
            { ...rest, apiVersion, kind, metadata: { name: 'random' }, spec },
            {},
          )
          await probe('GET', url ?? '', undefined, {
            accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
          })
          await probe('DELETE', `${url}/random`, undefined, {})
        },
      ),
      { numRuns: 300 },
    )
  })

  it('never break good objects with one random part', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...GOOD),
        fc.infiniteStream(fc.nat()),
        value,
        async ([url, good], picks, part) => {
          const body = structuredClone(good)
          replaceSomewhere(body, part, picks)
          await probe('POST', `${url}?fieldValidation=Strict`, body, {})
          await probe('PUT', `${url}/good`, body, {})
          await probe('PATCH', `${url}/good?fieldManager=x&force=true`, body, {
            'content-type': 'application/apply-patch+yaml',
          })
          await probe('PATCH', `${url}/good`, body, {
            'content-type': 'application/strategic-merge-patch+json',
          })
          await probe('GET', url, undefined, {
            accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
          })
          await probe('DELETE', `${url}/good?gracePeriodSeconds=0`, undefined, {})
        },
      ),
      { numRuns: 400 },
    )
  })

  it('never break an object that is patched with random content', async () => {
    await fc.assert(
      fc.asyncProperty(
        contentType,
        value,
        fc.constantFrom('', '/status', '/scale'),
        async (type, body, subresource) => {
          await probe(
            'PATCH',
            `${PODS}/web${subresource}?fieldManager=x&force=true&dryRun=All`,
            body,
            { 'content-type': type },
          )
          await probe(
            'PATCH',
            `/apis/apps/v1/namespaces/kube-system/deployments/coredns${subresource}?fieldManager=x&force=true&dryRun=All`,
            body,
            { 'content-type': type },
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  it('refuse bodies that are nested without end', async () => {
    const deep = '['.repeat(100_000)
    await probe('POST', PODS, deep, {})
    await probe('PATCH', `${PODS}/web`, deep, {
      'content-type': 'application/strategic-merge-patch+json',
    })
  })
})

describe('random input of the parsers', () => {
  it('finds duplicates in any JSON text without harm', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        expect(Array.isArray(duplicateFields(text))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('reads any frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        readClientFrame(bytes)
      }),
      { numRuns: 500 },
    )
  })
})
