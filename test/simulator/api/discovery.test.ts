import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestCluster, PODS, podOf, SERVICES, type TestCluster } from '../support/cluster.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = openTestCluster()
  await cluster.send('POST', PODS, podOf('web', 'sleep'))
  await cluster.until(
    PODS,
    ({ object }) => object.metadata.name === 'web' && object.status.phase === 'Running',
  )
})
afterAll(() => cluster.close())

const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'
const OLD =
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'
const TABLE =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json'

describe('discovery', () => {
  it('gives the aggregated list to clients that know version v2', async () => {
    const { body, headers } = await cluster.send('GET', '/api', undefined, { accept: AGGREGATED })
    expect(headers['content-type']).toBe(
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    )
    const pods = body.items[0].versions[0].resources.find(
      (entry: { resource: string }) => entry.resource === 'pods',
    )
    expect(pods).toMatchObject({
      responseKind: { group: '', version: 'v1', kind: 'Pod' },
      scope: 'Namespaced',
      singularResource: 'pod',
      shortNames: ['po'],
      categories: ['all'],
    })
    const groups = await cluster.send('GET', '/apis', undefined, { accept: AGGREGATED })
    expect(
      groups.body.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ).toEqual([
      'apps',
      'events.k8s.io',
      'authentication.k8s.io',
      'authorization.k8s.io',
      'autoscaling',
      'batch',
      'networking.k8s.io',
      'policy',
      'rbac.authorization.k8s.io',
      'storage.k8s.io',
      'apiextensions.k8s.io',
      'scheduling.k8s.io',
      'coordination.k8s.io',
      'discovery.k8s.io',
    ])
  })

  it('gives plain lists to older clients', async () => {
    expect((await cluster.send('GET', '/api', undefined, { accept: OLD })).body).toMatchObject({
      kind: 'APIVersions',
      versions: ['v1'],
    })
    expect((await cluster.send('GET', '/apis')).body.kind).toBe('APIGroupList')
    expect((await cluster.send('GET', '/apis/apps')).body).toMatchObject({
      kind: 'APIGroup',
      name: 'apps',
    })
    const { body } = await cluster.send('GET', '/apis/networking.k8s.io/v1')
    expect(body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'networking.k8s.io/v1' })
    expect(body.resources).toContainEqual(
      expect.objectContaining({
        name: 'networkpolicies',
        singularName: 'networkpolicy',
        kind: 'NetworkPolicy',
        shortNames: ['netpol'],
      }),
    )
  })

  it('has a version, health and OpenAPI documents that leave validation to the server', async () => {
    expect((await cluster.send('GET', '/version')).body.gitVersion).toBe('v1.32.2')
    for (const path of ['/healthz', '/livez', '/readyz'])
      expect((await cluster.send('GET', path)).body).toBe('ok')
    const { paths } = (await cluster.send('GET', '/openapi/v3')).body
    const url = paths['apis/networking.k8s.io/v1'].serverRelativeURL
    const { body, headers } = await cluster.send('GET', url)
    expect(headers['cache-control']).toBe('public, immutable')
    const patch =
      body.paths['/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies/{name}'].patch
    expect(patch['x-kubernetes-group-version-kind']).toEqual({
      group: 'networking.k8s.io',
      version: 'v1',
      kind: 'NetworkPolicy',
    })
    expect(patch.parameters).toContainEqual(
      expect.objectContaining({ name: 'fieldValidation', in: 'query' }),
    )
  })

  it.each([
    '/nothing',
    '/api/v2',
    '/apis/nothing/v1',
    '/api/v1/widgets',
    '/apis/metrics.k8s.io/v1beta1/pods',
  ])('answers %s with a Status 404', async (path) => {
    const { status, body } = await cluster.send('GET', path)
    expect(status).toBe(404)
    expect(body).toMatchObject({
      kind: 'Status',
      reason: 'NotFound',
      message: 'the server could not find the requested resource',
    })
  })

  it('says first what is wrong with a request to upgrade', async () => {
    const wrong = await cluster.send(
      'POST',
      `${PODS}/web/exec?container=nope&command=sh`,
      undefined,
      {
        upgrade: 'SPDY/3.1',
      },
    )
    expect(wrong.body.message).toBe('container nope is not valid for pod web')
  })

  it('answers access reviews and does not store them', async () => {
    const spec = { resourceAttributes: { verb: 'create', resource: 'pods' } }
    const { status, body } = await cluster.send(
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      { spec },
    )
    expect(status).toBe(201)
    expect(body).toMatchObject({ kind: 'SelfSubjectAccessReview', spec, status: { allowed: true } })
  })
})

describe('tables', () => {
  const table = async (url: string) =>
    (await cluster.send('GET', url, undefined, { accept: TABLE })).body
  type Column = { name: string; priority: number }

  it('have the columns of kubectl, wide ones apart', async () => {
    const body = await table(`${PODS}/web`)
    expect(body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' })
    expect(body.columnDefinitions.map(({ name, priority }: Column) => [name, priority])).toEqual([
      ['Name', 0],
      ['Ready', 0],
      ['Status', 0],
      ['Restarts', 0],
      ['Age', 0],
      ['IP', 1],
      ['Node', 1],
      ['Nominated Node', 1],
      ['Readiness Gates', 1],
    ])
    expect(body.rows[0].cells).toEqual([
      'web',
      '1/1',
      'Running',
      '0',
      expect.any(String),
      expect.stringMatching(/^10\.244\.0\./),
      'netpol-lab-control-plane',
      '<none>',
      '<none>',
    ])
    expect(body.rows[0].object).toMatchObject({
      kind: 'PartialObjectMetadata',
      metadata: { name: 'web' },
    })
  })

  it('carry whole objects, or none, when asked', async () => {
    expect((await table(`${PODS}?includeObject=Object`)).rows[0].object.kind).toBe('Pod')
    expect((await table(`${PODS}?includeObject=None`)).rows[0].object).toBeUndefined()
    expect((await table(`${PODS}?includeObject=All`)).reason).toBe('BadRequest')
  })

  it.each([
    [
      '/api/v1/namespaces/kube-system/services/kube-dns',
      [
        'kube-dns',
        'ClusterIP',
        '10.96.0.10',
        '<none>',
        '53/UDP,53/TCP,9153/TCP',
        expect.any(String),
        'k8s-app=kube-dns',
      ],
    ],
    [
      `${SERVICES}/kubernetes`,
      ['kubernetes', 'ClusterIP', '10.96.0.1', '<none>', '443/TCP', expect.any(String), '<none>'],
    ],
    ['/api/v1/namespaces/default', ['default', 'Active', expect.any(String)]],
    [
      '/api/v1/namespaces/default/endpoints/kubernetes',
      ['kubernetes', '172.18.0.2:6443', expect.any(String)],
    ],
    [
      '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes',
      ['kubernetes', 'IPv4', '6443', '172.18.0.2', expect.any(String)],
    ],
  ])('%s', async (url, cells) => {
    expect((await table(url)).rows[0].cells).toEqual(cells)
  })
})
