import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { requestOf } from './support/cluster.ts'
import { eventually, openShop, SHOP, SHOP_PODS, type Shop } from './support/shop.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(() => shop.close())

const STRATEGIC = 'application/strategic-merge-patch+json'
const web = (more: object = {}) => ({
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: { containers: [{ name: 'nginx', image: 'nginx' }], ...more },
})
const debug = (container: object, pod = 'web') =>
  shop.send(
    'PATCH',
    `${SHOP_PODS}/${pod}/ephemeralcontainers`,
    { spec: { ephemeralContainers: [container] } },
    STRATEGIC,
  )
const shell = (name: string, script: string, more: object = {}) => ({
  name,
  image: 'nicolaka/netshoot',
  command: ['sh', '-c', script],
  ...more,
})
const start = async (pod: { metadata: { name: string; labels?: object } }) => {
  const created = await shop.send('POST', SHOP_PODS, pod)
  expect(created.kind).toBe('Pod')
  await shop.until(pod.metadata.name, ({ status }) => status?.phase === 'Running')
}
type Status = { name: string; state: Record<string, { exitCode?: number }>; ready: boolean }
const statusOf = (name: string, test: (status: Status) => boolean, pod = 'web') =>
  shop.until(pod, ({ status }) =>
    status.ephemeralContainerStatuses?.some((entry: Status) => entry.name === name && test(entry)),
  )
const runningNow = (name: string, pod = 'web') =>
  statusOf(name, ({ state }) => state.running !== undefined, pod)
const ended = (name: string) => statusOf(name, ({ state }) => state.terminated !== undefined)
const logOf = (name: string) => shop.send('GET', `${SHOP_PODS}/web/log?container=${name}`)

describe('an ephemeral container', () => {
  it('runs beside the others, once, with a status, a log and events of its own', async () => {
    await start(web())
    const patched = await debug(shell('debugger', 'echo looked; exit 3'))
    expect(patched.spec.ephemeralContainers).toEqual([
      {
        name: 'debugger',
        image: 'nicolaka/netshoot',
        command: ['sh', '-c', 'echo looked; exit 3'],
        imagePullPolicy: 'Always',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
      },
    ])
    const { status } = await ended('debugger')
    expect(status.ephemeralContainerStatuses).toEqual([
      expect.objectContaining({
        name: 'debugger',
        image: 'docker.io/nicolaka/netshoot:latest',
        ready: false,
        restartCount: 0,
        state: { terminated: expect.objectContaining({ exitCode: 3, reason: 'Error' }) },
      }),
    ])
    expect(status.phase).toBe('Running')
    expect(status.containerStatuses).toHaveLength(1)
    expect(await logOf('debugger')).toBe('looked\n')
    expect(await shop.eventsOf('web')).toContain('Normal Started Started container debugger')
    const { items } = await shop.send(
      'GET',
      `${SHOP}/events?fieldSelector=involvedObject.name%3Dweb`,
    )
    expect(
      items.map(
        (event: { involvedObject: { fieldPath?: string } }) => event.involvedObject.fieldPath,
      ),
    ).toContain('spec.ephemeralContainers{debugger}')
  })

  it('has the network of its pod, so that policies apply to it', async () => {
    await start(web())
    await start({ ...web(), metadata: { name: 'db', labels: { app: 'db' } } })
    const { status } = await shop.send('GET', `${SHOP_PODS}/db`)
    const policy = (from: string) => ({
      metadata: { name: `from-${from}` },
      spec: {
        podSelector: { matchLabels: { app: 'db' } },
        ingress: [{ from: [{ podSelector: { matchLabels: { app: from } } }] }],
      },
    })
    const look = `curl -s -o /dev/null -w '%{http_code}' -m 3 ${status.podIP}; curl -s -o /dev/null -w ' %{http_code}\\n' localhost`
    const policies = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies'
    await shop.send('POST', policies, policy('other'))
    await debug(shell('denied', look))
    await ended('denied')
    expect(await logOf('denied')).toBe('000 200\n')
    await shop.send('POST', policies, policy('web'))
    await debug(shell('allowed', look))
    await ended('allowed')
    expect(await logOf('allowed')).toBe('200 200\n')
  })

  it('sees the processes of the container that it targets, and ends with it', async () => {
    await start(
      web({
        containers: [{ name: 'app', image: 'busybox', command: ['sh', '-c', 'sleep 11111; true'] }],
      }),
    )
    await debug(shell('alone', 'ps -o args', {}))
    await debug(shell('beside', 'ps -o pid,args; sleep 1000', { targetContainerName: 'app' }))
    await ended('alone')
    expect(await logOf('alone')).not.toContain('11111')
    await runningNow('beside')
    const seen = await eventually(
      () => logOf('beside'),
      (text: string) => text.includes('ps -o'),
    )
    expect(seen).toMatch(/^ +1 sh -c sleep 11111; true\n +\d+ sleep 11111\n/m)
    // The process that holds the others together ends, and all with it.
    await shop.exec('web', 'kill -9 $(pidof sleep)', 'app').catch(() => '')
    const { status } = await ended('beside')
    expect(status.ephemeralContainerStatuses[1].state.terminated.exitCode).toBe(137)
  })

  it('takes only its own processes along when it ends', async () => {
    await start(
      web({ containers: [{ name: 'app', image: 'busybox', command: ['sleep', '11111'] }] }),
    )
    await debug(shell('beside', 'sleep 222 & echo ok', { targetContainerName: 'app' }))
    const { status } = await ended('beside')
    expect(status.containerStatuses[0]).toMatchObject({ restartCount: 0, ready: true })
    expect(await shop.exec('web', 'ps -o args', 'app')).not.toContain('222')
  })

  it('is attached to on a terminal', async () => {
    await start(web())
    await debug(shell('debugger', 'read name; echo "hello $name"', { stdin: true, tty: true }))
    await runningNow('debugger')
    const command = await shop.cluster.api.connect(
      requestOf(
        'GET',
        `${SHOP_PODS}/web/attach?container=debugger&stdin=true&stdout=true&tty=true`,
      ),
    )
    if (!('start' in command)) throw new Error(JSON.stringify(command))
    let out = ''
    await command.start({
      stdin: (async function* () {
        yield new TextEncoder().encode('you\r')
      })(),
      stdout: (chunk) => {
        out += new TextDecoder().decode(chunk)
      },
      stderr: () => {},
      terminal: { columns: 80, rows: 24 },
    }).ended
    expect(out).toContain('hello you\r\n')
  })

  it('mounts the volumes of its pod', async () => {
    await start(
      web({
        volumes: [{ name: 'logs', emptyDir: {} }],
        containers: [
          {
            name: 'app',
            image: 'busybox',
            command: ['sh', '-c', 'echo written > /logs/a; sleep 1000'],
            volumeMounts: [{ name: 'logs', mountPath: '/logs' }],
          },
        ],
      }),
    )
    await debug(shell('look', 'cat /v/a', { volumeMounts: [{ name: 'logs', mountPath: '/v' }] }))
    await ended('look')
    expect(await logOf('look')).toBe('written\n')
  })

  it('waits for the container that it targets', async () => {
    const containers = [
      { name: 'app', image: 'nginx' },
      { name: 'broken', image: 'nosuch.example/x:1' },
    ]
    await shop.send('POST', SHOP_PODS, web({ containers }))
    await shop.until('web', ({ status }) => status?.containerStatuses?.[0].ready === true)
    await debug(shell('beside', 'true', { targetContainerName: 'broken' }))
    const { status } = await statusOf(
      'beside',
      ({ state }) =>
        state.waiting !== undefined && Reflect.get(state.waiting, 'message') !== undefined,
    )
    expect(status.ephemeralContainerStatuses[0].state.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message: 'unable to find target container broken',
    })
  })

  it('has ended when the cluster is opened again', async () => {
    await start(web())
    await debug(shell('debugger', 'sleep 1000'))
    await runningNow('debugger')
    const saved = JSON.parse(JSON.stringify(shop.cluster.save()))
    await shop.close()
    shop = await openShop({ saved })
    const { status } = await ended('debugger')
    expect(status.ephemeralContainerStatuses[0].state.terminated).toMatchObject({
      exitCode: 137,
      reason: 'ContainerStatusUnknown',
    })
    expect(status.phase).toBe('Running')
  })
})

describe('a request about ephemeral containers', () => {
  it('changes nothing else, whether it replaces or patches', async () => {
    await start(web())
    const pod = await shop.send('GET', `${SHOP_PODS}/web`)
    const replaced = await shop.send('PUT', `${SHOP_PODS}/web/ephemeralcontainers`, {
      ...pod,
      metadata: { ...pod.metadata, labels: { app: 'other' } },
      spec: {
        ...pod.spec,
        containers: [{ ...pod.spec.containers[0], image: 'httpd' }],
        ephemeralContainers: [shell('debugger', 'sleep 1000')],
      },
    })
    expect(replaced.metadata.labels).toEqual({ app: 'web' })
    expect(replaced.spec.containers[0].image).toBe('nginx')
    expect(replaced.spec.ephemeralContainers).toHaveLength(1)
    const stale = await shop.send('PUT', `${SHOP_PODS}/web/ephemeralcontainers`, pod)
    expect(stale.reason).toBe('Conflict')
  })

  it('is refused in the words of Kubernetes', async () => {
    await start(web())
    await debug(shell('debugger', 'sleep 1000'))
    const refused = async (answer: Promise<{ message: string }>) => (await answer).message
    const invalid = 'Pod "web" is invalid: spec.ephemeralContainers'
    expect(await refused(debug(shell('nginx', 'true')))).toBe(
      `${invalid}[1].name: Duplicate value: "nginx"`,
    )
    expect(await refused(debug(shell('x', 'true', { targetContainerName: 'none' })))).toBe(
      `${invalid}[1].targetContainerName: Not found: "none"`,
    )
    expect(
      await refused(
        debug(
          shell('x', 'true', {
            ports: [{ containerPort: 80 }],
            resources: { limits: { cpu: '1' } },
            livenessProbe: { exec: { command: ['true'] } },
          }),
        ),
      ),
    ).toBe(
      `Pod "web" is invalid: [spec.ephemeralContainers[1].ports: Forbidden: cannot be set for an Ephemeral Container, spec.ephemeralContainers[1].resources: Forbidden: cannot be set for an Ephemeral Container, spec.ephemeralContainers[1].livenessProbe: Forbidden: cannot be set for an Ephemeral Container]`,
    )
    expect(await refused(debug(shell('debugger', 'false')))).toBe(
      `${invalid}: Forbidden: existing ephemeral containers "debugger" may not be changed\n`,
    )
    const pod = await shop.send('GET', `${SHOP_PODS}/web`)
    const without = { ...pod, spec: { ...pod.spec, ephemeralContainers: [] } }
    expect(await refused(shop.send('PUT', `${SHOP_PODS}/web/ephemeralcontainers`, without))).toBe(
      `${invalid}: Forbidden: existing ephemeral containers "debugger" may not be removed\n`,
    )
    expect(
      await refused(
        shop.send('POST', SHOP_PODS, {
          ...web({ ephemeralContainers: [shell('x', 'true')] }),
          metadata: { name: 'two' },
        }),
      ),
    ).toBe('Pod "two" is invalid: spec.ephemeralContainers: Forbidden: cannot be set on create')
    expect(
      (await shop.send('PATCH', `${SHOP_PODS}/none/ephemeralcontainers`, {}, STRATEGIC)).message,
    ).toBe('pods "none" not found')
  })
})

describe('a pod whose containers share their processes', () => {
  it('shows them all to each', async () => {
    await start(
      web({
        shareProcessNamespace: true,
        containers: [
          { name: 'app', image: 'busybox', command: ['sleep', '11111'] },
          { name: 'other', image: 'busybox', command: ['sleep', '22222'] },
        ],
      }),
    )
    const seen = await shop.exec('web', 'ps -o pid,args', 'other')
    expect(seen).toMatch(/ +1 \/pause\n/)
    expect(seen).toContain('sleep 11111')
    expect(seen).toContain('sleep 22222')
    await shop.exec('web', 'kill $(pgrep -f 22222)', 'app')
    await shop.until('web', ({ status }) =>
      status.containerStatuses.some(
        (entry: { name: string; restartCount: number }) =>
          entry.name === 'other' && entry.restartCount === 1,
      ),
    )
    expect(
      (await shop.send('GET', `${SHOP_PODS}/web`)).status.containerStatuses[0].restartCount,
    ).toBe(0)
  })
})
