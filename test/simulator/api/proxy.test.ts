import { request as httpsRequest } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFastClock } from '../../../src/platform/fast-clock.ts'
import { rewriteLink, rewriteLinks } from '../../../src/simulator/api/proxy/rewrite-links.ts'
import type { ClusterAddress } from '../../../src/simulator/assemble-cluster.ts'
import {
  createSimulatedCluster,
  type SimulatedCluster,
} from '../../../src/simulator/simulated-cluster.ts'
import {
  openTestCluster,
  PODS,
  POLICIES,
  readAnswer,
  requestOf,
  SERVICES,
} from '../support/cluster.ts'

/** Port 11 answers with the head of the request, port 12 with less than it promised. */
const MIRROR = `cat > /mirror <<'END'
printf 'HTTP/1.1 200 OK\\r\\n\\r\\n'
while read line; do
  line=$(echo "$line" | tr -d '\\r')
  [ -z "$line" ] && break
  echo "$line"
done
END
cat > /half <<'END'
printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 100\\r\\n\\r\\nhalf'
END
nc -lk -p 11 -e sh /mirror &
nc -lk -p 12 -e sh /half &
sleep 1000000`

let cluster: SimulatedCluster
let address: ClusterAddress
const defects: unknown[] = []
const send = async (method: string, url: string, body?: unknown) =>
  readAnswer(await cluster.api.handle(requestOf(method, url, body)))
const until = async (holds: () => Promise<boolean>) => {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve))
}
const run = async (name: string, image: string, more: object = {}) => {
  await send('POST', PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: { containers: [{ name: 'main', image, ...more }] },
  })
  await until(async () => (await send('GET', `${PODS}/${name}`)).body.status?.phase === 'Running')
}
const ipOf = async (name: string) => (await send('GET', `${PODS}/${name}`)).body.status.podIP

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}
/** A request over the socket, as `kubectl get --raw` sends it. */
const ask = (
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const asked = httpsRequest(
      `${address.server}${path}`,
      {
        method: options.method ?? 'GET',
        ca: address.certificateAuthority,
        servername: 'localhost',
        agent: false,
        headers: { authorization: `Bearer ${address.token}`, ...options.headers },
      },
      (response) => {
        let body = ''
        response.on('data', (chunk) => {
          body += String(chunk)
        })
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        )
        response.on('error', reject)
      },
    )
    asked.on('error', reject)
    asked.end(options.body)
  })
const messageOf = async (path: string) => {
  const { status, body } = await ask(path)
  return [status, JSON.parse(body).message]
}

beforeAll(async () => {
  cluster = createSimulatedCluster({
    clock: createFastClock(),
    onDefect: (error) => defects.push(error),
  })
  address = await cluster.listen()
  await run('web', 'nginx', { ports: [{ name: 'http', containerPort: 80 }] })
  await run('tester', 'registry.k8s.io/e2e-test-images/agnhost:2.53', {
    args: ['netexec', '--http-port=8080'],
    ports: [{ containerPort: 8080 }],
  })
  await run('odd', 'busybox', {
    command: ['sh', '-c', 'nc -lk -p 9 -e echo nonsense & nc -lk -p 10 -e true & sleep 1000000'],
  })
  await run('mirror', 'busybox', { command: ['sh', '-c', MIRROR] })
  const service = (name: string, app: string, ports: readonly object[]) =>
    send('POST', SERVICES, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: { app }, ports },
    })
  await service('web', 'web', [{ port: 8080, targetPort: 80 }])
  await service('named', 'web', [{ name: 'http', port: 8080, targetPort: 80 }])
  await service('empty', 'nobody', [{ port: 80 }])
  await service('wrong', 'web', [{ port: 80, targetPort: 81 }])
  for (const name of ['web', 'named', 'wrong', 'empty']) {
    await until(
      async () =>
        (await send('GET', `/api/v1/namespaces/default/endpoints/${name}`)).status === 200,
    )
  }
})
afterAll(async () => {
  await cluster.close()
  expect(defects).toEqual([])
})

describe('the proxy of a pod', () => {
  it.each(['web', 'web:80', 'http:web:80', 'web:http'])('reaches %s', async (name) => {
    const { status, headers, body } = await ask(`${PODS}/${name}/proxy/`)
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'text/html',
      server: expect.stringMatching(/^nginx/),
    })
    expect(body).toContain('<title>Welcome to nginx!</title>')
    expect(headers['content-length']).toBe(String(body.length))
  })

  it('hands on path, query, method, body and status', async () => {
    expect(await ask(`${PODS}/tester/proxy/echo?msg=a%20b&x`)).toMatchObject({
      status: 200,
      body: 'a b',
    })
    expect((await ask(`${PODS}/tester/proxy/echo?msg=late&code=418`)).status).toBe(418)
    expect((await ask(`${PODS}/web/proxy/nope`)).status).toBe(404)
    expect((await ask(`${PODS}/web/proxy/`, { method: 'POST', body: 'x' })).status).toBe(405)
    const head = await ask(`${PODS}/web/proxy/`, { method: 'HEAD' })
    expect(head).toMatchObject({ status: 200, body: '' })
  })

  it('says who asked, and keeps the token to itself', async () => {
    const { body } = await ask(`${PODS}/mirror:11/proxy/a/?b=c`, {
      method: 'PUT',
      headers: { 'x-mine': 'yes', 'x-forwarded-for': '1.2.3.4', te: 'trailers' },
      body: 'four',
    })
    expect(body.trim().split('\n').sort()).toEqual([
      'Connection: close',
      'Content-Length: 4',
      `Host: ${new URL(address.server).host}`,
      'PUT /a/?b=c HTTP/1.1',
      'X-Forwarded-For: 1.2.3.4, 127.0.0.1',
      `X-Forwarded-Uri: ${PODS}/mirror:11/proxy/a/`,
      'X-Mine: yes',
    ])
  })

  it('breaks off where the pod does', async () => {
    await expect(ask(`${PODS}/mirror:12/proxy/`)).rejects.toThrow('aborted')
  })

  it('comes from the node, so no policy of the pod keeps it out', async () => {
    await send('POST', POLICIES, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'deny' },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    })
    expect((await ask(`${PODS}/web/proxy/`)).status).toBe(200)
    expect((await ask(`${PODS}/tester/proxy/clientip`)).body).toMatch(/^172\.18\.0\.2:\d+$/)
    await send('DELETE', `${POLICIES}/deny`)
  })

  it('sends a request without a last slash there', async () => {
    const { status, headers } = await ask(`${PODS}/web/proxy?a=b`)
    expect([status, headers.location]).toEqual([301, `${PODS}/web/proxy/?a=b`])
  })

  it('says in the words of Go what went wrong', async () => {
    const ip = await ipOf('web')
    expect(await messageOf(`${PODS}/web:81/proxy/`)).toEqual([
      503,
      `error trying to reach service: dial tcp ${ip}:81: connect: connection refused`,
    ])
    expect(await messageOf(`${PODS}/web:99999/proxy/`)).toEqual([
      503,
      'error trying to reach service: dial tcp: address 99999: invalid port',
    ])
    expect(await messageOf(`${PODS}/web:nope/proxy/`)).toEqual([
      503,
      'error trying to reach service: dial tcp: lookup tcp/nope: unknown port',
    ])
    expect(await messageOf(`${PODS}/https:web:80/proxy/`)).toEqual([
      503,
      'error trying to reach service: http: server gave HTTP response to HTTPS client',
    ])
    expect(await messageOf(`${PODS}/odd:9/proxy/`)).toEqual([
      503,
      'error trying to reach service: net/http: HTTP/1.x transport connection broken: malformed HTTP response "nonsense"',
    ])
    expect(await messageOf(`${PODS}/odd:10/proxy/`)).toEqual([
      503,
      'error trying to reach service: EOF',
    ])
    expect(await messageOf(`${PODS}/a:b:c:d/proxy/`)).toEqual([
      400,
      'invalid pod request "a:b:c:d"',
    ])
    expect(await messageOf(`${PODS}/ftp:web:80/proxy/`)).toEqual([
      400,
      'invalid pod request "ftp:web:80"',
    ])
    expect(await messageOf(`${PODS}/nope/proxy/`)).toEqual([404, 'pods "nope" not found'])
  })

  it('hands on no upgrade, and says so', async () => {
    const { status, body } = await ask(`${PODS}/web/proxy/`, {
      headers: { connection: 'Upgrade', upgrade: 'websocket' },
    })
    expect(status).toBe(501)
    expect(JSON.parse(body).message).toContain('no upgrade of them')
  })

  it('is a right of its own', async () => {
    const { status, body } = await ask(`${PODS}/web:80/proxy/`, {
      headers: { 'impersonate-user': 'ann' },
    })
    expect(status).toBe(403)
    expect(JSON.parse(body).message).toBe(
      'pods "web:80" is forbidden: User "ann" cannot get resource "pods/proxy" in API group "" in the namespace "default"',
    )
  })

  it('is in discovery, with port forwards', async () => {
    const { body } = await send('GET', '/api/v1')
    const names = body.resources.map(
      ({ name, kind }: { name: string; kind: string }) => `${name} ${kind}`,
    )
    expect(names).toEqual(
      expect.arrayContaining([
        'nodes/proxy NodeProxyOptions',
        'pods/portforward PodPortForwardOptions',
        'pods/proxy PodProxyOptions',
        'services/proxy ServiceProxyOptions',
      ]),
    )
  })
})

describe('the proxy of a service', () => {
  it.each(['web', 'web:', 'web:8080', 'http:web:8080', 'named:http', 'named:8080'])(
    'reaches an endpoint of %s',
    async (name) => {
      expect((await ask(`${SERVICES}/${name}/proxy/`)).body).toContain('Welcome to nginx!')
    },
  )

  it.each([
    ['empty', 503, 'no endpoints available for service "empty"'],
    ['named', 503, 'no endpoints available for service "named"'],
    ['web:nope', 503, 'no endpoints available for service "web:nope"'],
    ['web:80', 503, 'no service port 80 found for service "web"'],
    ['nope', 404, 'endpoints "nope" not found'],
    ['nope:80', 404, 'services "nope" not found'],
    [':80', 400, 'invalid service request ":80"'],
  ])('says of %s what the API server says', async (name, status, message) => {
    expect(await messageOf(`${SERVICES}/${name}/proxy/`)).toEqual([status, message])
  })

  it('names the endpoint that refused', async () => {
    expect(await messageOf(`${SERVICES}/wrong/proxy/`)).toEqual([
      503,
      `error trying to reach service: dial tcp ${await ipOf('web')}:81: connect: connection refused`,
    ])
  })
})

describe('the proxy of a node', () => {
  const node = '/api/v1/nodes/netpol-lab-control-plane'
  it('says whether the kubelet is well and what it runs', async () => {
    expect(await ask(`${node}/proxy/healthz`)).toMatchObject({ status: 200, body: 'ok' })
    const { body } = await ask(`${node}:10250/proxy/pods`)
    const { kind, items } = JSON.parse(body)
    expect(kind).toBe('PodList')
    expect(items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toContain(
      'web',
    )
  })

  it('says what it has not', async () => {
    expect(await messageOf(`${node}/proxy/stats/summary`)).toEqual([
      501,
      "of the kubelet's API only /healthz and /pods are simulated (a limit of the simulated cluster)",
    ])
    expect(await messageOf('/api/v1/nodes/nope/proxy/healthz')).toEqual([
      404,
      'nodes "nope" not found',
    ])
  })
})

it('a cluster without a network says that nothing can be reached', async () => {
  const tiny = openTestCluster()
  await tiny.send('POST', PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'a', image: 'a', command: ['sleep'] }] },
  })
  await tiny.until(PODS, ({ object }) => object.status.podIP !== undefined)
  expect((await tiny.send('GET', `${PODS}/web/proxy/`)).status).toBe(501)
  await tiny.close()
})

describe('links of a proxied answer', () => {
  const place = { prefix: '/p/proxy', source: '10.0.0.1:80', asked: 'localhost:1' }

  it.each([
    ['/a/b?c#d', '/p/proxy/a/b?c#d'],
    ['a/b', 'a/b'],
    ['http://10.0.0.1:80/a', '/p/proxy/a'],
    ['https://localhost:1/a', 'https://localhost:1/p/proxy/a'],
    ['http://elsewhere/a', 'http://elsewhere/a'],
    ['//10.0.0.1:80/a', '/p/proxy/a'],
    ['/p/proxy/a', '/p/proxy/a'],
    ['mailto:a@b', 'mailto:a@b'],
    ['', ''],
  ])('%j leads to %j', (link, wanted) => {
    expect(rewriteLink(link, place)).toBe(wanted)
  })

  it('are rewritten in the tags that have some, and nowhere else', () => {
    const page = `<!DOCTYPE html><!-- <a href="/no"> --><head><link rel=icon href=/i.png>
<script src='/s.js'>x = '<a href="/no">'</script></head><body>
<A HREF = "/up" title="/no">a > b</A> <img alt="/no" src="/x.png"/><p href="/no">/no</p><a href="rel">
<textarea><a href="/no"></textarea><a href='/last`
    expect(rewriteLinks(page, place)).toBe(
      page
        .replace('=/i.png', '=/p/proxy/i.png')
        .replace('/s.js', '/p/proxy/s.js')
        .replace('"/up"', '"/p/proxy/up"')
        .replace('"/x.png"', '"/p/proxy/x.png"'),
    )
  })

  it('cost a page of any kind only its length', () => {
    for (const piece of [
      '<a href="',
      "<a b='c",
      '<script>',
      '<!--',
      '<a ',
      '<a b=',
      '< a',
      '<a\t\t\t\t',
    ]) {
      const page = piece.repeat(100_000)
      expect(rewriteLinks(page, place).length).toBeGreaterThanOrEqual(page.length)
    }
  })
})
