import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEPLOYMENTS, openTestCluster, requestOf, type TestCluster } from '../support/cluster.ts'

/** What `kubectl get --raw` and curl show, sign by sign. */

let cluster: TestCluster
beforeAll(() => {
  cluster = openTestCluster()
})
afterAll(() => cluster.close())

async function raw(path: string, headers: Record<string, string> = {}): Promise<string> {
  const { body } = await cluster.api.handle(requestOf('GET', path, undefined, headers))
  return typeof body === 'string' ? body : ''
}

describe('health checks', () => {
  it('say ok, each by itself as well', async () => {
    for (const path of ['/livez', '/readyz/', '/healthz/ping', '/readyz/informer-sync']) {
      expect(await raw(path)).toBe('ok')
    }
    expect((await cluster.send('GET', '/livez/nonsense')).status).toBe(404)
    expect((await cluster.send('GET', '/livez/informer-sync')).status).toBe(404)
  })

  it('are listed where that is asked for, and left out where that is', async () => {
    expect(await raw('/livez?verbose')).toBe(
      `${[
        '[+]ping ok',
        '[+]log ok',
        '[+]etcd ok',
        '[+]poststarthook/crd-informer-synced ok',
        '[+]poststarthook/rbac/bootstrap-roles ok',
        'livez check passed',
      ].join('\n')}\n`,
    )
    const text = await raw('/readyz?verbose&exclude=etcd&exclude=nope')
    expect(text).toContain('[+]etcd excluded: ok\n[+]etcd-readiness ok\n')
    expect(text).toMatch(
      /warn: some health checks cannot be excluded: no matches for "nope"\nreadyz check passed\n$/,
    )
    expect(await raw('/readyz?exclude=etcd')).toBe('ok')
  })
})

describe('the answers', () => {
  it('the version is written for people', async () => {
    expect(await raw('/version')).toMatch(
      /^\{\n {2}"major": "1",\n {2}"minor": "32",\n {2}"gitVersion": "v1\.32\.\d+",\n[\s\S]*\n {2}"platform": "linux\/amd64"\n\}$/,
    )
  })

  it('others are where that is asked for, or a browser asks, refusals too', async () => {
    expect(await raw('/api')).toMatch(/^\{"kind":"APIVersions",.*\}\n$/)
    expect(await raw('/api?pretty=true')).toMatch(/^\{\n {2}"kind": "APIVersions",\n[\s\S]*\n\}$/)
    const missing = '/api/v1/namespaces/nope'
    expect(await raw(missing)).toMatch(/^\{"kind":"Status",.*\}\n$/)
    expect(await raw(missing, { 'user-agent': 'curl/8.5.0' })).toMatch(
      /^\{\n {2}"kind": "Status",\n {2}"apiVersion": "v1",\n[\s\S]*"code": 404\n\}$/,
    )
    expect(await raw(missing, { accept: 'application/yaml' })).toMatch(
      /^kind: Status\napiVersion: v1\n[\s\S]*code: 404\n$/,
    )
  })

  it('templates carry the time that they do not have', async () => {
    const template = {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'nginx' }] },
    }
    const { body } = await cluster.send('POST', `${DEPLOYMENTS}?fieldManager=me`, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template },
    })
    expect(body.spec.template.metadata).toEqual({
      creationTimestamp: null,
      labels: { app: 'web' },
    })
    // Nobody owns a time that nobody gave.
    expect(body.metadata.managedFields[0].fieldsV1['f:spec']['f:template']['f:metadata']).toEqual({
      'f:labels': { '.': {}, 'f:app': {} },
    })
    const { object } = await cluster.until(
      '/api/v1/namespaces/default/pods',
      (event) => event.object.status.phase === 'Running',
    )
    expect(object.metadata.creationTimestamp).toMatch(/^\d{4}-/)
    expect(object.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', lastProbeTime: null }),
    )
  })
})

describe('server-side apply of a scale', () => {
  const apply = (manager: string, replicas: number, query = '') =>
    cluster.send(
      'PATCH',
      `${DEPLOYMENTS}/web/scale?fieldManager=${manager}${query}`,
      {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name: 'web' },
        spec: { replicas },
      },
      { 'content-type': 'application/apply-patch+yaml' },
    )

  it('owns the number of replicas, and conflicts with who owns it', async () => {
    const refused = await apply('scaler', 2)
    expect(refused.status).toBe(409)
    expect(refused.body.message).toMatch(
      /^Apply failed with 1 conflict: conflict with "me" using apps\/v1: \.spec\.replicas$/,
    )
    const { status, body } = await apply('scaler', 2, '&force=true')
    expect(status).toBe(200)
    expect(body).toMatchObject({ kind: 'Scale', spec: { replicas: 2 } })
    const stored = (await cluster.send('GET', `${DEPLOYMENTS}/web`)).body
    expect(stored.spec.replicas).toBe(2)
    expect(stored.metadata.managedFields).toContainEqual(
      expect.objectContaining({
        manager: 'scaler',
        operation: 'Apply',
        subresource: 'scale',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      }),
    )
    expect((await apply('other', 5)).body.message).toBe(
      'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale": .spec.replicas',
    )
  })

  it('needs a manager and a number that can be', async () => {
    const refused = await cluster.send(
      'PATCH',
      `${DEPLOYMENTS}/web/scale`,
      { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 1 } },
      { 'content-type': 'application/apply-patch+yaml' },
    )
    expect(refused.body.message).toContain('fieldManager: Required value')
    expect((await apply('scaler', -1)).body.message).toContain(
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    )
  })
})
