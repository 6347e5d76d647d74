import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseApiPath } from '../../src/cluster/context/api-target.ts'
import { readKubeconfigs } from '../../src/cluster/context/kubeconfigs.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpol-lab-kubeconfig-'))
})
afterEach(() => rm(folder, { recursive: true }))

const FIRST = `
apiVersion: v1
kind: Config
current-context: gke-team
clusters:
- name: c1
  cluster: { server: https://one.example:6443, certificate-authority: pki/ca.crt, tls-server-name: one }
- name: bare
  cluster: {}
users:
- name: u1
  user:
    client-key: /abs/key
    exec: { apiVersion: client.authentication.k8s.io/v1, command: ./bin/login, args: [x] }
contexts:
- name: gke-team
  context: { cluster: c1, user: u1, namespace: team }
- name: dangling
  context: { cluster: gone, user: u1 }
- name: no-server
  context: { cluster: bare, user: u1 }
`
const SECOND = `
current-context: other
clusters:
- name: c1
  cluster: { server: https://shadowed.example }
- name: c2
  cluster: { server: https://two.example }
users:
- name: u2
  user: { exec: { command: gke-gcloud-auth-plugin } }
contexts:
- name: other
  context: { cluster: c2, user: u2 }
`

describe('the kubeconfigs of the learner', () => {
  test('are merged as kubectl does: the first of a name counts, a missing file is no error', async () => {
    await writeFile(join(folder, 'one'), FIRST)
    await writeFile(join(folder, 'two'), SECOND)
    const found = await readKubeconfigs(['none', 'one', 'two'].map((name) => join(folder, name)))
    expect(found.contexts).toEqual([
      { name: 'gke-team', server: 'https://one.example:6443' },
      { name: 'other', server: 'https://two.example' },
    ])
    expect(found.current).toBe('gke-team')
    expect(found.broken).toEqual([])
  })

  test('give one context alone, complete, with paths that hold from anywhere, in namespace default', async () => {
    const path = join(folder, 'one')
    await writeFile(path, FIRST)
    const found = await readKubeconfigs([path])
    expect(found.extract('gke-team')).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'gke-team',
      clusters: [
        {
          name: 'gke-team',
          cluster: {
            server: 'https://one.example:6443',
            'certificate-authority': join(folder, 'pki', 'ca.crt'),
            'tls-server-name': 'one',
          },
        },
      ],
      users: [
        {
          name: 'gke-team',
          user: {
            'client-key': '/abs/key',
            exec: {
              apiVersion: 'client.authentication.k8s.io/v1',
              command: join(folder, 'bin', 'login'),
              args: ['x'],
            },
          },
        },
      ],
      contexts: [
        {
          name: 'gke-team',
          context: { cluster: 'gke-team', user: 'gke-team', namespace: 'default' },
        },
      ],
    })
    expect(found.extract('dangling')).toBeUndefined()
    expect(await readFile(path, 'utf8')).toBe(FIRST)
  })

  test('leave a login program that is looked up on the PATH as it is', async () => {
    await writeFile(join(folder, 'two'), SECOND)
    const found = await readKubeconfigs([join(folder, 'two')])
    expect(found.extract('other')?.users[0]?.user).toEqual({
      exec: { command: 'gke-gcloud-auth-plugin' },
    })
  })

  test('that cannot be read are told, and the others still count', async () => {
    await writeFile(join(folder, 'bad'), 'a: [')
    await writeFile(join(folder, 'two'), SECOND)
    const found = await readKubeconfigs([join(folder, 'bad'), join(folder, 'two'), folder])
    expect(found.contexts).toHaveLength(1)
    expect(found.broken).toHaveLength(2)
    expect(found.broken[0]).toContain(join(folder, 'bad'))
  })
})

describe('the path of a request', () => {
  const base = { group: '', apiVersion: 'v1' }
  test.each([
    ['/api/v1/namespaces', { ...base, plural: 'namespaces' }],
    ['/api/v1/namespaces/shop', { ...base, plural: 'namespaces', name: 'shop' }],
    [
      '/api/v1/namespaces/shop/finalize',
      { ...base, plural: 'namespaces', name: 'shop', subresource: 'finalize' },
    ],
    ['/api/v1/namespaces/shop/pods', { ...base, namespace: 'shop', plural: 'pods' }],
    [
      '/api/v1/namespaces/shop/pods/web/exec',
      { ...base, namespace: 'shop', plural: 'pods', name: 'web', subresource: 'exec' },
    ],
    [
      '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/a%2Fb',
      {
        group: 'networking.k8s.io',
        apiVersion: 'networking.k8s.io/v1',
        namespace: 'shop',
        plural: 'networkpolicies',
        name: 'a/b',
      },
    ],
    ['/api/v1/nodes/n1', { ...base, plural: 'nodes', name: 'n1' }],
  ])('%s', (path, target) => {
    expect(parseApiPath(path)).toEqual({
      namespace: undefined,
      name: undefined,
      subresource: undefined,
      ...target,
    })
  })

  test('outside of the resources there is no target', () => {
    for (const path of ['/version', '/apis', '/api/v1', '/']) {
      expect(parseApiPath(path)).toBeUndefined()
    }
  })
})
