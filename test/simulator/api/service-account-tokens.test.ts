import { createPublicKey, verify } from 'node:crypto'
import { request } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFastClock } from '../../../src/platform/fast-clock.ts'
import type { ClusterAddress } from '../../../src/simulator/assemble-cluster.ts'
import { openTestCluster, PODS, podOf, type TestCluster } from '../support/cluster.ts'

const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts'
const RBAC = '/apis/rbac.authorization.k8s.io/v1'
const BOB = 'system:serviceaccount:default:bob'

let clock = createFastClock()
let cluster: TestCluster
let address: ClusterAddress
let later = 0
beforeAll(async () => {
  const fast = createFastClock()
  clock = { ...fast, now: () => fast.now() + later }
  cluster = openTestCluster({ clock })
  address = await cluster.listen()
  await cluster.send('POST', ACCOUNTS, { metadata: { name: 'bob' } })
  await cluster.send('POST', `${RBAC}/namespaces/default/rolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'bob-views' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'ServiceAccount', name: 'bob', namespace: 'default' }],
  })
})
afterAll(() => cluster.close())

// biome-ignore lint/suspicious/noExplicitAny: what a server answers is looked at field by field
type Reply = { readonly status: number; readonly type: string; readonly body: any }

/** A request over the socket, with this token. */
function ask(token: string, path: string, options: { method?: string; body?: unknown } = {}) {
  return new Promise<Reply>((resolve, reject) => {
    const sent = request(
      new URL(path, address.server),
      {
        method: options.method ?? 'GET',
        ca: address.certificateAuthority,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      },
      (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += String(chunk)
        })
        response.on('end', () => {
          const type = String(response.headers['content-type'])
          resolve({
            status: response.statusCode ?? 0,
            type,
            body: type.includes('json') ? JSON.parse(text) : text,
          })
        })
        response.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(options.body === undefined ? undefined : JSON.stringify(options.body))
  })
}

async function tokenOf(name: string, spec: Record<string, unknown> = {}): Promise<string> {
  const { body } = await cluster.send('POST', `${ACCOUNTS}/${name}/token`, { spec })
  if (body.status?.token === undefined) throw new Error(body.message)
  return body.status.token
}

const partOf = (token: string, index: number) =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString())

const review = async (token: string) =>
  (await cluster.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token } }))
    .body.status

describe('the token of a service account', () => {
  it('is signed with a key of the cluster, which anybody can check with its public keys', async () => {
    const token = await tokenOf('bob')
    const [head = '', body = '', signature = ''] = token.split('.')
    const { keys } = (await ask(address.token, '/openid/v1/jwks')).body
    expect(partOf(token, 0)).toEqual({ alg: 'ES256', kid: keys[0].kid })
    const key = {
      key: createPublicKey({ key: keys[0], format: 'jwk' }),
      dsaEncoding: 'ieee-p1363' as const,
    }
    const text = Buffer.from(`${head}.${body}`)
    expect(verify('sha256', text, key, Buffer.from(signature, 'base64url'))).toBe(true)
    const claims = partOf(token, 1)
    expect(Object.keys(claims)).toEqual([
      'aud',
      'exp',
      'iat',
      'iss',
      'jti',
      'kubernetes.io',
      'nbf',
      'sub',
    ])
    expect(claims).toMatchObject({
      aud: ['https://kubernetes.default.svc.cluster.local'],
      iss: 'https://kubernetes.default.svc.cluster.local',
      sub: BOB,
    })
  })

  it('is described for those who federate', async () => {
    const { body, type } = await ask(address.token, '/.well-known/openid-configuration')
    expect(type).toBe('application/json')
    expect(body).toEqual({
      issuer: 'https://kubernetes.default.svc.cluster.local',
      jwks_uri: 'https://172.18.0.2:6443/openid/v1/jwks',
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    })
    const keys = await ask(address.token, '/openid/v1/jwks')
    expect(keys.type).toBe('application/jwk-set+json')
    expect(keys.body.keys[0]).toMatchObject({ use: 'sig', kty: 'EC', crv: 'P-256', alg: 'ES256' })
  })

  it('opens the API as that account, which may do what its roles allow', async () => {
    const token = await tokenOf('bob')
    expect((await ask(token, PODS)).status).toBe(200)
    expect((await ask(token, '/api/v1/namespaces/default/secrets')).body).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: `secrets is forbidden: User "${BOB}" cannot list resource "secrets" in API group "" in the namespace "default"`,
    })
    const created = await ask(token, PODS, { method: 'POST', body: podOf('nope', 'sleep') })
    expect(created.body.message).toBe(
      `pods is forbidden: User "${BOB}" cannot create resource "pods" in API group "" in the namespace "default"`,
    )
    expect((await ask(token, '/apis')).status).toBe(200)
    expect((await ask(token, '/version')).status).toBe(200)
    expect((await ask(token, '/readyz')).status).toBe(200)
    expect((await ask(token, '/openid/v1/jwks')).status).toBe(200)
    expect((await ask(token, '/nowhere')).body.message).toBe(
      `forbidden: User "${BOB}" cannot get path "/nowhere"`,
    )
    expect((await ask(token, '/apis/example.com/v1/namespaces/default/gadgets')).body.message).toBe(
      `gadgets.example.com is forbidden: User "${BOB}" cannot list resource "gadgets" in API group "example.com" in the namespace "default"`,
    )
  })

  it('says who it is', async () => {
    const token = await tokenOf('bob')
    const { body } = await ask(token, '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      method: 'POST',
      body: {},
    })
    const account = (await cluster.send('GET', `${ACCOUNTS}/bob`)).body
    expect(body.status.userInfo).toEqual({
      username: BOB,
      uid: account.metadata.uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${partOf(token, 1).jti}`] },
    })
  })

  it('is not the administrator’s: no secrets, no reviews of others, nobody impersonated', async () => {
    const token = await tokenOf('bob')
    const body = { spec: { token } }
    const path = '/apis/authentication.k8s.io/v1/tokenreviews'
    expect((await ask(token, path, { method: 'POST', body })).body.message).toBe(
      `tokenreviews.authentication.k8s.io is forbidden: User "${BOB}" cannot create resource "tokenreviews" in API group "authentication.k8s.io" at the cluster scope`,
    )
    const impersonated = await new Promise<Reply>((resolve, reject) => {
      request(
        new URL(PODS, address.server),
        {
          ca: address.certificateAuthority,
          headers: { authorization: `Bearer ${token}`, 'impersonate-user': 'kubernetes-admin' },
        },
        (response) => {
          let text = ''
          response.on('data', (chunk) => {
            text += String(chunk)
          })
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, type: '', body: JSON.parse(text) }),
          )
        },
      )
        .on('error', reject)
        .end()
    })
    expect(impersonated.body.message).toBe(
      `users "kubernetes-admin" is forbidden: User "${BOB}" cannot impersonate resource "users" in API group "" at the cluster scope`,
    )
  })

  it('is refused when it was changed, is for somebody else, or is none', async () => {
    const token = await tokenOf('bob')
    const [head, , signature] = token.split('.')
    const claims = { ...partOf(token, 1), sub: 'system:serviceaccount:kube-system:admin' }
    const forged = `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`
    const elsewhere = await tokenOf('bob', { audiences: ['vault'] })
    for (const wrong of [forged, unsigned, elsewhere, 'a.b.c', 'nonsense']) {
      const { status, body } = await ask(wrong, PODS)
      expect([status, body.message]).toEqual([401, 'Unauthorized'])
    }
  })

  it('is reviewed by those who ask the server about it', async () => {
    const token = await tokenOf('bob')
    expect(await review(token)).toMatchObject({
      authenticated: true,
      user: { username: BOB },
      audiences: ['https://kubernetes.default.svc.cluster.local'],
    })
    expect(await review('nonsense')).toEqual({ user: {}, error: '[invalid bearer token]' })
    const elsewhere = await tokenOf('bob', { audiences: ['vault'] })
    const { body } = await cluster.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
      spec: { token: elsewhere, audiences: ['vault', 'bank'] },
    })
    expect(body.status).toMatchObject({ authenticated: true, audiences: ['vault'] })
  })

  it('ends with its time, a minute later as clocks differ', async () => {
    const token = await tokenOf('bob', { expirationSeconds: 600 })
    later += 620_000
    expect((await ask(token, PODS)).status).toBe(200)
    later += 60_000
    expect((await ask(token, PODS)).status).toBe(401)
    expect((await review(token)).error).toBe(
      '[invalid bearer token, service account token has expired]',
    )
  })

  it('ends with the account, also where another one of that name comes after it', async () => {
    await cluster.send('POST', ACCOUNTS, { metadata: { name: 'eve' } })
    const token = await tokenOf('eve')
    expect((await review(token)).authenticated).toBe(true)
    await cluster.send('DELETE', `${ACCOUNTS}/eve`)
    expect((await ask(token, PODS)).status).toBe(401)
    await cluster.send('POST', ACCOUNTS, { metadata: { name: 'eve' } })
    expect((await ask(token, PODS)).status).toBe(401)
  })

  it('ends with the pod that it is bound to', async () => {
    await cluster.send('POST', PODS, podOf('holder', 'sleep'))
    await cluster.until(PODS, ({ object }) => object.status.phase === 'Running')
    const bound = { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'holder' } }
    await expect(tokenOf('bob', bound)).rejects.toThrow(
      'cannot bind token for serviceaccount "bob" to pod running with different serviceaccount name.',
    )
    const token = await tokenOf('default', bound)
    expect((await review(token)).user.extra).toMatchObject({
      'authentication.kubernetes.io/pod-name': ['holder'],
      'authentication.kubernetes.io/node-name': ['netpol-lab-control-plane'],
    })
    await cluster.send('DELETE', `${PODS}/holder?gracePeriodSeconds=0`)
    expect((await review(token)).error).toBe(
      '[invalid bearer token, service account token has been invalidated]',
    )
    await expect(tokenOf('default', bound)).rejects.toThrow('pods "holder" not found')
    await expect(
      tokenOf('default', { boundObjectRef: { apiVersion: 'v1', kind: 'Service', name: 'x' } }),
    ).rejects.toThrow('cannot bind token to object of type /v1, Kind=Service')
  })

  it('stays good in a cluster that is saved and opened again', async () => {
    const token = await tokenOf('bob')
    const again = openTestCluster({ clock, saved: JSON.parse(JSON.stringify(cluster.save())) })
    const { body } = await again.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
      spec: { token },
    })
    expect(body.status.authenticated).toBe(true)
    await again.close()
  })
})

describe('the roles of a new cluster', () => {
  const rolesOf = async () =>
    (await cluster.send('GET', `${RBAC}/clusterroles`)).body.items.map(
      (role: { metadata: { name: string } }) => role.metadata.name,
    )

  it('are those that people bind', async () => {
    expect(await rolesOf()).toEqual(
      expect.arrayContaining([
        'admin',
        'cluster-admin',
        'edit',
        'system:basic-user',
        'system:discovery',
        'system:public-info-viewer',
        'view',
      ]),
    )
  })

  it('view, edit and admin gather the rules that others add to them by a label', async () => {
    const rulesOf = async (name: string) =>
      (await cluster.send('GET', `${RBAC}/clusterroles/${name}`)).body.rules
    expect(await rulesOf('view')).toContainEqual({
      apiGroups: ['networking.k8s.io'],
      resources: ['ingresses', 'ingresses/status', 'networkpolicies'],
      verbs: ['get', 'list', 'watch'],
    })
    const rule = { apiGroups: ['example.com'], resources: ['gadgets'], verbs: ['get'] }
    await cluster.send('POST', `${RBAC}/clusterroles`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: {
        name: 'gadget-view',
        labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' },
      },
      rules: [rule],
    })
    for (const name of ['view', 'edit', 'admin']) {
      await cluster.until(
        `${RBAC}/clusterroles`,
        ({ object }) =>
          object.metadata.name === name &&
          object.rules.some((entry: typeof rule) => entry.apiGroups[0] === 'example.com'),
      )
    }
  })

  it('a role that is bound and not there is named in the refusal', async () => {
    await cluster.send('POST', `${RBAC}/namespaces/default/rolebindings`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'jane-missing' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'missing' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jane' }],
    })
    const { body } = await cluster.send('GET', PODS, undefined, { 'impersonate-user': 'jane' })
    expect(body.message).toBe(
      'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default": RBAC: role.rbac.authorization.k8s.io "missing" not found',
    )
  })
})
