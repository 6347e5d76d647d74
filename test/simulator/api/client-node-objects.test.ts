import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import {
  ADD,
  ApiextensionsV1Api,
  AppsV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  DELETE,
  KubeConfig,
  KubernetesObjectApi,
  Log,
  Metrics,
  makeInformer,
  PatchStrategy,
  RbacAuthorizationV1Api,
  setHeaderOptions,
  UPDATE,
  type V1Pod,
  Watch,
} from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClusterAddress } from '../../../src/simulator/assemble-cluster.ts'
import { kubeConfigOf, openTestCluster, PODS, podOf, type TestCluster } from '../support/cluster.ts'

let cluster: TestCluster
let address: ClusterAddress
let config: KubeConfig
let core: CoreV1Api
let apps: AppsV1Api
const namespace = 'default'

beforeAll(async () => {
  cluster = openTestCluster()
  address = await cluster.listen()
  config = kubeConfigOf(address)
  core = config.makeApiClient(CoreV1Api)
  apps = config.makeApiClient(AppsV1Api)
})
afterAll(() => cluster.close())

const deployment = (name: string) => ({
  metadata: { name },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'web', image: 'nginx', command: ['sleep'] }] },
    },
  },
})
const as = (strategy: string) => setHeaderOptions('Content-Type', strategy)

describe('@kubernetes/client-node from a kubeconfig file', () => {
  it('reads the file and reaches the cluster with its authority and token', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netpol-lab-client-node-'))
    const file = join(folder, 'config')
    const write = (token: string) =>
      writeFile(
        file,
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'Config',
          'current-context': 'lab',
          contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab', namespace } }],
          users: [{ name: 'lab', user: { token } }],
          clusters: [
            {
              name: 'lab',
              cluster: {
                server: address.server,
                'certificate-authority-data': Buffer.from(address.certificateAuthority).toString(
                  'base64',
                ),
              },
            },
          ],
        }),
        { mode: 0o600 },
      )
    try {
      await write(address.token)
      const loaded = new KubeConfig()
      loaded.loadFromFile(file)
      const { items } = await loaded.makeApiClient(CoreV1Api).listNode()
      expect(items).toHaveLength(1)
      await write('wrong')
      const stranger = new KubeConfig()
      stranger.loadFromFile(file)
      await expect(stranger.makeApiClient(CoreV1Api).listNode()).rejects.toMatchObject({
        code: 401,
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('@kubernetes/client-node patching', () => {
  beforeAll(async () => {
    await apps.createNamespacedDeployment({ namespace, body: deployment('patched') })
  })
  const name = 'patched'
  const imageOf = async () =>
    (await apps.readNamespacedDeployment({ name, namespace })).spec?.template.spec?.containers

  it('takes JSON patches', async () => {
    const body = [
      { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'nginx:2' },
    ]
    await apps.patchNamespacedDeployment({ name, namespace, body }, as(PatchStrategy.JsonPatch))
    expect(await imageOf()).toMatchObject([{ name: 'web', image: 'nginx:2' }])
  })

  it('takes merge patches, which replace lists', async () => {
    const body = {
      spec: {
        template: {
          spec: { containers: [{ name: 'other', image: 'alpine', command: ['sleep'] }] },
        },
      },
    }
    await apps.patchNamespacedDeployment({ name, namespace, body }, as(PatchStrategy.MergePatch))
    expect((await imageOf())?.map((container) => container.name)).toEqual(['other'])
  })

  it('takes strategic merge patches, which merge lists by their key', async () => {
    const body = {
      spec: {
        template: { spec: { containers: [{ name: 'side', image: 'alpine', command: ['sleep'] }] } },
      },
    }
    await apps.patchNamespacedDeployment(
      { name, namespace, body },
      as(PatchStrategy.StrategicMergePatch),
    )
    expect((await imageOf())?.map((container) => container.name).sort()).toEqual(['other', 'side'])
  })

  it('applies from the server side: conflicts, force and shared fields', async () => {
    const apply = (manager: string, replicas: number, force = false) =>
      apps.patchNamespacedDeployment(
        {
          name: 'applied',
          namespace,
          fieldManager: manager,
          force,
          body: {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            ...deployment('applied'),
            spec: { ...deployment('applied').spec, replicas },
          },
        },
        as(PatchStrategy.ServerSideApply),
      )
    await apply('one', 1)
    await expect(apply('two', 2)).rejects.toMatchObject({
      code: 409,
      body: expect.stringContaining('conflict with \\"one\\": .spec.replicas'),
    })
    const forced = await apply('two', 2, true)
    expect(forced.spec?.replicas).toBe(2)
    const managers = forced.metadata?.managedFields ?? []
    expect(managers.map(({ manager, operation }) => [manager, operation])).toEqual(
      expect.arrayContaining([
        ['one', 'Apply'],
        ['two', 'Apply'],
      ]),
    )
    const fieldsOf = (manager: string) =>
      JSON.stringify(managers.find((entry) => entry.manager === manager)?.fieldsV1)
    expect(fieldsOf('one')).not.toContain('f:replicas')
    expect(fieldsOf('two')).toContain('f:replicas')
  })

  it('scales, and refuses what changed meanwhile', async () => {
    const scale = await apps.readNamespacedDeploymentScale({ name, namespace })
    const body = { ...scale, spec: { replicas: 3 } }
    await apps.replaceNamespacedDeploymentScale({ name, namespace, body })
    await expect(
      apps.replaceNamespacedDeploymentScale({ name, namespace, body }),
    ).rejects.toMatchObject({
      code: 409,
      body: expect.stringContaining('the object has been modified'),
    })
    expect((await apps.readNamespacedDeployment({ name, namespace })).spec?.replicas).toBe(3)
  })
})

describe('@kubernetes/client-node watching', () => {
  it('keeps an informer on pods up to date, with those that were there before it', async () => {
    const labelSelector = 'seen=yes'
    const pod = (name: string) => ({
      ...podOf(name, 'sleep'),
      metadata: { name, labels: { seen: 'yes' } },
    })
    await cluster.send('POST', PODS, pod('early'))
    const informer = makeInformer<V1Pod>(
      config,
      '/api/v1/namespaces/default/pods',
      () => core.listNamespacedPod({ namespace, labelSelector }),
      labelSelector,
    )
    const seen = new Set<string>()
    const gone = new Promise<void>((resolve) => {
      informer.on(ADD, ({ metadata }) => seen.add(`add ${metadata?.name}`))
      informer.on(UPDATE, ({ metadata, status }) => seen.add(`${metadata?.name} ${status?.phase}`))
      informer.on(DELETE, ({ metadata }) => {
        seen.add(`delete ${metadata?.name}`)
        resolve()
      })
      informer.on('error', () => {})
    })
    await informer.start()
    expect(informer.get('early', namespace)?.metadata?.name).toBe('early')
    await cluster.send('POST', PODS, pod('late'))
    await expect.poll(() => seen.has('late Running')).toBe(true)
    await core.deleteNamespacedPod({ name: 'early', namespace, gracePeriodSeconds: 0 })
    await gone
    await informer.stop()
    expect([...seen]).toEqual(
      expect.arrayContaining(['add early', 'add late', 'late Running', 'delete early']),
    )
  })

  it('gets bookmarks, and an error where its version is too old', async () => {
    const events: string[] = []
    await new Promise<void>((resolve, reject) => {
      const handle = new Watch(config).watch(
        '/api/v1/namespaces/default/configmaps',
        {
          sendInitialEvents: true,
          resourceVersionMatch: 'NotOlderThan',
          allowWatchBookmarks: true,
        },
        (type, object) => {
          events.push(type)
          if (object.metadata?.annotations?.['k8s.io/initial-events-end'] === 'true') {
            handle.then((controller) => controller.abort(), reject)
          }
        },
        () => resolve(),
      )
    })
    expect(events.at(-1)).toBe('BOOKMARK')
  })

  it('follows a log until the pod is gone', async () => {
    await cluster.send('POST', PODS, podOf('logged', 'sleep'))
    await cluster.until(
      PODS,
      ({ object }) => object.metadata.name === 'logged' && object.status.phase === 'Running',
    )
    const out = new PassThrough()
    const ended = new Promise((resolve) => out.once('close', resolve).once('end', resolve))
    let text = ''
    out.on('data', (chunk) => {
      text += String(chunk)
    })
    await new Log(config).log(namespace, 'logged', 'main', out, { follow: true })
    await expect.poll(() => text).toBe('started main\n')
    await core.deleteNamespacedPod({ name: 'logged', namespace, gracePeriodSeconds: 0 })
    await ended
  })
})

describe('@kubernetes/client-node on other kinds', () => {
  it('creates, lists and deletes objects of any kind', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config)
    const header = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'any', namespace },
    }
    const spec = { podSelector: {}, policyTypes: ['Egress'] }
    const created = await objects.create({ ...header, spec })
    expect(created.metadata).toMatchObject({ uid: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    const listed = await objects.list('networking.k8s.io/v1', 'NetworkPolicy', namespace)
    expect(listed.items.map((item) => item.metadata?.name)).toContain('any')
    const patched = await objects.patch(
      { ...header, spec: { ...spec, policyTypes: ['Ingress'] } },
      undefined,
      undefined,
      'lab',
      true,
      PatchStrategy.ServerSideApply,
    )
    expect(patched).toMatchObject({ spec: { policyTypes: ['Ingress'] } })
    await objects.delete(header)
    await expect(objects.read(header)).rejects.toMatchObject({ code: 404 })
  })

  it('defines a kind and uses it', async () => {
    const definitions = config.makeApiClient(ApiextensionsV1Api)
    await definitions.createCustomResourceDefinition({
      body: {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'widgets.example.com' },
        spec: {
          group: 'example.com',
          scope: 'Namespaced',
          names: { plural: 'widgets', kind: 'Widget' },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: 'object',
                  properties: {
                    spec: { type: 'object', properties: { size: { type: 'string' } } },
                  },
                },
              },
            },
          ],
        },
      },
    })
    const widgets = config.makeApiClient(CustomObjectsApi)
    const where = { group: 'example.com', version: 'v1', namespace, plural: 'widgets' }
    const body = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w' },
      spec: { size: 'small' },
    }
    await expect
      .poll(() => widgets.createNamespacedCustomObject({ ...where, body }).catch(() => undefined))
      .toMatchObject({ kind: 'Widget' })
    const list = await widgets.listNamespacedCustomObject(where)
    expect(list).toMatchObject({ kind: 'WidgetList', items: [{ metadata: { name: 'w' } }] })
    await widgets.patchNamespacedCustomObject(
      { ...where, name: 'w', body: { spec: { size: 'large' } } },
      as(PatchStrategy.MergePatch),
    )
    expect(await widgets.getNamespacedCustomObject({ ...where, name: 'w' })).toMatchObject({
      spec: { size: 'large' },
    })
  })

  it('asks what somebody may do', async () => {
    const rbac = config.makeApiClient(RbacAuthorizationV1Api)
    await rbac.createClusterRole({
      body: {
        metadata: { name: 'see' },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
      },
    })
    await rbac.createClusterRoleBinding({
      body: {
        metadata: { name: 'see' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'see' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' }],
      },
    })
    const authorization = config.makeApiClient(AuthorizationV1Api)
    const ask = (verb: string) =>
      authorization.createSubjectAccessReview({
        body: { spec: { user: 'ann', resourceAttributes: { verb, resource: 'pods' } } },
      })
    expect((await ask('get')).status?.allowed).toBe(true)
    expect((await ask('delete')).status?.allowed).toBe(false)
  })

  it('is told that there are no metrics', async () => {
    await expect(new Metrics(config).getPodMetrics(namespace)).rejects.toMatchObject({ code: 404 })
  })
})
