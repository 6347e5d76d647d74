import { PassThrough, Readable, Writable } from 'node:stream'
import {
  ADD,
  AppsV1Api,
  Attach,
  CoreV1Api,
  DELETE,
  Exec,
  type KubeConfig,
  KubernetesObjectApi,
  Log,
  makeInformer,
  NetworkingV1Api,
  PatchStrategy,
  setHeaderOptions,
  UPDATE,
  type V1Status,
  Watch,
} from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubeConfigOf, openTestCluster, PODS, podOf, type TestCluster } from '../support/cluster.ts'

let cluster: TestCluster
let config: KubeConfig
let core: CoreV1Api
beforeAll(async () => {
  cluster = openTestCluster()
  config = kubeConfigOf(await cluster.listen())
  core = config.makeApiClient(CoreV1Api)
  await cluster.send('POST', PODS, podOf('web', 'sleep'))
  await cluster.until(
    PODS,
    ({ object }) => object.metadata.name === 'web' && object.status.phase === 'Running',
  )
})
afterAll(() => cluster.close())

const namespace = 'default'

describe('@kubernetes/client-node', () => {
  it('lists and reads typed objects', async () => {
    const { items } = await core.listNamespace()
    expect(items.map((item) => item.metadata?.name)).toEqual([
      'default',
      'kube-node-lease',
      'kube-public',
      'kube-system',
    ])
    const pod = await core.readNamespacedPod({ name: 'web', namespace })
    expect(pod.status?.podIP).toMatch(/^10\.244\.0\.\d+$/)
    expect(pod.metadata?.creationTimestamp).toBeInstanceOf(Date)
  })

  it('creates, replaces, patches and deletes a policy', async () => {
    const networking = config.makeApiClient(NetworkingV1Api)
    const name = 'np'
    const body = { metadata: { name }, spec: { podSelector: { matchLabels: { app: 'web' } } } }
    const created = await networking.createNamespacedNetworkPolicy({ namespace, body })
    expect(created.spec?.policyTypes).toEqual(['Ingress'])
    const replaced = await networking.replaceNamespacedNetworkPolicy({
      name,
      namespace,
      body: { ...body, spec: { ...body.spec, policyTypes: ['Egress'] } },
    })
    expect(replaced.metadata?.generation).toBe(2)
    const patched = await networking.patchNamespacedNetworkPolicy(
      { name, namespace, body: { spec: { policyTypes: ['Ingress', 'Egress'] } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    )
    expect(patched.spec?.policyTypes).toEqual(['Ingress', 'Egress'])
    const applied = await networking.patchNamespacedNetworkPolicy(
      {
        name,
        namespace,
        fieldManager: 'lab',
        force: true,
        body: {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name },
          spec: { podSelector: {} },
        },
      },
      setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
    )
    expect(applied.spec?.podSelector).toEqual({})
    await networking.deleteNamespacedNetworkPolicy({ name, namespace })
    await expect(networking.readNamespacedNetworkPolicy({ name, namespace })).rejects.toMatchObject(
      { code: 404 },
    )
  })

  it('gives an error the Status of the server', async () => {
    const refused = core.createNamespacedPod({
      namespace,
      body: { metadata: { name: 'Web' }, spec: { containers: [] } },
    })
    await expect(refused).rejects.toMatchObject({
      code: 422,
      body: expect.stringContaining('"reason":"Invalid"'),
    })
  })

  it('works on objects of any kind', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config)
    const header = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'any', namespace } }
    await objects.create({ ...header, data: { a: '1' } })
    const read = await objects.read(header)
    expect(read).toMatchObject({ data: { a: '1' } })
    await objects.patch(
      { ...header, data: { b: '2' } },
      undefined,
      undefined,
      undefined,
      undefined,
      PatchStrategy.StrategicMergePatch,
    )
    expect(await objects.read(header)).toMatchObject({ data: { a: '1', b: '2' } })
    await objects.delete(header)
  })

  it('watches', async () => {
    const seen: string[] = []
    await new Promise<void>((resolve, reject) => {
      const path = `/api/v1/namespaces/${namespace}/configmaps`
      const handle = new Watch(config).watch(
        path,
        { labelSelector: 'watched=yes' },
        (type, object) => {
          seen.push(`${type} ${object.metadata.name}`)
          if (seen.length === 2) handle.then((controller) => controller.abort(), reject)
        },
        () => resolve(),
      )
      handle
        .then(() =>
          core.createNamespacedConfigMap({
            namespace,
            body: { metadata: { name: 'w', labels: { watched: 'yes' } } },
          }),
        )
        .then(() => core.deleteNamespacedConfigMap({ name: 'w', namespace }))
        .catch(reject)
    })
    expect(seen).toEqual(['ADDED w', 'DELETED w'])
  })

  it('keeps an informer up to date', async () => {
    const labelSelector = 'informed=yes'
    const informer = makeInformer(
      config,
      '/api/v1/namespaces/default/configmaps',
      () => core.listNamespacedConfigMap({ namespace, labelSelector }),
      labelSelector,
    )
    const seen: string[] = []
    const done = new Promise<void>((resolve) => {
      const note = (verb: string) => (object: { metadata?: { name?: string } }) => {
        seen.push(`${verb} ${object.metadata?.name}`)
        if (verb === 'delete') resolve()
      }
      informer.on(ADD, note('add'))
      informer.on(UPDATE, note('update'))
      informer.on(DELETE, note('delete'))
      informer.on('error', () => {})
    })
    const body = { metadata: { name: 'i', labels: { informed: 'yes' } } }
    await informer.start()
    await core.createNamespacedConfigMap({ namespace, body })
    await core.replaceNamespacedConfigMap({
      name: 'i',
      namespace,
      body: { ...body, data: { x: 'y' } },
    })
    await core.deleteNamespacedConfigMap({ name: 'i', namespace })
    await done
    await informer.stop()
    expect(seen).toEqual(['add i', 'update i', 'delete i'])
  })

  it('runs a command in a pod', async () => {
    const out = collect()
    const status = await new Promise<V1Status>((resolve, reject) => {
      new Exec(config)
        .exec(namespace, 'web', 'main', ['fail', '7'], out.stream, out.stream, null, false, resolve)
        .catch(reject)
    })
    expect(out.text()).toBe('it failed\n')
    expect(status.details?.causes?.[0]).toMatchObject({ reason: 'ExitCode', message: '7' })
  })

  it('feeds the stdin of a command and ends it', async () => {
    const out = collect()
    const status = await new Promise<V1Status>((resolve, reject) => {
      new Exec(config)
        .exec(
          namespace,
          'web',
          'main',
          ['cat'],
          out.stream,
          null,
          Readable.from([Buffer.from('in')]),
          false,
          resolve,
        )
        .catch(reject)
    })
    expect(status.status).toBe('Success')
    expect(out.text()).toBe('in')
  })

  it('attaches', async () => {
    const out = new PassThrough()
    const socket = await new Attach(config).attach(namespace, 'web', 'main', out, null, null, false)
    expect(String(await new Promise((resolve) => out.once('data', resolve)))).toBe(
      'attached to main\n',
    )
    socket.close()
  })

  it('reads and follows a log', async () => {
    expect(await core.readNamespacedPodLog({ name: 'web', namespace })).toBe('started main\n')
    const out = new PassThrough()
    const gone = await new Log(config).log(namespace, 'web', 'main', out, { follow: true })
    expect(String(await new Promise((resolve) => out.once('data', resolve)))).toBe('started main\n')
    gone.abort()
  })

  it('sees a deployment become available', async () => {
    const apps = config.makeApiClient(AppsV1Api)
    const labels = { app: 'd' }
    await apps.createNamespacedDeployment({
      namespace,
      body: {
        metadata: { name: 'd' },
        spec: {
          replicas: 2,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'nginx' }] } },
        },
      },
    })
    await cluster.until(
      '/apis/apps/v1/namespaces/default/deployments',
      ({ object }) => object.status.availableReplicas === 2,
    )
    const pods = await core.listNamespacedPod({ namespace, labelSelector: 'app=d' })
    expect(pods.items.map((pod) => pod.metadata?.name)).toEqual([
      expect.stringMatching(/^d-[a-z0-9]{10}-[a-z0-9]{5}$/),
      expect.stringMatching(/^d-[a-z0-9]{10}-[a-z0-9]{5}$/),
    ])
  })

  it('is refused with a wrong token', async () => {
    const wrong = kubeConfigOf(await cluster.listen(), 'wrong').makeApiClient(CoreV1Api)
    await expect(wrong.listNamespace()).rejects.toMatchObject({ code: 401 })
  })
})

function collect() {
  const chunks: Buffer[] = []
  return {
    stream: new Writable({
      write(chunk, _encoding, done) {
        chunks.push(Buffer.from(chunk))
        done()
      },
    }),
    text: () => Buffer.concat(chunks).toString(),
  }
}
