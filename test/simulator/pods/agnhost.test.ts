import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NetworkPolicy } from '../../../src/kube/objects.ts'
import type { RunningContainer } from '../../../src/simulator/ports.ts'
import { addDns, addService, createWorld, type World } from './world.ts'

const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53'
const SERVER = '10.244.0.5'

let world: World
let server: RunningContainer
let client: RunningContainer
beforeAll(() => {
  world = createWorld()
  addDns(world)
  server = world.addPod({
    name: 'server',
    ip: SERVER,
    image: AGNHOST,
    labels: { app: 'server' },
    container: { args: ['netexec', '--sctp-port=8082'] },
  })
  world.addPod({
    name: 'porter',
    ip: '10.244.0.6',
    image: AGNHOST,
    container: {
      args: ['porter'],
      env: [
        { name: 'SERVE_PORT_80', value: 'web' },
        { name: 'SERVE_TLS_PORT_443', value: 'secret' },
        { name: 'SERVE_UDP_PORT_53', value: 'datagram' },
        { name: 'SERVE_SCTP_PORT_9000', value: 'stream' },
      ],
    },
  })
  client = world.addPod({
    name: 'client',
    ip: '10.244.0.7',
    image: AGNHOST,
    labels: { app: 'client' },
  })
  addService(world, {
    name: 'web',
    clusterIP: '10.96.0.20',
    ports: [{ name: 'http', port: 80, targetPort: 8080 }],
    endpoints: [SERVER],
  })
})
afterAll(() => world.close())

const connect = async (args: string) => {
  const { output, code, seconds } = await world.run(client, `/agnhost connect ${args}`)
  return `${output.trimEnd()} ${code} ${Math.round(seconds)}`.trimStart()
}
const isolated = (app: string, type: 'Ingress' | 'Egress'): NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'isolate', namespace: 'default' },
  spec: { podSelector: { matchLabels: { app } }, policyTypes: [type] },
})
const withPolicy = async <T>(policy: NetworkPolicy, run: () => Promise<T>): Promise<T> => {
  world.lists.networkPolicies.push(policy)
  try {
    return await run()
  } finally {
    world.lists.networkPolicies.length = 0
  }
}

describe('agnhost connect', () => {
  test.each(['tcp', 'udp', 'sctp'])('is silent where %s is open', async (protocol) => {
    const port = { tcp: 8080, udp: 8081, sctp: 8082 }[protocol]
    expect(await connect(`--timeout=2s --protocol=${protocol} ${SERVER}:${port}`)).toBe('0 0')
  })

  test('says what a closed port answers, for each protocol', async () => {
    expect(await connect(`--timeout=2s ${SERVER}:81`)).toBe('REFUSED 1 0')
    expect(await connect(`--timeout=2s --protocol udp ${SERVER}:81`)).toMatch(
      /^REFUSED: read udp 10\.244\.0\.7:\d+->10\.244\.0\.5:81: read: connection refused 1 0$/,
    )
    expect(await connect(`--timeout=2s --protocol=sctp ${SERVER}:81`)).toBe(
      'OTHER: connection refused 1 0',
    )
  })

  test('says TIMEOUT where a policy drops, for each protocol', async () => {
    await withPolicy(isolated('server', 'Ingress'), async () => {
      expect(await connect(`--timeout=2s ${SERVER}:8080`)).toBe('TIMEOUT 1 2')
      expect(await connect(`--timeout=2s --protocol=udp ${SERVER}:8081`)).toMatch(
        /^TIMEOUT: read udp 10\.244\.0\.7:\d+->10\.244\.0\.5:8081: i\/o timeout 1 2$/,
      )
      expect(await connect(`--timeout=2s --protocol=sctp ${SERVER}:8082`)).toBe('TIMEOUT 1 2')
    })
  })

  test('lets a rule for one protocol open no other', async () => {
    const policy = isolated('server', 'Ingress')
    policy.spec.ingress = [{ ports: [{ protocol: 'SCTP', port: 8082 }] }]
    await withPolicy(policy, async () => {
      expect(await connect(`--timeout=2s --protocol=sctp ${SERVER}:8082`)).toBe('0 0')
      expect(await connect(`--timeout=2s ${SERVER}:8080`)).toBe('TIMEOUT 1 2')
    })
  })

  test('says DNS for names, also where nobody answers, and waits longer than its timeout then', async () => {
    expect(await connect('--timeout=2s nosuch:80')).toBe(
      'DNS: lookup nosuch on 10.96.0.10:53: no such host 1 0',
    )
    await withPolicy(isolated('client', 'Egress'), async () => {
      expect(await connect('--timeout=2s web:80')).toMatch(
        /^DNS: lookup web on 10\.96\.0\.10:53: read udp 10\.244\.0\.7:\d+->10\.96\.0\.10:53: i\/o timeout 1 40$/,
      )
    })
  })

  test('says UNKNOWN for what is no address, and shows its usage with exit 0 as cobra does', async () => {
    expect(await connect('web')).toBe('UNKNOWN: address web: missing port in address 1 0')
    expect(await connect('')).toContain('Error: accepts 1 arg(s), received 0')
    expect((await world.run(client, '/agnhost connect --nosuch a:1')).stderr).toBe(
      'Error: unknown flag: --nosuch\n',
    )
    expect(await connect('--timeout=soon a:1')).toContain('time: invalid duration "soon"')
  })
})

describe('agnhost netexec', () => {
  const get = async (path: string) =>
    (await world.run(client, `curl -s "http://${SERVER}:8080${path}"`)).stdout

  test('says who it is and who asks', async () => {
    expect(await get('/hostname')).toBe('server')
    expect(await get('/clientip')).toMatch(/^10\.244\.0\.7:\d+$/)
    expect(await get('/echo?msg=hello%20you')).toBe('hello you')
    expect(
      await get('/echo?msg=no&code=503').then(
        async () =>
          (
            await world.run(
              client,
              `curl -s -o /dev/null -w "%{http_code}" "http://${SERVER}:8080/echo?msg=no&code=503"`,
            )
          ).stdout,
      ),
    ).toBe('503')
  })

  test('dials for others and says what it heard', async () => {
    const dial = (query: string) => get(`/dial?${query}`)
    expect(await dial('host=10.244.0.6&port=80&request=hostname')).toBe('{"responses":["web"]}')
    expect(await dial('host=10.244.0.6&port=53&protocol=udp&request=x')).toBe(
      '{"responses":["datagram"]}',
    )
    expect(await dial('host=10.244.0.6&port=81&request=hostname&tries=2')).toBe(
      JSON.stringify({
        errors: Array.from(
          { length: 2 },
          () =>
            'Get "http://10.244.0.6:81/hostname": dial tcp 10.244.0.6:81: connect: connection refused',
        ),
      }),
    )
    expect(await dial('host=10.244.0.6&port=81')).toBe('request parameter not specified. <nil>\n')
  })

  test('runs a command', async () => {
    expect(await get('/shell?cmd=echo%20hello')).toBe('{"output":"hello\\n"}')
    expect(await get('/shell?cmd=exit%203')).toBe('{"error":"exit status 3"}')
  })

  test('logs what it was asked', async () => {
    let text = ''
    for await (const chunk of server.logs({ follow: false })) text += chunk
    expect(text).toMatch(
      /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d Started HTTP server on port 8080\n\S+ \S+ Started UDP server on port {2}8081\n\S+ \S+ Started SCTP server\n/,
    )
    expect(text).toContain(' GET /hostname\n')
    expect(text).toContain(' Sending udp hostName response\n')
  })
})

describe('agnhost porter', () => {
  test('serves the values of its variables by protocol', async () => {
    const run = async (line: string) => (await world.run(client, line)).output
    expect(await run('curl -s http://10.244.0.6/')).toBe('web')
    expect(await run('curl -sk https://10.244.0.6/')).toBe('secret')
    expect(await run('curl -s https://10.244.0.6/; echo $?')).toBe('60\n')
    expect(await run('curl -s http://10.244.0.6:443/')).toContain('HTTP request to an HTTPS server')
    expect(await connect('--timeout=1s --protocol=udp 10.244.0.6:53')).toBe('0 0')
    expect(await connect('--timeout=1s --protocol=sctp 10.244.0.6:9000')).toBe('0 0')
  })
})

describe('the other servers of agnhost', () => {
  const start = (name: string, ip: string, ...args: string[]) =>
    world.addPod({ name, ip, image: AGNHOST, container: { args } })
  const run = async (line: string) => (await world.run(client, line)).output

  test('serve-hostname says its name by HTTP, TCP and UDP, and logs who asked', async () => {
    const http = start('names', '10.244.0.41', 'serve-hostname')
    start('raw', '10.244.0.42', 'serve-hostname', '--http=false', '--tcp', '--udp', '--port=9000')
    expect(await run('curl -s http://10.244.0.41:9376/')).toBe('names')
    expect(await run('nc -w 1 10.244.0.42 9000 < /dev/null')).toBe('raw')
    expect(await connect('--timeout=1s --protocol=udp 10.244.0.42:9000')).toBe('0 0')
    let text = ''
    for await (const chunk of http.logs({ follow: false })) text += chunk
    expect(text).toMatch(/Serving on port 9376\.\n.* HTTP request from 10\.244\.0\.7:\d+\n$/)
    const both = start('both', '10.244.0.43', 'serve-hostname', '--tcp')
    expect(await both.exited).toBe(1)
  })

  test('test-webserver serves the files of the container', async () => {
    const pod = start('files', '10.244.0.44', 'test-webserver')
    await world.run(pod, 'mkdir /data; echo hello > /data/a.txt')
    expect(await run('curl -s http://10.244.0.44/data/a.txt')).toBe('hello\n')
    expect(await run('curl -s http://10.244.0.44/data/')).toContain('<a href="a.txt">a.txt</a>')
    expect(await run('curl -s http://10.244.0.44/nosuch')).toBe('404 page not found\n')
    expect(await run('curl -s http://10.244.0.44/%ff')).toBe('404 page not found\n')
  })

  test('netexec exits with the code that it is told, and pause when it is stopped', async () => {
    const exits = start('exits', '10.244.0.45', 'netexec')
    await run("curl -s 'http://10.244.0.45:8080/exit?code=7'")
    expect(await exits.exited).toBe(7)
    const pauses = start('pauses', '10.244.0.46', 'pause')
    await pauses.stop(30)
    expect(await pauses.exited).toBe(2)
  })
})

describe('agnhost', () => {
  test('says plainly what it does not have', async () => {
    const ran = await world.run(client, '/agnhost guestbook')
    expect(ran.code).toBe(1)
    expect(ran.stderr).toContain('the simulated agnhost has no guestbook')
    expect((await world.run(client, '/agnhost frob')).stderr).toBe(
      'Error: unknown command "frob" for "app"\nRun \'app --help\' for usage.\n',
    )
  })
})
