import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFastClock } from '../../src/platform/fast-clock.ts'
import {
  createSimulatedCluster,
  type SimulatedCluster,
} from '../../src/simulator/simulated-cluster.ts'
import { readAnswer, requestOf } from './support/cluster.ts'

let cluster: SimulatedCluster
const defects: unknown[] = []
beforeEach(async () => {
  cluster = createSimulatedCluster({
    clock: createFastClock(),
    onDefect: (error) => defects.push(error),
  })
  await send('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } })
})
afterEach(async () => {
  await cluster.close()
  expect(defects.splice(0)).toEqual([])
})

const CORE = '/api/v1/namespaces/shop'
const send = async (method: string, url: string, body?: unknown) =>
  (await readAnswer(await cluster.api.handle(requestOf(method, url, body)))).body

/** Waits until the pod `one` passes a test. */
async function until(test: (pod: ReturnType<typeof JSON.parse>) => boolean) {
  while (true) {
    const changed = new Promise<void>((resolve) => {
      const stop = cluster.onChange(() => {
        stop()
        resolve()
      })
    })
    const pod = await send('GET', `${CORE}/pods/one`)
    if (test(pod)) return pod
    await changed
  }
}

const podOf = (script: string, container: object, spec: object = {}) => ({
  metadata: { name: 'one', labels: { app: 'shop' } },
  spec: {
    restartPolicy: 'Never',
    containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', script], ...container }],
    ...spec,
  },
})

/** What the pod prints until it has ended. */
async function printedBy(pod: object): Promise<string> {
  await send('POST', `${CORE}/pods`, pod)
  await until(({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed')
  return send('GET', `${CORE}/pods/one/log`)
}

const eventsOf = async (): Promise<string[]> =>
  (await send('GET', `${CORE}/events`)).items
    .filter((event: { type: string }) => event.type === 'Warning')
    .map((event: { reason: string; message: string }) => `${event.reason}: ${event.message}`)

const configMap = (name: string, data: Record<string, string>) =>
  send('POST', `${CORE}/configmaps`, { metadata: { name }, data })
const secret = (name: string, stringData: Record<string, string>) =>
  send('POST', `${CORE}/secrets`, { metadata: { name }, stringData })

describe('the variables of a container', () => {
  it('come from config maps and secrets, whole or by key, and nothing in them is expanded', async () => {
    await configMap('settings', { LEVEL: 'debug', PRICE: '$(LEVEL) costs $$5' })
    await secret('db', { password: 's3cret' })
    const printed = await printedBy(
      podOf('echo "$LEVEL|$PRICE|$DB_password|$KEY|$OTHER|${MISSING-unset}"', {
        envFrom: [
          { configMapRef: { name: 'settings' } },
          { secretRef: { name: 'db' }, prefix: 'DB_' },
          { configMapRef: { name: 'nowhere', optional: true } },
        ],
        env: [
          { name: 'KEY', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
          { name: 'OTHER', valueFrom: { configMapKeyRef: { name: 'settings', key: 'LEVEL' } } },
          {
            name: 'MISSING',
            valueFrom: { configMapKeyRef: { name: 'settings', key: 'NONE', optional: true } },
          },
        ],
      }),
    )
    expect(printed).toBe('debug|$(LEVEL) costs $$5|s3cret|s3cret|debug|unset\n')
  })

  it('tell a pod about itself', async () => {
    const field = (name: string, fieldPath: string) => ({
      name,
      valueFrom: { fieldRef: { fieldPath } },
    })
    const limit = (name: string, resource: string, divisor?: string) => ({
      name,
      valueFrom: { resourceFieldRef: { resource, divisor } },
    })
    const printed = await printedBy(
      podOf('echo "$NAME $NS $NODE $SA $APP $HOST ${IP%.*} $CPU $MILLI $MEMORY"', {
        resources: { requests: { memory: '64Mi' }, limits: { cpu: '1500m', memory: '128Mi' } },
        env: [
          field('NAME', 'metadata.name'),
          field('NS', 'metadata.namespace'),
          field('NODE', 'spec.nodeName'),
          field('SA', 'spec.serviceAccountName'),
          field('APP', "metadata.labels['app']"),
          field('HOST', 'status.hostIP'),
          field('IP', 'status.podIP'),
          limit('CPU', 'limits.cpu'),
          limit('MILLI', 'limits.cpu', '1m'),
          limit('MEMORY', 'requests.memory', '1Mi'),
        ],
      }),
    )
    expect(printed).toBe(
      'one shop netpol-lab-control-plane default shop 172.18.0.2 10.244.0 2 1500 64\n',
    )
  })

  it('are named by $(NAME) in later ones, in the command and in its arguments', async () => {
    const printed = await printedBy(
      podOf('unused', {
        command: ['echo', '$(URL)', '$$(URL)', '$(PATH)'],
        args: ['$(KUBERNETES_SERVICE_PORT)', '$(NONE)'],
        env: [
          { name: 'HOST', value: 'db' },
          { name: 'URL', value: 'http://$(HOST):$(PORT)' },
        ],
      }),
    )
    expect(printed).toBe('http://db:$(PORT) $(URL) $(PATH) 443 $(NONE)\n')
  })

  it('keep a container from being made until what they refer to is there', async () => {
    await send(
      'POST',
      `${CORE}/pods`,
      podOf('echo "$KEY"', {
        env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'late', key: 'password' } } }],
      }),
    )
    const waiting = await until(
      ({ status }) =>
        status?.containerStatuses?.[0].state.waiting?.reason === 'CreateContainerConfigError',
    )
    expect(waiting.status.phase).toBe('Pending')
    expect(waiting.status.containerStatuses[0].state.waiting.message).toBe(
      'secret "late" not found',
    )
    await secret('late', { user: 'me' })
    await until(({ status }) =>
      status.containerStatuses[0].state.waiting?.message.startsWith("couldn't find key"),
    )
    expect(await eventsOf()).toEqual([
      'Failed: Error: secret "late" not found',
      "Failed: Error: couldn't find key password in Secret shop/late",
    ])
    await send('PUT', `${CORE}/secrets/late`, {
      metadata: { name: 'late' },
      stringData: { password: 'here' },
    })
    const { status } = await until((pod) => pod.status.phase === 'Succeeded')
    expect(status.containerStatuses[0].restartCount).toBe(0)
    expect(await send('GET', `${CORE}/pods/one/log`)).toBe('here\n')
  })
})

describe('the volumes of a pod', () => {
  it('show config maps, secrets and the pod itself as files', async () => {
    await configMap('site', { 'index.html': 'hello\n', 'a.conf': 'x\n' })
    await secret('keys', { key: 'k3y' })
    const printed = await printedBy(
      podOf(
        'ls /etc/site; cat /etc/site/index.html /run/keys/sub/key; echo; cat /etc/me/labels; echo; cat /one.conf; echo no > /etc/site/a.conf',
        {
          volumeMounts: [
            { name: 'site', mountPath: '/etc/site' },
            { name: 'keys', mountPath: '/run/keys/' },
            { name: 'me', mountPath: '/etc/me' },
            { name: 'site', mountPath: '/one.conf', subPath: 'a.conf' },
          ],
        },
        {
          volumes: [
            { name: 'site', configMap: { name: 'site' } },
            {
              name: 'keys',
              secret: { secretName: 'keys', items: [{ key: 'key', path: 'sub/key' }] },
            },
            {
              name: 'me',
              downwardAPI: {
                items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }],
              },
            },
          ],
        },
      ),
    )
    expect(printed).toBe(
      'a.conf\nindex.html\nhello\nk3y\napp="shop"\nx\nsh: can\'t create /etc/site/a.conf: Read-only file system\n',
    )
  })

  it('hide what the image has in their place, so that nginx serves a config map', async () => {
    await configMap('site', { 'index.html': 'from a config map\n' })
    const printed = await printedBy(
      podOf(
        'nginx >/dev/null 2>&1 & sleep 1; ls /usr/share/nginx/html; curl -s localhost',
        { image: 'nginx', volumeMounts: [{ name: 'site', mountPath: '/usr/share/nginx/html' }] },
        { volumes: [{ name: 'site', configMap: { name: 'site' } }] },
      ),
    )
    expect(printed).toBe('index.html\nfrom a config map\n')
  })

  it('carry the token of the pod’s account and its namespace', async () => {
    const printed = await printedBy(
      podOf(
        'cd /var/run/secrets/kubernetes.io/serviceaccount; ls; cat namespace; echo; cat token',
        {},
      ),
    )
    const [namespace, token, name, jwt = ''] = printed.split('\n')
    expect([namespace, token, name]).toEqual(['namespace', 'token', 'shop'])
    expect(JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
      sub: 'system:serviceaccount:shop:default',
      'kubernetes.io': { pod: { name: 'one' } },
    })
  })

  it('keep a pod from starting until their objects are there', async () => {
    await send(
      'POST',
      `${CORE}/pods`,
      podOf(
        'cat /etc/site/greeting',
        { volumeMounts: [{ name: 'site', mountPath: '/etc/site' }] },
        { volumes: [{ name: 'site', configMap: { name: 'late' } }] },
      ),
    )
    await until(({ status }) => status?.containerStatuses !== undefined)
    await configMap('late', { greeting: 'hello' })
    const { status } = await until((pod) => pod.status.phase === 'Succeeded')
    expect(status.containerStatuses[0].restartCount).toBe(0)
    expect(await send('GET', `${CORE}/pods/one/log`)).toBe('hello')
    expect(await eventsOf()).toEqual([
      'FailedMount: MountVolume.SetUp failed for volume "site" : configmap "late" not found',
    ])
  })

  it('say so where they are not simulated', async () => {
    const printed = await printedBy(
      podOf(
        'echo kept > /cache/file; cat /cache/file; ls /host | wc -l',
        {
          volumeMounts: [
            { name: 'cache', mountPath: '/cache' },
            { name: 'host', mountPath: '/host' },
          ],
        },
        {
          volumes: [
            { name: 'cache', emptyDir: {} },
            { name: 'host', hostPath: { path: '/var/log' } },
          ],
        },
      ),
    )
    expect(printed).toBe('kept\n0\n')
    expect(await eventsOf()).toEqual([
      'NotSimulated: Volumes of type hostPath are not simulated: containers get an empty folder for "host"',
    ])
  })
})
