import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually, openShop, SHOP, SHOP_PODS, type Shop } from './support/shop.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(() => shop.close())

const podOf = (container: object, spec: object = {}) => ({
  metadata: { name: 'one' },
  spec: { containers: [{ name: 'main', image: 'busybox', ...container }], ...spec },
})
const shell = (script: string, more: object = {}) => ({ command: ['sh', '-c', script], ...more })
const start = (pod: object) => shop.send('POST', SHOP_PODS, pod)
const containerOf = (
  test: (status: ReturnType<typeof JSON.parse>) => boolean,
  list = 'containerStatuses',
) =>
  shop
    .until('one', ({ status }) => status?.[list]?.[0] !== undefined && test(status[list][0]))
    .then(({ status }) => status[list][0])
const gone = () => shop.until('one', ({ code }) => code === 404)
const warnings = async () =>
  (await shop.eventsOf('one')).filter((event) => event.startsWith('Warning'))
const logOf = (name: string) => shop.send('GET', `${SHOP_PODS}/${name}/log`)

describe('a hook after the start', () => {
  it('runs before the container counts as running', async () => {
    await start(
      podOf(
        shell('sleep 1000', {
          lifecycle: {
            postStart: { exec: { command: ['sh', '-c', 'sleep 5; echo done > /tmp/hook'] } },
          },
        }),
      ),
    )
    const before = await containerOf((status) => status.containerID !== undefined)
    expect(before.state.waiting?.reason).toBe('ContainerCreating')
    await containerOf((status) => status.ready)
    expect(await shop.exec('one', 'cat /tmp/hook')).toBe('done\n')
  })

  it('that fails ends its container, which starts again later and later', async () => {
    await start(
      podOf(
        shell('sleep 1000', {
          lifecycle: { postStart: { exec: { command: ['sh', '-c', 'echo no >&2; exit 4'] } } },
        }),
      ),
    )
    const failed = await containerOf(
      (status) => status.state.waiting?.reason === 'PostStartHookError',
    )
    expect(failed.state.waiting.message).toMatch(
      /^Exec lifecycle hook \(\[sh -c echo no >&2; exit 4\]\) for Container "main" in Pod "one_shop\(.*\)" failed - error: command 'sh -c echo no >&2; exit 4' exited with 4: no\n, message: "no\\n"$/,
    )
    expect(failed.lastState.terminated.exitCode).toBe(137)
    await containerOf((status) => status.state.waiting?.reason === 'CrashLoopBackOff')
    const events = await shop.eventsOf('one')
    expect(events).toContain('Warning FailedPostStartHook PostStartHook failed')
    expect(events).toContain('Normal Killing FailedPostStartHook')
  })

  it('is left when its pod is deleted, and so is its container, also after a restart', async () => {
    await start(
      podOf(
        shell('sleep 3; exit 1', {
          lifecycle: {
            postStart: {
              exec: { command: ['sh', '-c', 'test -e /v/again && sleep 100000; touch /v/again'] },
            },
          },
          volumeMounts: [{ name: 'v', mountPath: '/v' }],
        }),
        { volumes: [{ name: 'v', emptyDir: {} }], terminationGracePeriodSeconds: 1 },
      ),
    )
    await containerOf((status) => status.restartCount === 1 && status.state.running === undefined)
    await shop.send('DELETE', `${SHOP_PODS}/one`)
    await gone()
    expect(await shop.eventsOf('one')).toContain('Normal Killing Stopping container main')
  })

  it('asks by HTTP, and takes any answer', async () => {
    await start(
      podOf({ image: 'nginx', lifecycle: { postStart: { httpGet: { port: 80, path: '/none' } } } }),
    )
    await containerOf((status) => status.ready)
    expect(await logOf('one')).toContain('"GET /none HTTP/1.1" 404 153 "-" "kube-lifecycle/1.32"')
  })
})

describe('a hook before the end', () => {
  it('runs before the signal, and takes its time from the grace period', async () => {
    await start({
      metadata: { name: 'watch' },
      spec: {
        containers: [
          {
            name: 'main',
            image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
            args: ['netexec'],
          },
        ],
      },
    })
    const { status } = await shop.until('watch', (pod) => pod.status?.containerStatuses?.[0].ready)
    const tell = (what: string) => `wget -qO- "http://${status.podIP}:8080/echo?msg=${what}"`
    await start(
      podOf(
        shell(`trap '${tell('signalled')}; exit 0' TERM; while :; do sleep 1; done`, {
          lifecycle: { preStop: { exec: { command: ['sh', '-c', `sleep 4; ${tell('hook')}`] } } },
        }),
      ),
    )
    await containerOf((entry) => entry.ready)
    await shop.send('DELETE', `${SHOP_PODS}/one`)
    await gone()
    const said = (await logOf('watch')).match(/msg=\w+/g)
    expect(said).toEqual(['msg=hook', 'msg=signalled'])
  })

  it('that fails is an event, and one that lasts too long is left behind', async () => {
    const hook = (command: string) => ({
      lifecycle: { preStop: { exec: { command: ['sh', '-c', command] } } },
    })
    await start(podOf(shell('sleep 1000', hook('exit 1'))))
    await containerOf((status) => status.ready)
    await shop.send('DELETE', `${SHOP_PODS}/one`, { gracePeriodSeconds: 3 })
    await gone()
    expect(await warnings()).toEqual(['Warning FailedPreStopHook PreStopHook failed'])
    await start(podOf(shell('sleep 1000', hook('sleep 100000'))))
    await containerOf((status) => status.ready)
    await shop.send('DELETE', `${SHOP_PODS}/one`, { gracePeriodSeconds: 3 })
    await gone()
  })

  it('sleeps', async () => {
    await start(podOf({ image: 'nginx', lifecycle: { preStop: { sleep: { seconds: 7 } } } }))
    await containerOf((status) => status.ready)
    await shop.send('DELETE', `${SHOP_PODS}/one`)
    // It serves on while the hook waits.
    expect(
      await shop.exec('one', 'sleep 5; curl -s -o /dev/null -w "%{http_code}" localhost'),
    ).toBe('200')
    await gone()
  })
})

describe('the end of a pod', () => {
  it('stops its own containers first, and then its sidecars', async () => {
    const polite = (name: string) => ({
      name,
      image: 'busybox',
      command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1; done'],
    })
    await start({
      metadata: { name: 'one' },
      spec: {
        initContainers: ['first', 'second'].map((name) => ({
          ...polite(name),
          restartPolicy: 'Always',
        })),
        containers: [polite('main')],
      },
    })
    await containerOf((status) => status.ready)
    await shop.send('DELETE', `${SHOP_PODS}/one`)
    await gone()
    const { items } = await shop.send('GET', `${SHOP}/events?fieldSelector=reason%3DKilling`)
    expect(items.map((event: { message: string }) => event.message)).toEqual([
      'Stopping container main',
      'Stopping container second',
      'Stopping container first',
    ])
  })
})

describe('the last words of a container', () => {
  const ended = () => containerOf((status) => status.state.terminated !== undefined)

  it('are what it wrote into its message file', async () => {
    await start(
      podOf(shell('echo working; echo the disk is gone > /dev/termination-log; exit 3'), {
        restartPolicy: 'Never',
      }),
    )
    expect((await ended()).state.terminated).toMatchObject({
      exitCode: 3,
      reason: 'Error',
      message: 'the disk is gone\n',
    })
  })

  it('stand in a file of its choice, of which the end counts', async () => {
    await start(
      podOf(
        shell('ls -l /tmp/last | cut -c1-10 > /tmp/last; seq 2000 >> /tmp/last; rm /tmp/last', {
          terminationMessagePath: '/tmp/last',
        }),
        { restartPolicy: 'Never' },
      ),
    )
    const { message } = (await ended()).state.terminated
    expect(message).toHaveLength(4096)
    expect(message.endsWith('1999\n2000\n')).toBe(true)
  })

  it('are the end of its log where it failed without any and that is asked for', async () => {
    const container = shell('seq 200; exit 1', {
      terminationMessagePolicy: 'FallbackToLogsOnError',
    })
    await start(podOf(container, { restartPolicy: 'Never' }))
    const { message } = (await ended()).state.terminated
    expect(message.split('\n').slice(0, 2)).toEqual(['121', '122'])
    expect(message.endsWith('199\n200\n')).toBe(true)
  })

  it('are none where it had none', async () => {
    await start(podOf(shell('seq 200'), { restartPolicy: 'Never' }))
    expect((await ended()).state.terminated).not.toHaveProperty('message')
  })
})

describe('the security context of a container', () => {
  const refused = async (image: string, container: object, spec: object = {}) => {
    await start(podOf({ image, ...container }, spec))
    const { state } = await containerOf(
      (status) => status.state.waiting?.reason === 'CreateContainerConfigError',
    )
    await shop.send('DELETE', `${SHOP_PODS}/one`, { gracePeriodSeconds: 0 })
    return state.waiting.message.replace(/\(pod: "one_shop\([^)]*\)"/, '(pod: POD')
  }

  it('keeps one from running as root that may not', async () => {
    const securityContext = { runAsNonRoot: true }
    expect(await refused('nginx', { securityContext })).toBe(
      'container has runAsNonRoot and image will run as root (pod: POD, container: main)',
    )
    expect(await refused('nginx', {}, { securityContext })).toMatch(/^container has runAsNonRoot/)
    expect(await refused('curlimages/curl', { securityContext })).toBe(
      'container has runAsNonRoot and image has non-numeric user (curl_user), cannot verify user is non-root (pod: POD, container: main)',
    )
    expect(await refused('nginx', { securityContext: { ...securityContext, runAsUser: 0 } })).toBe(
      "container's runAsUser breaks non-root policy (pod: POD, container: main)",
    )
    await start(podOf({ image: 'nginxinc/nginx-unprivileged', securityContext }))
    await containerOf((status) => status.ready)
  })

  it('takes the right to write into its own files, not into its volumes', async () => {
    await start(
      podOf(
        shell('sleep 1000', {
          securityContext: { readOnlyRootFilesystem: true },
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        }),
        { volumes: [{ name: 'tmp', emptyDir: {} }] },
      ),
    )
    await containerOf((status) => status.ready)
    expect(
      await shop.exec(
        'one',
        'echo a > /etc/a; rm /etc/passwd; mkdir /x; echo b > /tmp/b; cat /tmp/b; echo c > /dev/null; echo d > /dev/termination-log; ls -l /dev/termination-log | cut -c1-10',
      ),
    ).toBe(
      "sh: can't create /etc/a: Read-only file system\nrm: can't remove '/etc/passwd': Read-only file system\nmkdir: can't create directory '/x': Read-only file system\nb\n-rw-rw-rw-\n",
    )
  })
})

describe('pulling images', () => {
  it('is done one at a time, and says how long it took and how much it was', async () => {
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        shop.send('POST', SHOP_PODS, { ...podOf({ image: 'redis:7' }), metadata: { name } }),
      ),
    )
    const pulled = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => {
        await shop.until(name, ({ status }) => status?.containerStatuses?.[0].ready)
        const events = await shop.eventsOf(name)
        return events.find((event) => event.includes('Pulled')) ?? ''
      }),
    )
    expect(pulled[0]).toMatch(
      /^Normal Pulled Successfully pulled image "redis:7" in 5ms \(5ms including waiting\)\. Image size: \d{8} bytes\.$/,
    )
    const waits = pulled
      .slice(1)
      .map((text) => /in (\d+)ms \((\d+)ms including/.exec(text)?.slice(1).map(Number) ?? [])
    for (const [own = 0, all = 0] of waits) expect(all).toBeGreaterThan(own)
  })

  it('is left out where the image is there, and refused where its name is none', async () => {
    const image = (name: string, container: object) =>
      shop.send('POST', SHOP_PODS, { ...podOf(container), metadata: { name } })
    await image('first', { image: 'redis:7' })
    await shop.until('first', ({ status }) => status?.containerStatuses?.[0].ready)
    await image('again', { image: 'redis:7', imagePullPolicy: 'IfNotPresent' })
    await image('always', { image: 'redis:7', imagePullPolicy: 'Always' })
    await image('never', { image: 'redis:7', imagePullPolicy: 'Never' })
    for (const name of ['again', 'always', 'never']) {
      await shop.until(name, ({ status }) => status?.containerStatuses?.[0].ready)
    }
    const present = 'Normal Pulled Container image "redis:7" already present on machine'
    expect(await shop.eventsOf('again')).toContain(present)
    expect(await shop.eventsOf('never')).toContain(present)
    expect(await shop.eventsOf('always')).toContain('Normal Pulling Pulling image "redis:7"')
    await image('bad', { image: 'Redis:7:8' })
    const { status } = await shop.until(
      'bad',
      (pod) => pod.status?.containerStatuses?.[0].state.waiting?.reason === 'InvalidImageName',
    )
    const words =
      'Failed to apply default image tag "Redis:7:8": couldn\'t parse image name "Redis:7:8": invalid reference format'
    expect(status.containerStatuses[0].state.waiting.message).toContain(words)
    const events = await eventually(
      () => shop.eventsOf('bad'),
      (list) => list.some((event) => event.includes('Error: InvalidImageName')),
    )
    expect(events.join('\n')).toContain(`Warning InspectFailed ${words}`)
  })
})
