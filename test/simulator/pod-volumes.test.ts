import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually, openShop, SHOP, SHOP_PODS, type Shop } from './support/shop.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(() => shop.close())

const container = (name: string, script: string, mounts: readonly object[], more: object = {}) => ({
  name,
  image: 'busybox',
  command: ['sh', '-c', script],
  volumeMounts: mounts,
  ...more,
})
const podOf = (spec: object) => ({
  metadata: { name: 'one', labels: { app: 'shop' } },
  spec: { restartPolicy: 'Never', automountServiceAccountToken: false, ...spec },
})
const configMap = (name: string, object: object) =>
  shop.send('POST', `${SHOP}/configmaps`, { metadata: { name }, ...object })
const replaceConfigMap = (name: string, object: object) =>
  shop.send('PUT', `${SHOP}/configmaps/${name}`, { metadata: { name }, ...object })
const secret = (name: string, stringData: object) =>
  shop.send('POST', `${SHOP}/secrets`, { metadata: { name }, stringData })

describe('an emptyDir', () => {
  const volumes = [{ name: 'cache', emptyDir: {} }]
  const mount = { name: 'cache', mountPath: '/cache' }

  it('is shared by the containers of its pod, those that prepare it too', async () => {
    const printed = await shop.printedBy(
      podOf({
        volumes,
        initContainers: [container('prepare', 'echo ready > /cache/state', [mount])],
        containers: [
          container(
            'main',
            'cat /data/state; while ! cat /data/reply 2>/dev/null; do sleep 1; done',
            [{ name: 'cache', mountPath: '/data' }],
          ),
          container('other', 'sleep 3; echo hello from other > /cache/reply', [mount]),
        ],
      }),
      'main',
    )
    expect(printed).toBe('ready\nhello from other\n')
  })

  it('outlives the restarts of a container, and not its pod', async () => {
    const pod = podOf({
      restartPolicy: 'Always',
      volumes,
      containers: [
        container('main', 'echo run >> /cache/runs; wc -l < /cache/runs; sleep 5; exit 1', [mount]),
      ],
    })
    await shop.send('POST', SHOP_PODS, pod)
    await shop.until('one', ({ status }) => status?.containerStatuses?.[0].restartCount >= 2)
    expect(Number(await shop.exec('one', 'wc -l < /cache/runs'))).toBeGreaterThanOrEqual(2)
    await shop.send('DELETE', `${SHOP_PODS}/one`, { gracePeriodSeconds: 0 })
    await shop.send('POST', SHOP_PODS, pod)
    await shop.until('one', ({ status }) => status?.phase === 'Running')
    expect(await shop.exec('one', 'cat /cache/runs')).toBe('run\n')
  })

  it('takes files of a part of it, by subPath and by subPathExpr', async () => {
    const printed = await shop.printedBy(
      podOf({
        volumes,
        containers: [
          container(
            'main',
            'echo a > /a/file; echo b > /b/file; find /all -type f | sort; ls -ld /all | cut -c1-10',
            [
              { name: 'cache', mountPath: '/a', subPath: 'left' },
              { name: 'cache', mountPath: '/b', subPathExpr: 'right/$(POD)' },
              { name: 'cache', mountPath: '/all' },
            ],
            { env: [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
          ),
        ],
      }),
    )
    expect(printed).toBe('/all/left/file\n/all/right/one/file\ndrwxrwxrwx\n')
  })

  it('keeps a container from being made where subPathExpr names a variable that is not there', async () => {
    await shop.send(
      'POST',
      SHOP_PODS,
      podOf({
        volumes,
        containers: [
          container('main', 'true', [{ name: 'cache', mountPath: '/a', subPathExpr: '$(NONE)' }]),
        ],
      }),
    )
    const { status } = await shop.until(
      'one',
      (pod) =>
        pod.status?.containerStatuses?.[0].state.waiting?.reason === 'CreateContainerConfigError',
    )
    expect(status.containerStatuses[0].state.waiting.message).toBe('missing value for NONE')
  })

  it('cannot be written where it is mounted read-only', async () => {
    const printed = await shop.printedBy(
      podOf({
        volumes,
        containers: [
          container(
            'main',
            'cd /view; echo kept > /cache/a; cat a; echo x > b; echo x > a; rm a; mkdir d; mv a c; chmod 600 a; touch a; ln -s a l; ls',
            [mount, { name: 'cache', mountPath: '/view', readOnly: true }],
          ),
        ],
      }),
    )
    expect(printed).toBe(
      [
        'kept',
        "sh: can't create b: Read-only file system",
        "sh: can't create a: Read-only file system",
        "rm: can't remove 'a': Read-only file system",
        "mkdir: can't create directory 'd': Read-only file system",
        "mv: can't rename 'a': Read-only file system",
        'chmod: a: Read-only file system',
        'touch: a: Read-only file system',
        'ln: l: Read-only file system',
        'a',
        '',
      ].join('\n'),
    )
  })

  it('in memory is as large as its limit says', async () => {
    const printed = await shop.printedBy(
      podOf({
        volumes: [{ name: 'cache', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }],
        containers: [
          container('main', 'ls -ld /cache | cut -c1-10; head -c 2000000 /dev/zero > /cache/big', [
            mount,
          ]),
        ],
      }),
    )
    expect(printed).toBe('drwxrwxrwt\nhead: No space left on device\n')
  })

  it('is there again when the cluster is opened again', async () => {
    await shop.send(
      'POST',
      SHOP_PODS,
      podOf({ volumes, containers: [container('main', 'sleep 100000', [mount])] }),
    )
    await shop.until('one', ({ status }) => status?.phase === 'Running')
    await shop.exec('one', 'mkdir /cache/d; echo kept > /cache/d/file')
    const saved = JSON.parse(JSON.stringify(shop.cluster.save()))
    await shop.close()
    shop = await openShop({ saved })
    await shop.until('one', ({ status }) => status?.phase === 'Running')
    const seen = await eventually(
      () => shop.exec('one', 'cat /cache/d/file').catch(() => ''),
      (text) => text !== '',
    )
    expect(seen).toBe('kept\n')
  })
})

describe('a volume of a config map', () => {
  const volume = (more: object = {}) => [{ name: 'site', configMap: { name: 'site', ...more } }]
  const mount = { name: 'site', mountPath: '/etc/site' }
  const run = async (spec: object) => {
    await shop.send('POST', SHOP_PODS, podOf(spec))
    await shop.until('one', ({ status }) => status?.phase === 'Running')
  }

  it('has its files behind links, as the kubelet makes them', async () => {
    await configMap('site', { data: { 'index.html': 'hello\n', 'a.conf': 'x\n' } })
    await run({ volumes: volume(), containers: [container('main', 'sleep 100000', [mount])] })
    const listed = await shop.exec('one', "ls -la /etc/site | awk '{print $1, $9, $10, $11}'")
    expect(listed.replaceAll(/\.\.\d{4}(_\d\d){5}\.\d+/g, '..TIME').split('\n')).toEqual([
      'total   ',
      'drwxrwxrwx .  ',
      'drwxr-xr-x ..  ',
      'drwxr-xr-x ..TIME  ',
      'lrwxrwxrwx ..data -> ..TIME',
      'lrwxrwxrwx a.conf -> ..data/a.conf',
      'lrwxrwxrwx index.html -> ..data/index.html',
      '',
    ])
    expect(await shop.exec('one', 'ls -lL /etc/site/a.conf | cut -c1-10; cat /etc/site/*')).toBe(
      '-rw-r--r--\nx\nhello\n',
    )
  })

  it('gives its files the modes and the paths that are asked for, and bytes that are no text', async () => {
    await configMap('site', {
      data: { run: '#!/bin/sh\necho ran\n', plain: 'p' },
      binaryData: { image: Buffer.from([0, 255, 254]).toString('base64') },
    })
    await run({
      volumes: volume({
        defaultMode: 0o400,
        items: [
          { key: 'run', path: 'bin/run', mode: 0o755 },
          { key: 'image', path: 'image' },
        ],
      }),
      containers: [container('main', 'sleep 100000', [mount])],
    })
    expect(
      await shop.exec(
        'one',
        'cd /etc/site; ls; ls -lL bin/run image | cut -c1-10; bin/run; od -t x1 -An image',
      ),
    ).toBe('bin\nimage\n-rwxr-xr-x\n-r--------\nran\n 00 ff fe\n')
  })

  it('follows its object in one step: keys that change, come and go', async () => {
    await configMap('site', { data: { a: 'one', b: 'one' } })
    await run({
      volumes: volume(),
      containers: [
        container('main', 'sleep 100000', [
          mount,
          { name: 'site', mountPath: '/fixed', subPath: 'a' },
        ]),
      ],
    })
    const data = () => shop.exec('one', 'readlink /etc/site/..data')
    const before = await data()
    expect(await data()).toBe(before)
    await replaceConfigMap('site', { data: { a: 'two', c: 'two' } })
    expect(await shop.exec('one', 'cd /etc/site; ls; cat a c; cat /fixed')).toBe('a\nc\ntwotwoone')
    expect(await data()).not.toBe(before)
    expect((await shop.exec('one', 'ls -A /etc/site')).split('\n')).toHaveLength(5)
    await shop.send('DELETE', `${SHOP}/configmaps/site`)
    expect(await shop.exec('one', 'cat /etc/site/c')).toBe('two')
  })

  it('goes on giving an open file what it had when it was opened', async () => {
    await configMap('site', { data: { a: 'one\n' } })
    await run({
      volumes: volume(),
      containers: [
        container('main', 'exec 3< /etc/site/a; sleep 20; cat <&3; sleep 100000', [mount]),
      ],
    })
    await replaceConfigMap('site', { data: { a: 'two\n' } })
    const log = () => shop.send('GET', `${SHOP_PODS}/one/log`)
    expect(await eventually(log, (text) => text !== '')).toBe('one\n')
  })

  it('cannot be written', async () => {
    await configMap('site', { data: { a: 'one' } })
    await run({ volumes: volume(), containers: [container('main', 'sleep 100000', [mount])] })
    expect(
      await shop.exec(
        'one',
        'cd /etc/site; echo x > a; echo x > new; rm a; mkdir d; rmdir /etc/site; ls',
      ),
    ).toBe(
      [
        "sh: can't create a: Read-only file system",
        "sh: can't create new: Read-only file system",
        "rm: can't remove 'a': Read-only file system",
        "mkdir: can't create directory 'd': Read-only file system",
        "rmdir: '/etc/site': Resource busy",
        'a',
        '',
      ].join('\n'),
    )
  })

  it('may be missing where it is optional, and is filled when it comes', async () => {
    await run({
      volumes: volume({ optional: true }),
      containers: [container('main', 'sleep 100000', [mount])],
    })
    expect(await shop.exec('one', 'ls /etc/site')).toBe('')
    await configMap('site', { data: { a: 'here' } })
    expect(await shop.exec('one', 'cat /etc/site/a')).toBe('here')
  })

  it('has an empty folder where a subPath names no key', async () => {
    await configMap('site', { data: { a: 'one' } })
    await run({
      volumes: volume(),
      containers: [
        container('main', 'sleep 100000', [{ name: 'site', mountPath: '/etc/b', subPath: 'b' }]),
      ],
    })
    expect(await shop.exec('one', 'ls -ld /etc/b | cut -c1; ls /etc/b')).toBe('d\n')
  })

  it('keeps a pod waiting for a key that is not there', async () => {
    await configMap('site', { data: { a: 'one' } })
    await secret('keys', { a: 'one' })
    await shop.send(
      'POST',
      SHOP_PODS,
      podOf({
        volumes: [
          ...volume({ items: [{ key: 'b', path: 'b' }] }),
          { name: 'keys', secret: { secretName: 'keys', items: [{ key: 'c', path: 'c' }] } },
        ],
        containers: [container('main', 'cat /etc/site/b', [mount])],
      }),
    )
    await shop.until('one', ({ status }) => status?.containerStatuses !== undefined)
    await replaceConfigMap('site', { data: { b: 'here' } })
    await shop.send('PUT', `${SHOP}/secrets/keys`, {
      metadata: { name: 'keys' },
      stringData: { c: 'x' },
    })
    await shop.until('one', ({ status }) => status.phase === 'Succeeded')
    expect(await shop.send('GET', `${SHOP_PODS}/one/log`)).toBe('here')
    const events = (await shop.eventsOf('one')).filter((event) => event.startsWith('Warning'))
    expect(events).toEqual([
      'Warning FailedMount MountVolume.SetUp failed for volume "site" : configmap references non-existent config key: b',
      'Warning FailedMount MountVolume.SetUp failed for volume "keys" : references non-existent secret key: c',
    ])
  })
})

describe('a projected volume', () => {
  it('joins its sources, follows them, and is kept in memory', async () => {
    await configMap('site', { data: { a: 'one' } })
    await secret('keys', { key: 'k3y' })
    await shop.send(
      'POST',
      SHOP_PODS,
      podOf({
        volumes: [
          {
            name: 'all',
            projected: {
              defaultMode: 0o440,
              sources: [
                { configMap: { name: 'site' } },
                { secret: { name: 'keys', items: [{ key: 'key', path: 'sub/key', mode: 0o400 }] } },
                {
                  downwardAPI: {
                    items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }],
                  },
                },
              ],
            },
          },
        ],
        containers: [container('main', 'sleep 100000', [{ name: 'all', mountPath: '/all' }])],
      }),
    )
    await shop.until('one', ({ status }) => status?.phase === 'Running')
    expect(
      await shop.exec(
        'one',
        'cd /all; ls -ld . | cut -c1-10; ls -lL a sub/key | cut -c1-10; cat a sub/key labels',
      ),
    ).toBe('drwxrwxrwt\n-r--r-----\n-r--------\nonek3yapp="shop"')
    await shop.send(
      'PATCH',
      `${SHOP_PODS}/one`,
      { metadata: { labels: { tier: 'web' } } },
      'application/merge-patch+json',
    )
    expect(await shop.exec('one', 'cat /all/labels')).toBe('app="shop"\ntier="web"')
  })

  it('carries a token by which the API server knows the account of a pod that asks it', async () => {
    await shop.send('POST', SHOP_PODS, {
      metadata: { name: 'one' },
      spec: {
        containers: [{ name: 'main', image: 'curlimages/curl', command: ['sleep', '100000'] }],
      },
    })
    await shop.until('one', ({ status }) => status?.phase === 'Running')
    const folder = '/var/run/secrets/kubernetes.io/serviceaccount'
    const token = `-H "Authorization: Bearer $(cat ${folder}/token)"`
    const ask = async (path: string, more = '') =>
      JSON.parse(await shop.exec('one', `curl -sk ${more} 'https://kubernetes.default.svc${path}'`))
    expect((await ask('/api')).message).toBe(
      'forbidden: User "system:anonymous" cannot get path "/api"',
    )
    expect((await ask('/version')).gitVersion).toMatch(/^v1\.32/)
    expect((await ask('/api', '-H "Authorization: Bearer nonsense"')).code).toBe(401)
    expect((await ask('/api', token)).versions).toEqual(['v1'])
    expect((await ask(SHOP_PODS, token)).message).toBe(
      'pods is forbidden: User "system:serviceaccount:shop:default" cannot list resource "pods" in API group "" in the namespace "shop"',
    )
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings'
    await shop.send('POST', rbac, {
      metadata: { name: 'view' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'shop' }],
    })
    expect(
      (await ask(SHOP_PODS, token)).items.map(
        (pod: { metadata: { name: string } }) => pod.metadata.name,
      ),
    ).toEqual(['one'])
    expect((await ask(`${SHOP_PODS}?watch=true`, token)).message).toContain('not simulated')
  })

  it('carries a token that is renewed before it ends', async () => {
    await shop.send('POST', SHOP_PODS, {
      metadata: { name: 'one' },
      spec: { containers: [container('main', 'sleep 100000', [])] },
    })
    await shop.until('one', ({ status }) => status?.phase === 'Running')
    const path = '/var/run/secrets/kubernetes.io/serviceaccount'
    expect(await shop.exec('one', `ls ${path}; readlink ${path}/token`)).toBe(
      'namespace\ntoken\n..data/token\n',
    )
    const first = await shop.exec('one', `cat ${path}/token`)
    expect(await shop.exec('one', `cat ${path}/token`)).toBe(first)
    expect(await shop.exec('one', `sleep 3000; cat ${path}/token`)).not.toBe(first)
  })
})

describe('a pod whose volumes make no sense', () => {
  it('is refused in the words of Kubernetes', async () => {
    const refused = async (volumes: readonly object[], mount: object) =>
      (
        await shop.send(
          'POST',
          SHOP_PODS,
          podOf({ volumes, containers: [container('main', 'true', [mount])] }),
        )
      ).message
    const site = (more: object) => [{ name: 'site', configMap: { name: 'site', ...more } }]
    const mount = { name: 'site', mountPath: '/site' }
    const invalid = 'Pod "one" is invalid:'
    const volume = 'spec.volumes[0].configMap'
    expect(await refused(site({ defaultMode: 1000 }), mount)).toBe(
      `${invalid} ${volume}.defaultMode: Invalid value: 1000: must be a number between 0 and 0777 (octal), both inclusive`,
    )
    expect(await refused(site({ items: [{ key: 'a', path: '..data' }] }), mount)).toBe(
      `${invalid} ${volume}.items[0].path: Invalid value: "..data": must not start with '..'`,
    )
    expect(await refused(site({ items: [{ key: 'a', path: 'x/../y', mode: 512 }] }), mount)).toBe(
      `${invalid} [${volume}.items[0].path: Invalid value: "x/../y": must not contain '..', ${volume}.items[0].mode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive]`,
    )
    expect(await refused(site({}), { ...mount, subPath: '/abs' })).toBe(
      `${invalid} spec.containers[0].volumeMounts.subPath: Invalid value: "/abs": must be a relative path`,
    )
    expect(await refused(site({}), { ...mount, subPath: 'a', subPathExpr: '$(B)' })).toBe(
      `${invalid} spec.containers[0].volumeMounts[0].subPathExpr: Invalid value: "$(B)": subPathExpr and subPath are mutually exclusive`,
    )
  })
})
