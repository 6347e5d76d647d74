import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  DEPLOYMENTS,
  openTestCluster,
  PODS,
  POLICIES,
  podOf,
  requestOf,
  type TestCluster,
} from '../support/cluster.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = openTestCluster()
})
afterEach(() => cluster.close())

const TYPE = {
  json: { 'content-type': 'application/json-patch+json' },
  merge: { 'content-type': 'application/merge-patch+json' },
  strategic: { 'content-type': 'application/strategic-merge-patch+json' },
  apply: { 'content-type': 'application/apply-patch+yaml' },
}

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'd' } },
    template: {
      metadata: { labels: { app: 'd' } },
      spec: {
        containers: [
          {
            name: 'a',
            image: 'one',
            env: [
              { name: 'X', value: '1' },
              { name: 'Y', value: '2' },
            ],
          },
          { name: 'b', image: 'two', ports: [{ containerPort: 80 }, { containerPort: 81 }] },
        ],
      },
    },
  },
}

type Container = { name: string; image: string; env?: unknown; ports?: { containerPort: number }[] }
const containersOf = (body: { spec: { template: { spec: { containers: Container[] } } } }) =>
  body.spec.template.spec.containers

describe('JSON patch', () => {
  it('adds, replaces, moves and tests', async () => {
    await cluster.send('POST', PODS, podOf('web'))
    const { status, body } = await cluster.send(
      'PATCH',
      `${PODS}/web`,
      [
        { op: 'test', path: '/metadata/labels/app', value: 'web' },
        { op: 'add', path: '/metadata/labels/tier', value: 'front' },
        { op: 'move', from: '/metadata/labels/app', path: '/metadata/labels/was' },
      ],
      TYPE.json,
    )
    expect(status).toBe(200)
    expect(body.metadata.labels).toEqual({ tier: 'front', was: 'web' })
  })

  it('refuses what does not fit with 422 and what is no patch with 400', async () => {
    await cluster.send('POST', PODS, podOf('web'))
    const missing = await cluster.send(
      'PATCH',
      `${PODS}/web`,
      [{ op: 'replace', path: '/metadata/nothing/here', value: 1 }],
      TYPE.json,
    )
    expect(missing.status).toBe(422)
    const failed = await cluster.send(
      'PATCH',
      `${PODS}/web`,
      [{ op: 'test', path: '/metadata/name', value: 'x' }],
      TYPE.json,
    )
    expect(failed.status).toBe(422)
    expect((await cluster.send('PATCH', `${PODS}/web`, { op: 'x' }, TYPE.json)).status).toBe(400)
    expect(
      (await cluster.send('PATCH', `${PODS}/web`, [{ op: 'explode', path: '/' }], TYPE.json))
        .status,
    ).toBe(400)
  })
})

describe('merge patch', () => {
  it('merges objects, removes with null and replaces lists', async () => {
    await cluster.send('POST', DEPLOYMENTS, deployment)
    const patch = {
      metadata: { labels: { a: 'b' }, annotations: null },
      spec: { template: { spec: { containers: [{ name: 'c', image: 'three' }] } } },
    }
    const { body } = await cluster.send('PATCH', `${DEPLOYMENTS}/d`, patch, TYPE.merge)
    expect(body.metadata.labels).toEqual({ a: 'b' })
    expect(containersOf(body).map((container) => container.name)).toEqual(['c'])
  })

  it('refuses a content type that is no patch', async () => {
    await cluster.send('POST', PODS, podOf('web'))
    const { status, body } = await cluster.send('PATCH', `${PODS}/web`, {})
    expect(status).toBe(415)
    expect(body.message).toBe(
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml',
    )
  })
})

describe('strategic merge patch', () => {
  const patch = async (spec: unknown) => {
    await cluster.send('POST', DEPLOYMENTS, deployment)
    return cluster.send(
      'PATCH',
      `${DEPLOYMENTS}/d`,
      { spec: { template: { spec } } },
      TYPE.strategic,
    )
  }

  it('merges containers by name and their variables by name', async () => {
    const { body } = await patch({
      containers: [{ name: 'a', image: 'new', env: [{ name: 'Y', value: '3' }] }],
    })
    const [a, b] = containersOf(body)
    expect(a).toMatchObject({
      image: 'new',
      env: [
        { name: 'X', value: '1' },
        { name: 'Y', value: '3' },
      ],
    })
    expect(b?.image).toBe('two')
  })

  it('removes an item with $patch: delete', async () => {
    const { body } = await patch({ containers: [{ name: 'b', $patch: 'delete' }] })
    expect(containersOf(body).map((container) => container.name)).toEqual(['a'])
  })

  it('replaces a list with $patch: replace', async () => {
    const { body } = await patch({ containers: [{ $patch: 'replace' }, { name: 'c', image: 'x' }] })
    expect(containersOf(body).map((container) => container.name)).toEqual(['c'])
  })

  it('puts items in the order of $setElementOrder', async () => {
    const { body } = await patch({ '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] })
    expect(containersOf(body).map((container) => container.name)).toEqual(['b', 'a'])
  })

  it('merges container ports by number', async () => {
    const { body } = await patch({
      containers: [{ name: 'b', ports: [{ containerPort: 81, $patch: 'delete' }] }],
    })
    expect(containersOf(body)[1]?.ports?.map((port) => port.containerPort)).toEqual([80])
  })

  it('needs the merge key', async () => {
    const { status, body } = await patch({ containers: [{ image: 'x' }] })
    expect(status).toBe(400)
    expect(body.message).toContain('does not contain declared merge key: name')
  })

  it('replaces the rules of a policy whole', async () => {
    const rules = (port: number) => ({ spec: { egress: [{ ports: [{ port }] }] } })
    await cluster.send('POST', POLICIES, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'np' },
      ...rules(53),
    })
    const { body } = await cluster.send('PATCH', `${POLICIES}/np`, rules(80), TYPE.strategic)
    expect(body.spec.egress).toEqual([{ ports: [{ port: 80, protocol: 'TCP' }] }])
  })
})

describe('server-side apply', () => {
  const apply = (manager: string, spec: Record<string, unknown>, query = '') =>
    cluster.send(
      'PATCH',
      `${DEPLOYMENTS}/d?fieldManager=${manager}${query}`,
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec },
      TYPE.apply,
    )
  const { template, selector } = deployment.spec

  it('creates, and tells who owns which field', async () => {
    const { status, body } = await apply('me', { replicas: 0, selector, template })
    expect(status).toBe(201)
    const [entry] = body.metadata.managedFields
    expect(entry).toMatchObject({
      manager: 'me',
      operation: 'Apply',
      apiVersion: 'apps/v1',
      fieldsType: 'FieldsV1',
    })
    expect(entry.fieldsV1['f:spec']['f:replicas']).toEqual({})
    expect(
      entry.fieldsV1['f:spec']['f:template']['f:spec']['f:containers']['k:{"name":"a"}']['f:image'],
    ).toEqual({})
  })

  it('conflicts where another manager owns a field with another value', async () => {
    await apply('me', { replicas: 0, selector, template })
    const { status, body } = await apply('you', { replicas: 3 })
    expect(status).toBe(409)
    expect(body.message).toBe('Apply failed with 1 conflict: conflict with "me": .spec.replicas')
    expect(body.details.causes).toEqual([
      { reason: 'FieldManagerConflict', message: 'conflict with "me"', field: '.spec.replicas' },
    ])
  })

  it('names who updated', async () => {
    await cluster.send('POST', `${DEPLOYMENTS}?fieldManager=kubectl-create`, deployment)
    const { body } = await apply('me', {
      replicas: 3,
      template: { spec: { containers: [{ name: 'a', image: 'new' }] } },
    })
    expect(body.message).toMatch(
      /^Apply failed with 2 conflicts: conflicts with "kubectl-create" using apps\/v1:\n- \.spec\.replicas\n- \.spec\.template\.spec\.containers\[name="a"\]\.image$/,
    )
  })

  it('takes a field over when forced', async () => {
    await apply('me', { replicas: 0, selector, template })
    const { status, body } = await apply('you', { replicas: 1 }, '&force=true')
    expect(status).toBe(200)
    expect(body.spec.replicas).toBe(1)
    const mine = body.metadata.managedFields.find(
      (entry: { manager: string }) => entry.manager === 'me',
    )
    expect(mine.fieldsV1['f:spec']['f:replicas']).toBeUndefined()
  })

  it('removes what the manager applied before and leaves out now', async () => {
    await apply('me', { replicas: 0, selector, template })
    const [first] = template.spec.containers
    const { body } = await apply('me', {
      replicas: 0,
      selector,
      template: { ...template, spec: { containers: [first] } },
    })
    expect(containersOf(body).map((container) => container.name)).toEqual(['a'])
  })

  it('keeps what others own, and changes nothing when applied again', async () => {
    await apply('me', { replicas: 0, selector, template })
    await cluster.send(
      'PATCH',
      `${DEPLOYMENTS}/d`,
      { metadata: { labels: { tier: 'x' } } },
      TYPE.merge,
    )
    const again = await apply('me', { replicas: 0, selector, template })
    expect(again.body.metadata.labels).toEqual({ tier: 'x' })
    const once = await apply('me', { replicas: 0, selector, template })
    expect(once.body.metadata.resourceVersion).toBe(again.body.metadata.resourceVersion)
  })

  it('needs a field manager', async () => {
    const { status, body } = await cluster.send('PATCH', `${DEPLOYMENTS}/d`, deployment, TYPE.apply)
    expect(status).toBe(422)
    expect(body.message).toContain('fieldManager: Required value: is required for apply patch')
  })
})

describe('subresources', () => {
  it('scales through the scale subresource', async () => {
    await cluster.send('POST', DEPLOYMENTS, deployment)
    const { body } = await cluster.send(
      'PATCH',
      `${DEPLOYMENTS}/d/scale`,
      { spec: { replicas: 2 } },
      TYPE.merge,
    )
    expect(body).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 2 },
    })
    expect((await cluster.send('GET', `${DEPLOYMENTS}/d`)).body.spec.replicas).toBe(2)
    expect((await cluster.send('GET', `${DEPLOYMENTS}/d/scale`)).body.status.selector).toBe('app=d')
  })

  it('changes the status alone, or all but the status', async () => {
    await cluster.send('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'n' },
    })
    const url = '/api/v1/namespaces/n'
    const both = { metadata: { labels: { a: 'b' } }, status: { phase: 'Terminating' } }
    const main = await cluster.send('PATCH', url, both, TYPE.merge)
    expect(main.body).toMatchObject({
      metadata: { labels: { a: 'b' } },
      status: { phase: 'Active' },
    })
    const status = await cluster.send(
      'PATCH',
      `${url}/status`,
      { metadata: { labels: { a: 'c' } }, status: { conditions: [{ type: 'X', status: 'True' }] } },
      TYPE.merge,
    )
    expect(status.body.metadata.labels.a).toBe('b')
    expect(status.body.status.conditions).toHaveLength(1)
  })

  it('restores the name label of a namespace', async () => {
    const { body } = await cluster.send(
      'PATCH',
      '/api/v1/namespaces/default',
      { metadata: { labels: null } },
      TYPE.merge,
    )
    expect(body.metadata.labels).toEqual({ 'kubernetes.io/metadata.name': 'default' })
  })
})

describe('the managers of an object', () => {
  const fieldsOf = (
    body: {
      metadata: { managedFields: { manager: string; subresource?: string; fieldsV1: unknown }[] }
    },
    manager: string,
    subresource?: string,
  ) =>
    body.metadata.managedFields.find(
      (entry) => entry.manager === manager && entry.subresource === subresource,
    )?.fieldsV1

  it('lose what another takes away, and keep what a patch writes again as it was', async () => {
    const map = '/api/v1/namespaces/default/configmaps'
    const merge = { 'content-type': 'application/merge-patch+json' }
    const made = await cluster.send('POST', `${map}?fieldManager=first`, {
      metadata: { name: 'owned' },
      data: { a: '1', b: '2' },
    })
    expect(fieldsOf(made.body, 'first')).toEqual({
      'f:data': { '.': {}, 'f:a': {}, 'f:b': {} },
    })
    const patch = { data: { a: null, b: '2', c: '3' } }
    const { body } = await cluster.send('PATCH', `${map}/owned?fieldManager=second`, patch, merge)
    expect(fieldsOf(body, 'first')).toEqual({ 'f:data': { '.': {}, 'f:b': {} } })
    expect(fieldsOf(body, 'second')).toEqual({ 'f:data': { 'f:c': {} } })
    const taken = { data: { b: '4', c: null } }
    const last = await cluster.send('PATCH', `${map}/owned?fieldManager=third`, taken, merge)
    expect(fieldsOf(last.body, 'first')).toEqual({ 'f:data': {} })
    expect(fieldsOf(last.body, 'second')).toBeUndefined()
    expect(fieldsOf(last.body, 'third')).toEqual({ 'f:data': { 'f:b': {} } })
  })

  it('own what they created with its defaults, as a real server records it', async () => {
    const { body } = await cluster.send('POST', `${DEPLOYMENTS}?fieldManager=kubectl-create`, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'managed', labels: { app: 'web' }, creationTimestamp: null },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'web' } },
        strategy: {},
        template: {
          metadata: { labels: { app: 'web' }, creationTimestamp: null },
          spec: {
            containers: [
              { name: 'nginx', image: 'nginx', ports: [{ containerPort: 80 }], resources: {} },
            ],
          },
        },
      },
      status: {},
    })
    expect(fieldsOf(body, 'kubectl-create')).toEqual({
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
      'f:spec': {
        'f:progressDeadlineSeconds': {},
        'f:replicas': {},
        'f:revisionHistoryLimit': {},
        'f:selector': {},
        'f:strategy': {
          'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} },
          'f:type': {},
        },
        'f:template': {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:containers': {
              'k:{"name":"nginx"}': {
                '.': {},
                'f:image': {},
                'f:imagePullPolicy': {},
                'f:name': {},
                'f:ports': {
                  '.': {},
                  'k:{"containerPort":80,"protocol":"TCP"}': {
                    '.': {},
                    'f:containerPort': {},
                    'f:protocol': {},
                  },
                },
                'f:resources': {},
                'f:terminationMessagePath': {},
                'f:terminationMessagePolicy': {},
              },
            },
            'f:dnsPolicy': {},
            'f:restartPolicy': {},
            'f:schedulerName': {},
            'f:securityContext': {},
            'f:terminationGracePeriodSeconds': {},
          },
        },
      },
    })
    const labelled = await cluster.send(
      'PATCH',
      `${DEPLOYMENTS}/managed?fieldManager=kubectl-label`,
      { metadata: { labels: { tier: 'front' } } },
      { 'content-type': 'application/merge-patch+json' },
    )
    expect(fieldsOf(labelled.body, 'kubectl-label')).toEqual({
      'f:metadata': { 'f:labels': { 'f:tier': {} } },
    })
    const scaled = await cluster.send(
      'PATCH',
      `${DEPLOYMENTS}/managed/scale?fieldManager=kubectl`,
      { spec: { replicas: 2 } },
      { 'content-type': 'application/merge-patch+json' },
    )
    expect(scaled.status).toBe(200)
    const after = (await cluster.send('GET', `${DEPLOYMENTS}/managed`)).body
    expect(fieldsOf(after, 'kubectl', 'scale')).toEqual({ 'f:spec': { 'f:replicas': {} } })
    expect(JSON.stringify(fieldsOf(after, 'kubectl-create'))).not.toContain('f:replicas')
  })

  it('own with apply what they applied, and nothing that was filled in', async () => {
    const { body } = await cluster.send(
      'PATCH',
      '/api/v1/namespaces/default/configmaps/applied?fieldManager=me',
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'applied', labels: { a: 'b' } },
        data: { k: 'v' },
      },
      { 'content-type': 'application/apply-patch+yaml' },
    )
    expect(fieldsOf(body, 'me')).toEqual({
      'f:data': { 'f:k': {} },
      'f:metadata': { 'f:labels': { 'f:a': {} } },
    })
    const emptied = await cluster.send(
      'PATCH',
      '/api/v1/namespaces/default/configmaps/applied?fieldManager=me',
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' } },
      { 'content-type': 'application/apply-patch+yaml' },
    )
    expect(emptied.body.data).toBeUndefined()
    expect(emptied.body.metadata.labels).toBeUndefined()
  })
})

describe('kubectl apply, then kubectl apply --server-side', () => {
  const LAST = 'kubectl.kubernetes.io/last-applied-configuration'
  const url = '/api/v1/namespaces/default/configmaps'
  const map = (data: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'm' },
    data,
  })
  const applied = (data: Record<string, string>, manager = 'kubectl') =>
    cluster.send('PATCH', `${url}/m?fieldManager=${manager}`, map(data), TYPE.apply)
  beforeEach(async () => {
    const first = map({ a: '1', b: '2' })
    await cluster.send('POST', `${url}?fieldManager=kubectl-client-side-apply`, {
      ...first,
      metadata: { ...first.metadata, annotations: { [LAST]: `${JSON.stringify(first)}\n` } },
    })
  })

  it('takes over what kubectl applied, and writes down what is applied now', async () => {
    const { status, body } = await applied({ a: '3' })
    expect(status).toBe(200)
    expect(body.data).toEqual({ a: '3', b: '2' })
    expect(body.metadata.annotations[LAST]).toBe(
      '{"apiVersion":"v1","data":{"a":"3"},"kind":"ConfigMap","metadata":{"name":"m","namespace":"default"}}\n',
    )
  })

  it('meets a conflict where somebody changed the field since, and as another manager', async () => {
    expect((await applied({ a: '3' }, 'somebody')).status).toBe(409)
    await cluster.send('PATCH', `${url}/m?fieldManager=editor`, { data: { a: '9' } }, TYPE.merge)
    const { status, body } = await applied({ a: '3', b: '4' })
    expect(status).toBe(409)
    expect(body.message).toMatch(
      /^Apply failed with 1 conflict: conflict with "editor" .*: \.data\.a$/,
    )
  })

  it('lets kubectl give the fields of one manager to another', async () => {
    const { body } = await applied({ a: '3' })
    const [own] = body.metadata.managedFields.filter(
      (entry: { manager: string }) => entry.manager === 'kubectl',
    )
    const all = { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } }
    await cluster.send(
      'PATCH',
      `${url}/m?fieldManager=kubectl`,
      [
        { op: 'replace', path: '/metadata/managedFields', value: [{ ...own, fieldsV1: all }] },
        { op: 'replace', path: '/metadata/resourceVersion', value: body.metadata.resourceVersion },
      ],
      TYPE.json,
    )
    const last = await applied({ a: '3' })
    expect(last.body.data).toEqual({ a: '3' })
    expect(last.body.metadata.managedFields).toHaveLength(1)
  })

  it('nobody owns anything after a reset, and an empty list changes nothing', async () => {
    const set = (value: unknown[]) =>
      cluster.send('PATCH', `${url}/m`, { metadata: { managedFields: value } }, TYPE.merge)
    expect((await set([])).body.metadata.managedFields).toHaveLength(1)
    expect((await set([{}])).body.metadata.managedFields).toBeUndefined()
  })

  it('an apply that changes only who owns what has no time', async () => {
    const { body } = await applied({ a: '1' }, 'other')
    const [own] = body.metadata.managedFields.filter(
      (entry: { manager: string }) => entry.manager === 'other',
    )
    expect(own.time).toBeUndefined()
  })
})

describe('a patch that is none', () => {
  const url = '/api/v1/namespaces/default/configmaps/p'
  beforeEach(async () => {
    await cluster.send('POST', '/api/v1/namespaces/default/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'p' },
    })
  })
  const answerOf = async (text: string, headers: Record<string, string>) => {
    const body = new TextEncoder().encode(text)
    const answer = await cluster.api.handle({
      ...requestOf('PATCH', url, undefined, headers),
      body,
    })
    return typeof answer.body === 'string' ? JSON.parse(answer.body).message : undefined
  }

  it('is refused in the words of the decoder', async () => {
    expect(await answerOf('"text"', TYPE.strategic)).toBe(
      'json: cannot unmarshal string into Go value of type map[string]interface {}',
    )
    expect(await answerOf('{"data":', TYPE.strategic)).toBe('unexpected end of JSON input')
    expect(await answerOf('{"data":', TYPE.merge)).toBe(
      'error decoding patch: unexpected end of JSON input',
    )
  })
})

it('what a request is warned of is told although it is refused', async () => {
  const { status, headers } = await cluster.send(
    'POST',
    '/api/v1/namespaces/default/configmaps?fieldValidation=Warn',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'A_B' }, date: {} },
  )
  expect([status, headers.warning]).toEqual([422, ['299 - "unknown field \\"date\\""']])
})
