import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestCluster, PODS, podOf, requestOf, type TestCluster } from '../support/cluster.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'
const MERGE = { 'content-type': 'application/merge-patch+json' }
const map = (name: string, metadata: Record<string, unknown> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
})

describe('options of a request', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = openTestCluster()
    await cluster.send('POST', MAPS, map('a'))
  })
  afterAll(() => cluster.close())

  it.each([
    [
      'GET',
      `${MAPS}?resourceVersionMatch=Exact`,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      'GET',
      `${MAPS}?resourceVersionMatch=Exact&resourceVersion=0`,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      'GET',
      `${MAPS}?resourceVersionMatch=Some&resourceVersion=1`,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Unsupported value: "Some": supported values: "Exact", "NotOlderThan", ""',
    ],
    [
      'GET',
      `${MAPS}?sendInitialEvents=true`,
      'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
    ],
    [
      'GET',
      `${MAPS}?watch=true&sendInitialEvents=true`,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    ],
    [
      'GET',
      `${MAPS}?watch=true&resourceVersion=1&resourceVersionMatch=NotOlderThan`,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    ],
    [
      'POST',
      `${MAPS}?fieldValidation=Loud`,
      'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Loud": supported values: "", "Ignore", "Strict", "Warn"',
    ],
    [
      'POST',
      `${MAPS}?dryRun=Some`,
      'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"Some"}: supported values: "All"',
    ],
    [
      'POST',
      `${MAPS}?fieldManager=${'x'.repeat(129)}`,
      'CreateOptions.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes',
    ],
    [
      'DELETE',
      `${MAPS}/a?propagationPolicy=Sideways`,
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"',
    ],
    [
      'DELETE',
      `${MAPS}/a?propagationPolicy=Orphan&orphanDependents=true`,
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
    ],
  ])('%s %s is refused in the words of Kubernetes', async (method, url, message) => {
    const { status, body } = await cluster.send(
      method,
      url,
      method === 'POST' ? map('b') : undefined,
    )
    expect(body.message).toBe(message)
    expect(status).toBe(422)
    expect(body.reason).toBe('Invalid')
  })

  it('of a patch: force is for apply alone', async () => {
    const { body } = await cluster.send('PATCH', `${MAPS}/a?force=true`, {}, MERGE)
    expect(body.message).toBe(
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    )
  })

  it.each([
    [PODS, 'spec.image=x', 'field label not supported: spec.image'],
    [
      MAPS,
      'data.a=x',
      '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
    [
      '/apis/apps/v1/deployments',
      'spec.replicas=1',
      '"spec.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
  ])('%s refuses the field selector %s', async (path, selector, message) => {
    const { status, body } = await cluster.send(
      'GET',
      `${path}?fieldSelector=${encodeURIComponent(selector)}`,
    )
    expect(status).toBe(400)
    expect(body.message).toBe(message)
  })

  it.each([
    ['POST', '/api/v1/pods'],
    ['PUT', MAPS],
    ['POST', `${MAPS}/a`],
    ['DELETE', '/api/v1/namespaces'],
    ['PATCH', MAPS],
    ['GET', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
  ])('%s %s is not allowed', async (method, path) => {
    const { status, body } = await cluster.send(method, path, {})
    expect(status).toBe(405)
    expect(body).toMatchObject({
      kind: 'Status',
      reason: 'MethodNotAllowed',
      message: 'the server does not allow this method on the requested resource',
    })
  })
})

describe('a patch that makes no sense', () => {
  let cluster: TestCluster
  const url = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies/np'
  beforeAll(async () => {
    cluster = openTestCluster()
    await cluster.send('POST', url.slice(0, url.lastIndexOf('/')), {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'np' },
      spec: { podSelector: {} },
    })
  })
  afterAll(() => cluster.close())
  const patch = (type: string, body: unknown, query = '') =>
    cluster.send('PATCH', `${url}${query}`, body, { 'content-type': `application/${type}+json` })

  it.each([
    [
      'strategic-merge-patch',
      { spec: { podSelectr: { a: 1 }, ingress: [] } },
      ' "" is invalid: patch: Invalid value: "map[spec:map[ingress:[] podSelectr:map[a:1]]]": strict decoding error: unknown field "spec.podSelectr"',
    ],
    [
      'strategic-merge-patch',
      { spec: [] },
      ' "" is invalid: patch: Invalid value: "map[spec:[]]": cannot restore struct from: slice',
    ],
    [
      'strategic-merge-patch',
      { spec: { policyTypes: 'Egress' } },
      ' "" is invalid: patch: Invalid value: "map[spec:map[policyTypes:Egress]]": cannot restore slice from string',
    ],
  ])('%s %j is shown as Go prints it', async (type, body, message) => {
    const answer = await patch(type, body, '?fieldValidation=Strict')
    expect(answer.status).toBe(422)
    expect(answer.body.message).toBe(message)
  })

  it('in JSON shows what the object would be', async () => {
    const { body } = await patch(
      'merge-patch',
      { spec: { podSelectr: {} } },
      '?fieldValidation=Strict',
    )
    expect(body.message).toMatch(
      /^ "" is invalid: patch: Invalid value: "\{.*\}": strict decoding error: unknown field "spec.podSelectr"$/,
    )
    const wrong = await patch('merge-patch', { spec: { policyTypes: 'Egress' } })
    expect(wrong.body.message).toContain('json: cannot unmarshal string into Go struct field')
  })

  it('is refused without a reason where an operation finds nothing', async () => {
    const { status, body } = await patch('json-patch', [
      { op: 'replace', path: '/spec/none/x', value: 1 },
    ])
    expect(status).toBe(422)
    expect(body.message).toBe('the server rejected our request due to an error in our request')
  })
})

describe('a list in pages', () => {
  let cluster: TestCluster
  beforeEach(() => {
    cluster = openTestCluster()
  })
  afterEach(() => cluster.close())

  it('goes on with the newest state where its beginning is forgotten', async () => {
    for (const name of ['a', 'b', 'c', 'd'])
      await cluster.send('POST', MAPS, map(name, { labels: { mine: 'x' } }))
    const first = await cluster.send('GET', `${MAPS}?limit=2&labelSelector=mine`)
    expect(first.body.items).toHaveLength(2)
    for (let index = 0; index < 2200; index += 1) {
      await cluster.send('PATCH', `${MAPS}/d`, { data: { n: String(index) } }, MERGE)
      await cluster.send('PATCH', `${MAPS}/c`, { data: { n: String(index) } }, MERGE)
    }
    const url = (token: string) => `${MAPS}?limit=2&labelSelector=mine&continue=${token}`
    const expired = await cluster.send('GET', url(first.body.metadata.continue))
    expect(expired.status).toBe(410)
    expect(expired.body).toMatchObject({ kind: 'Status', reason: 'Expired' })
    expect(expired.body.message).toContain('use the continue token in this response')
    const rest = await cluster.send('GET', url(expired.body.metadata.continue))
    expect(
      rest.body.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ).toEqual(['c', 'd'])
  })

  it('refuses a token that it did not write', async () => {
    const { status, body } = await cluster.send('GET', `${MAPS}?limit=1&continue=nonsense`)
    expect(status).toBe(400)
    expect(body.message).toContain('continue key is not valid')
  })
})

describe('what a client accepts', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = openTestCluster()
    await cluster.send('POST', MAPS, { ...map('a', { labels: { x: 'y' } }), data: { k: 'v' } })
  })
  afterAll(() => cluster.close())
  const get = (url: string, accept: string) => cluster.send('GET', url, undefined, { accept })

  it('is metadata alone, of one object, of a list and of a watch', async () => {
    const one = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json'
    const list =
      'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'
    expect((await get(`${MAPS}/a`, one)).body).toEqual({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: expect.objectContaining({ name: 'a', labels: { x: 'y' } }),
    })
    const { body } = await get(`${MAPS}?labelSelector=x`, list)
    expect(body).toMatchObject({
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: expect.any(String) },
      items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'a' } }],
    })
    expect(body.items[0].data).toBeUndefined()
    const gone = new AbortController()
    const request = requestOf(
      'GET',
      `${MAPS}?watch=true&labelSelector=x`,
      undefined,
      { accept: one },
      gone.signal,
    )
    const stream = (await cluster.api.handle(request)).body as AsyncIterable<string>
    for await (const line of stream) {
      expect(JSON.parse(line)).toMatchObject({
        type: 'ADDED',
        object: { kind: 'PartialObjectMetadata', metadata: { name: 'a' } },
      })
      break
    }
    gone.abort()
  })

  it('is YAML', async () => {
    const { body, headers } = await get(`${MAPS}/a`, 'application/yaml')
    expect(headers['content-type']).toBe('application/yaml')
    expect(body).toContain('data:\n  k: v\n')
  })

  it('is nothing that this server can write: 406, and nothing is stored', async () => {
    const { status, body } = await cluster.send('POST', MAPS, map('never'), { accept: 'text/csv' })
    expect(status).toBe(406)
    expect(body).toMatchObject({ kind: 'Status', reason: 'NotAcceptable' })
    expect((await cluster.send('GET', `${MAPS}/never`)).status).toBe(404)
  })

  it('is read by a person: indented for curl and on demand', async () => {
    const raw = async (url: string, agent: string) =>
      String(
        (await cluster.api.handle(requestOf('GET', url, undefined, { 'user-agent': agent }))).body,
      )
    expect(await raw(`${MAPS}/a`, 'curl/8.5.0')).toContain('\n  "kind": "ConfigMap"')
    expect(await raw(`${MAPS}/a?pretty=true`, 'kubectl/v1.32')).toContain('\n  "kind": "ConfigMap"')
    expect(await raw(`${MAPS}/a`, 'kubectl/v1.32')).not.toContain('\n  ')
  })

  it('is a cached OpenAPI document: 304 where it has it already', async () => {
    const { paths } = (await cluster.send('GET', '/openapi/v3')).body
    const url = paths['api/v1'].serverRelativeURL
    const { headers, body } = await cluster.send('GET', url)
    expect(headers['cache-control']).toBe('public, immutable')
    expect(body.components.schemas['io.k8s.api.core.v1.Container']).toMatchObject({
      description: 'A single application container that you want to run within a pod.',
      required: ['name'],
      properties: {
        env: {
          'x-kubernetes-patch-merge-key': 'name',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
        },
      },
    })
    const again = await cluster.send('GET', url, undefined, {
      'if-none-match': String(headers.etag),
    })
    expect(again.status).toBe(304)
    expect((await cluster.send('GET', '/openapi/v2')).status).toBe(404)
  })
})

describe('who may do what', () => {
  let cluster: TestCluster
  const ROBOT = { 'impersonate-user': 'system:serviceaccount:default:robot' }
  const RBAC = '/apis/rbac.authorization.k8s.io/v1'
  beforeAll(async () => {
    cluster = openTestCluster()
    const rule = { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }
    await cluster.send('POST', `${RBAC}/namespaces/default/roles`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'reader' },
      rules: [rule],
    })
    await cluster.send('POST', `${RBAC}/namespaces/default/rolebindings`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'readers' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: 'default' }],
    })
  })
  afterAll(() => cluster.close())
  const ask = (resourceAttributes: Record<string, string>, headers: Record<string, string> = {}) =>
    cluster.send(
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      { spec: { resourceAttributes } },
      headers,
    )

  it('the administrator may do everything', async () => {
    expect((await ask({ verb: 'delete', resource: 'nodes' })).body.status.allowed).toBe(true)
  })

  it('others may do what the stored roles allow, and no more', async () => {
    const inDefault = { verb: 'list', resource: 'pods', namespace: 'default' }
    expect((await ask(inDefault, ROBOT)).body.status).toEqual({
      allowed: true,
      reason:
        'RBAC: allowed by RoleBinding "readers/default" of Role "reader" to ServiceAccount "robot/default"',
    })
    expect((await ask({ ...inDefault, namespace: 'kube-system' }, ROBOT)).body.status).toEqual({
      allowed: false,
    })
    expect((await ask({ ...inDefault, verb: 'delete' }, ROBOT)).body.status.allowed).toBe(false)
  })

  it('an impersonated user is held to it', async () => {
    expect((await cluster.send('GET', PODS, undefined, ROBOT)).status).toBe(200)
    const { status, body } = await cluster.send('GET', `${PODS}/web`, undefined, ROBOT)
    expect(status).toBe(403)
    expect(body).toMatchObject({
      reason: 'Forbidden',
      details: { name: 'web', kind: 'pods' },
      message:
        'pods "web" is forbidden: User "system:serviceaccount:default:robot" cannot get resource "pods" in API group "" in the namespace "default"',
    })
    expect((await cluster.send('GET', '/api/v1/nodes', undefined, ROBOT)).body.message).toBe(
      'nodes is forbidden: User "system:serviceaccount:default:robot" cannot list resource "nodes" in API group "" at the cluster scope',
    )
  })

  it('reviews of others and of rules answer from the same roles', async () => {
    const other = await cluster.send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      spec: {
        user: 'system:serviceaccount:default:robot',
        resourceAttributes: { verb: 'list', resource: 'pods', namespace: 'default' },
      },
    })
    expect(other.body.status.allowed).toBe(true)
    const rules = await cluster.send(
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
      { spec: { namespace: 'default' } },
      ROBOT,
    )
    expect(rules.body.status).toMatchObject({ incomplete: false })
    expect(rules.body.status.resourceRules).toContainEqual({
      verbs: ['list', 'watch'],
      apiGroups: [''],
      resources: ['pods'],
    })
  })

  it('a service account gets a token with the claims of Kubernetes', async () => {
    const path = '/api/v1/namespaces/default/serviceaccounts/default/token'
    const { status, body } = await cluster.send('POST', path, { spec: { expirationSeconds: 600 } })
    expect(status).toBe(201)
    const claims = JSON.parse(Buffer.from(body.status.token.split('.')[1], 'base64url').toString())
    expect(claims).toMatchObject({
      iss: 'https://kubernetes.default.svc.cluster.local',
      sub: 'system:serviceaccount:default:default',
      'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'default' } },
    })
    expect(claims.exp - claims.iat).toBe(600)
    const short = await cluster.send('POST', path, { spec: { expirationSeconds: 60 } })
    expect(short.body.message).toContain('may not specify a duration less than 10 minutes')
  })
})

describe('kinds in a second group or version', () => {
  let cluster: TestCluster
  beforeAll(() => {
    cluster = openTestCluster()
  })
  afterAll(() => cluster.close())

  it('events are those of the core group under other names', async () => {
    await cluster.send('POST', PODS, podOf('web', 'sleep'))
    await cluster.until(
      '/api/v1/namespaces/default/events',
      ({ object }) => object.reason === 'Started',
    )
    const { body } = await cluster.send('GET', '/apis/events.k8s.io/v1/namespaces/default/events')
    expect(body).toMatchObject({ kind: 'EventList', apiVersion: 'events.k8s.io/v1' })
    expect(body.items).toContainEqual(
      expect.objectContaining({
        reason: 'Started',
        note: 'Started container main',
        regarding: expect.objectContaining({ kind: 'Pod', name: 'web' }),
      }),
    )
    const made = await cluster.send('POST', '/apis/events.k8s.io/v1/namespaces/default/events', {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'e1' },
      eventTime: '2025-01-01T00:00:00.000000Z',
      reportingController: 'example.com/robot',
      reportingInstance: 'robot-1',
      action: 'Look',
      reason: 'Looked',
      type: 'Normal',
      note: 'seen',
      regarding: { kind: 'Pod', name: 'web', namespace: 'default' },
    })
    expect(made.status).toBe(201)
    const core = await cluster.send('GET', '/api/v1/namespaces/default/events/e1')
    expect(core.body).toMatchObject({
      apiVersion: 'v1',
      message: 'seen',
      involvedObject: { name: 'web' },
      reportingComponent: 'example.com/robot',
    })
  })

  it('an autoscaler of autoscaling/v1 is one of v2 with one metric', async () => {
    const spec = {
      maxReplicas: 3,
      targetCPUUtilizationPercentage: 50,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    }
    const path = '/namespaces/default/horizontalpodautoscalers'
    const made = await cluster.send('POST', `/apis/autoscaling/v1${path}`, {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web' },
      spec,
    })
    expect(made.body).toMatchObject({
      apiVersion: 'autoscaling/v1',
      spec: { ...spec, minReplicas: 1 },
    })
    const { body } = await cluster.send('GET', `/apis/autoscaling/v2${path}/web`)
    expect(body.spec.metrics).toEqual([
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
      },
    ])
  })
})
