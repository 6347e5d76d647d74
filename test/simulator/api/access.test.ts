import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { untilTrue } from '../support/changes.ts'
import { openTestCluster, type TestCluster } from '../support/cluster.ts'

const RBAC = '/apis/rbac.authorization.k8s.io/v1'
const GROUP = 'rbac.authorization.k8s.io'
const as = (name: string, more: Record<string, string> = {}) => ({
  'impersonate-user': name,
  ...more,
})

let cluster: TestCluster
beforeAll(() => {
  cluster = openTestCluster()
})
afterAll(() => cluster.close())

const create = (path: string, kind: string, name: string, rest: object, headers = {}) =>
  cluster.send(
    'POST',
    `${RBAC}${path}`,
    { apiVersion: `${GROUP}/v1`, kind, metadata: { name }, ...rest },
    headers,
  )
const inDefault = (plural: string) => `/namespaces/default/${plural}`
const bind = (name: string, role: string, subject: object, headers = {}) =>
  create(
    inDefault('rolebindings'),
    'RoleBinding',
    name,
    {
      roleRef: { apiGroup: GROUP, kind: role.split('/')[0], name: role.split('/')[1] },
      subjects: [subject],
    },
    headers,
  )
const user = (name: string) => ({ kind: 'User', apiGroup: GROUP, name })

describe('the roles of every cluster', () => {
  it('are those that an API server makes when it starts, with their bindings', async () => {
    const roles = (await cluster.send('GET', `${RBAC}/clusterroles`)).body.items
    const names = roles.map((role: { metadata: { name: string } }) => role.metadata.name)
    expect(names).toEqual(
      expect.arrayContaining([
        'admin',
        'cluster-admin',
        'edit',
        'system:basic-user',
        'system:controller:deployment-controller',
        'system:coredns',
        'system:node',
        'view',
      ]),
    )
    const { body } = await cluster.send('GET', `${RBAC}/clusterroles/cluster-admin`)
    expect(body).toMatchObject({
      metadata: {
        annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
        labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
      },
      rules: [
        { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
        { nonResourceURLs: ['*'], verbs: ['*'] },
      ],
    })
    const binding = await cluster.send('GET', `${RBAC}/clusterrolebindings/system:basic-user`)
    expect(binding.body.subjects).toEqual([
      { apiGroup: GROUP, kind: 'Group', name: 'system:authenticated' },
    ])
    const scheduler = `${RBAC}/namespaces/kube-system/rolebindings/system::leader-locking-kube-scheduler`
    expect((await cluster.send('GET', scheduler)).body).toMatchObject({
      roleRef: { kind: 'Role', name: 'system::leader-locking-kube-scheduler' },
      subjects: [{ kind: 'User' }, { kind: 'ServiceAccount', namespace: 'kube-system' }],
    })
  })

  it('come with the two classes of priority of the system, which are not deleted', async () => {
    const url = '/apis/scheduling.k8s.io/v1/priorityclasses'
    const { body } = await cluster.send('GET', url)
    expect(body.items.map((item: { value: number }) => item.value)).toEqual([2e9, 2000001000])
    const { status, body: refused } = await cluster.send('DELETE', `${url}/system-node-critical`)
    expect([status, refused.message]).toEqual([
      403,
      'priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and cannot be deleted',
    ])
  })

  it('view, edit and admin have the rules of the roles with their labels', async () => {
    const url = `${RBAC}/clusterroles/view`
    const filled = async () => ((await cluster.send('GET', url)).body.rules ?? []).length > 0
    await untilTrue(cluster, filled)
    const { body } = await cluster.send('GET', url)
    const parts = await cluster.send('GET', `${RBAC}/clusterroles/system:aggregate-to-view`)
    expect(body.rules).toEqual(parts.body.rules)
  })

  it('are the same when a cluster is opened again, and come back where they were deleted', async () => {
    const first = openTestCluster()
    const rolesOf = async (own: TestCluster) =>
      (await own.send('GET', `${RBAC}/clusterroles`)).body.items
    const before = await rolesOf(first)
    await first.send('DELETE', `${RBAC}/clusterroles/system:basic-user`)
    await first.send(
      'PATCH',
      `${RBAC}/clusterroles/system:discovery`,
      { metadata: { labels: { mine: 'yes' } } },
      { 'content-type': 'application/merge-patch+json' },
    )
    const saved = first.save()
    await first.close()
    expect(saved.objects.filter((object) => object.kind.startsWith('ClusterRole'))).toHaveLength(1)
    const again = openTestCluster({ saved: JSON.parse(JSON.stringify(saved)) })
    try {
      const withoutChanged = (roles: { metadata: { name: string } }[]) =>
        roles.filter(({ metadata }) => metadata.name !== 'system:discovery')
      const after = await rolesOf(again)
      expect(withoutChanged(after)).toEqual(withoutChanged(before))
      const changed = await again.send('GET', `${RBAC}/clusterroles/system:discovery`)
      expect(changed.body.metadata.labels.mine).toBe('yes')
    } finally {
      await again.close()
    }
  })
})

describe('a role made of others', () => {
  it('follows the roles that its selectors find', async () => {
    const label = { 'example.com/aggregate-to-all': 'true' }
    await create('/clusterroles', 'ClusterRole', 'all', {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: label }] },
    })
    const rulesOfAll = async () =>
      (await cluster.send('GET', `${RBAC}/clusterroles/all`)).body.rules ?? []
    const rule = { apiGroups: [''], resources: ['pods'], verbs: ['get'] }
    for (const name of ['part-b', 'part-a']) {
      await cluster.send('POST', `${RBAC}/clusterroles`, {
        apiVersion: `${GROUP}/v1`,
        kind: 'ClusterRole',
        metadata: { name, labels: label },
        rules: [rule, { ...rule, resources: [name] }],
      })
    }
    await untilTrue(cluster, async () => (await rulesOfAll()).length === 3)
    expect(await rulesOfAll()).toEqual([
      rule,
      { ...rule, resources: ['part-a'] },
      { ...rule, resources: ['part-b'] },
    ])
    await cluster.send('DELETE', `${RBAC}/clusterroles/part-a`)
    await untilTrue(cluster, async () => (await rulesOfAll()).length === 2)
  })
})

describe('somebody with a role of the cluster', () => {
  it('may do in the namespace of the binding what the role says', async () => {
    await bind('vera-views', 'ClusterRole/view', user('vera'))
    const asked = (path: string) => cluster.send('GET', path, undefined, as('vera'))
    await untilTrue(
      cluster,
      async () => (await asked('/api/v1/namespaces/default/configmaps')).status === 200,
    )
    expect((await asked('/apis/apps/v1/namespaces/default/deployments')).status).toBe(200)
    expect((await asked('/api/v1/namespaces/default/secrets')).body.message).toBe(
      'secrets is forbidden: User "vera" cannot list resource "secrets" in API group "" in the namespace "default"',
    )
    expect((await asked('/api/v1/namespaces/kube-system/configmaps')).status).toBe(403)
  })

  it('is told when the role of a binding is not there', async () => {
    await bind('nora-1', 'Role/gone', user('nora'))
    await bind('nora-2', 'ClusterRole/lost', user('nora'))
    const { body } = await cluster.send(
      'GET',
      '/api/v1/namespaces/default/pods',
      undefined,
      as('nora'),
    )
    expect(body.message).toBe(
      'pods is forbidden: User "nora" cannot list resource "pods" in API group "" in the namespace "default": RBAC: [role.rbac.authorization.k8s.io "gone" not found, clusterrole.rbac.authorization.k8s.io "lost" not found]',
    )
    const review = await cluster.send(
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      {
        spec: { resourceAttributes: { verb: 'list', resource: 'pods', namespace: 'default' } },
      },
      as('nora'),
    )
    expect(review.body.status).toEqual({
      allowed: false,
      reason:
        'RBAC: [role.rbac.authorization.k8s.io "gone" not found, clusterrole.rbac.authorization.k8s.io "lost" not found]',
    })
  })
})

describe('somebody who may write roles', () => {
  const mike = as('mike')
  beforeAll(async () => {
    const verbs = ['create', 'update', 'patch', 'get']
    const rule = { apiGroups: [GROUP], resources: ['roles', 'rolebindings'], verbs }
    const pods = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }
    await create(inDefault('roles'), 'Role', 'role-maker', { rules: [rule, pods] })
    await bind('role-maker', 'Role/role-maker', user('mike'))
  })

  it('gives on what they have', async () => {
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]
    const { status } = await create(inDefault('roles'), 'Role', 'getter', { rules }, mike)
    expect(status).toBe(201)
    const bound = await bind('getter', 'Role/getter', user('jill'), mike)
    expect(bound.status).toBe(201)
  })

  it('cannot give more, not by a role', async () => {
    const rules = [
      { apiGroups: [''], resources: ['secrets', 'pods'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['web'], verbs: ['get'] },
    ]
    const { status, body } = await create(inDefault('roles'), 'Role', 'more', { rules }, mike)
    expect(status).toBe(403)
    expect(body).toMatchObject({
      reason: 'Forbidden',
      details: { name: 'more', group: GROUP, kind: 'roles' },
      message: [
        'roles.rbac.authorization.k8s.io "more" is forbidden: user "mike" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:',
        '{APIGroups:[""], Resources:["pods"], Verbs:["watch"]}',
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list" "watch"]}',
        '{APIGroups:["apps"], Resources:["deployments"], ResourceNames:["web"], Verbs:["get"]}',
      ].join('\n'),
    })
  })

  it('nor by a change of a role, nor by a binding', async () => {
    const path = `${RBAC}${inDefault('roles')}/getter`
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['delete'] }]
    const patched = await cluster.send(
      'PATCH',
      path,
      { rules },
      {
        ...mike,
        'content-type': 'application/merge-patch+json',
      },
    )
    expect(patched.status).toBe(403)
    expect(patched.body.message).toContain('{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}')
    const bound = await bind('takes-all', 'ClusterRole/cluster-admin', user('mike'), mike)
    expect(bound.status).toBe(403)
    expect(bound.body.message).toBe(
      [
        'rolebindings.rbac.authorization.k8s.io "takes-all" is forbidden: user "mike" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:',
        '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}',
        '{NonResourceURLs:["*"], Verbs:["*"]}',
      ].join('\n'),
    )
  })

  it('may be allowed to: by the verbs "escalate" and "bind"', async () => {
    const rules = [
      { apiGroups: [GROUP], resources: ['roles'], verbs: ['create', 'escalate'] },
      { apiGroups: [GROUP], resources: ['rolebindings'], verbs: ['create'] },
      { apiGroups: [GROUP], resources: ['clusterroles'], resourceNames: ['edit'], verbs: ['bind'] },
    ]
    await create(inDefault('roles'), 'Role', 'escalator', { rules })
    await bind('escalator', 'Role/escalator', user('esther'))
    const secrets = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }]
    const esther = as('esther')
    const made = await create(inDefault('roles'), 'Role', 'secret', { rules: secrets }, esther)
    expect(made.status).toBe(201)
    const bound = await bind('edits', 'ClusterRole/edit', user('esther'), esther)
    expect(bound.status).toBe(201)
    const refused = await bind('admins', 'ClusterRole/admin', user('esther'), esther)
    expect(refused.status).toBe(403)
    const missing = await bind('none', 'ClusterRole/none', user('esther'), esther)
    expect([missing.status, missing.body.message]).toEqual([
      404,
      'clusterrole.rbac.authorization.k8s.io "none" not found',
    ])
  })
})

describe('who is impersonated', () => {
  const whoami = async (headers: Record<string, string>) =>
    cluster.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, headers)

  it('has the uid and the extra values that were asked for', async () => {
    const { body } = await whoami(
      as('jane', { 'impersonate-uid': '77', 'impersonate-extra-Scopes': 'view, edit' }),
    )
    expect(body.status.userInfo).toEqual({
      username: 'jane',
      uid: '77',
      groups: ['system:authenticated'],
      extra: { scopes: ['view', 'edit'] },
    })
  })

  it('has the groups that were named, and those of a service account where none was', async () => {
    const groupsOf = async (name: string, groups?: string) =>
      (await whoami(as(name, groups === undefined ? {} : { 'impersonate-group': groups }))).body
        .status.userInfo.groups
    const account = 'system:serviceaccount:default:robot'
    expect(await groupsOf(account)).toEqual([
      'system:serviceaccounts',
      'system:serviceaccounts:default',
      'system:authenticated',
    ])
    expect(await groupsOf(account, 'devs')).toEqual(['devs', 'system:authenticated'])
    // Only those who are authenticated may ask who they are.
    for (const headers of [
      as('jane', { 'impersonate-group': 'system:unauthenticated' }),
      as('system:anonymous'),
    ]) {
      expect((await whoami(headers)).body.message).toBe(
        `selfsubjectreviews.authentication.k8s.io is forbidden: User "${headers['impersonate-user']}" cannot create resource "selfsubjectreviews" in API group "authentication.k8s.io" at the cluster scope`,
      )
    }
  })

  it('has to be named', async () => {
    const { status, body } = await whoami({ 'impersonate-group': 'devs' })
    expect(status).toBe(400)
    expect(body.message).toContain('without impersonating a user')
  })

  it('of system:masters may do everything', async () => {
    const masters = as('root', { 'impersonate-group': 'system:masters' })
    expect((await cluster.send('GET', '/api/v1/nodes', undefined, masters)).status).toBe(200)
  })
})

it('a role without rules says so, and who asks who they are hears when', async () => {
  const { body } = await create(inDefault('roles'), 'Role', 'empty', {})
  expect(body.rules).toBeNull()
  const me = await cluster.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {})
  expect(me.body.metadata.creationTimestamp).toMatch(/^\d{4}-\d{2}-\d{2}T/)
})
