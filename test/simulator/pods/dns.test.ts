import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Pod } from '../../../src/kube/objects.ts'
import { decodeDnsMessage } from '../../../src/simulator/dns/decode.ts'
import { encodeDnsMessage } from '../../../src/simulator/dns/encode.ts'
import { DnsFormatError, dnsQuery } from '../../../src/simulator/dns/message.ts'
import type { RunningContainer } from '../../../src/simulator/ports.ts'
import { addDns, addService, createWorld, namespace, type World } from './world.ts'

let world: World
let pod: RunningContainer
let dns: RunningContainer

beforeAll(() => {
  world = createWorld()
  dns = addDns(world)
  world.lists.namespaces.push(namespace('other'))
  addService(world, {
    name: 'web',
    clusterIP: '10.96.120.15',
    ports: [{ name: 'http', port: 80 }],
    endpoints: ['10.244.0.5'],
  })
  addService(world, {
    name: 'db',
    namespace: 'other',
    clusterIP: 'None',
    ports: [{ name: 'redis', port: 6379 }],
    endpoints: ['10.244.0.8', '10.244.0.9'],
  })
  addService(world, {
    name: 'alias',
    clusterIP: '',
    ports: [],
    endpoints: [],
    spec: { type: 'ExternalName', externalName: 'www.example.com' },
  })
  world.addPod({ name: 'web', ip: '10.244.0.5', image: 'nginx' })
  pod = world.addPod({
    name: 'test',
    ip: '10.244.0.7',
    image: 'alpine',
    container: { command: ['sleep', 'infinity'] },
  })
})

afterAll(() => world.close())

const ask = async (line: string) =>
  (await world.run(pod, line)).stdout.split('\n').slice(3).join('\n')

describe('CoreDNS of the simulated cluster', () => {
  test('gives the address of a service', async () => {
    expect(await ask('nslookup -type=a web.default.svc.cluster.local')).toBe(
      'Name:\tweb.default.svc.cluster.local\nAddress: 10.96.120.15\n\n',
    )
  })

  test('gives the endpoints of a headless service', async () => {
    expect(await ask('nslookup -type=a db.other.svc.cluster.local')).toBe(
      'Name:\tdb.other.svc.cluster.local\nAddress: 10.244.0.8\nName:\tdb.other.svc.cluster.local\nAddress: 10.244.0.9\n\n',
    )
    expect(await ask('nslookup -type=a 10-244-0-8.db.other.svc.cluster.local')).toContain(
      '10.244.0.8\n',
    )
  })

  test('gives SRV records of named ports', async () => {
    expect(await ask('nslookup -type=srv _http._tcp.web.default.svc.cluster.local')).toBe(
      '_http._tcp.web.default.svc.cluster.local\tservice = 0 100 80 web.default.svc.cluster.local\n\n',
    )
  })

  test('gives names back for addresses', async () => {
    expect(await ask('nslookup 10.96.120.15')).toContain('name = web.default.svc.cluster.local')
    expect(await ask('nslookup 8.8.8.8')).toContain('name = dns.google')
  })

  test('follows an ExternalName to the outside', async () => {
    const answer = await ask('nslookup -type=a alias.default.svc.cluster.local')
    expect(answer).toContain('canonical name = www.example.com')
    expect(answer).toContain('Address: 93.184.216.34')
  })

  test('forwards names of the outside, and knows which do not exist', async () => {
    expect(await ask('nslookup -type=a www.example.com')).toBe(
      'Non-authoritative answer:\nName:\twww.example.com\nAddress: 93.184.216.34\n\n',
    )
    expect(await ask('nslookup -type=a nosuch.example')).toBe(
      "** server can't find nosuch.example: NXDOMAIN\n\n",
    )
  })

  test('is not needed where another name server is asked', async () => {
    expect((await world.run(pod, 'nslookup -type=a google.com 8.8.8.8')).stdout).toBe(
      'Server:\t\t8.8.8.8\nAddress:\t8.8.8.8:53\n\nNon-authoritative answer:\nName:\tgoogle.com\nAddress: 74.125.129.101\n\n',
    )
  })

  test('is subject to policies as any pod: isolated, it leaves clients waiting five seconds', async () => {
    world.lists.networkPolicies.push({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'isolate', namespace: 'kube-system' },
      spec: { podSelector: {}, policyTypes: ['Ingress'] },
    })
    const ran = await world.run(pod, 'wget -qO- http://web.default')
    world.lists.networkPolicies.length = 0
    expect(ran.output).toBe("wget: bad address 'web.default'\n")
    expect(ran.seconds).toBeCloseTo(5, 1)
  })

  test('cannot ask the outside where its own egress is denied, and says so in its log', async () => {
    world.lists.networkPolicies.push({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'mute', namespace: 'kube-system' },
      spec: { podSelector: {}, policyTypes: ['Egress'] },
    })
    const outside = await world.run(pod, 'nslookup -type=a www.example.com')
    const inside = await world.run(pod, 'nslookup -type=a web.default.svc.cluster.local')
    world.lists.networkPolicies.length = 0
    expect(outside.stdout).toContain("** server can't find www.example.com: SERVFAIL")
    expect(inside.stdout).toContain('10.96.120.15')
    let log = ''
    for await (const chunk of dns.logs({ follow: false })) log += chunk
    expect(log).toMatch(
      /\[ERROR\] plugin\/errors: 2 www\.example\.com\. A: read udp 10\.244\.0\.2:\d+->172\.18\.0\.1:53: i\/o timeout\n/,
    )
  })

  test('says refused to nslookup while it has no ready endpoint', async () => {
    const slice = world.lists.endpointSlices[0]
    const endpoints = slice?.endpoints.splice(0) ?? []
    const ran = await world.run(pod, 'nslookup web.default.svc.cluster.local')
    slice?.endpoints.push(...endpoints)
    expect(ran.code).toBe(1)
    expect(ran.output).toContain(';; connection timed out; no servers could be reached')
  })
})

describe('the resolver of a program', () => {
  test('finds a service of another namespace through the search list', async () => {
    expect((await world.run(pod, 'ping -c 1 -W 1 db.other')).output).toContain(
      'PING db.other (10.244.0.8): 56 data bytes',
    )
  })

  test('reads /etc/hosts and takes addresses as they are', async () => {
    expect((await world.run(pod, 'ping -c 1 localhost')).code).toBe(0)
    expect((await world.run(pod, 'ping -c 1 10.244.0.5')).code).toBe(0)
  })
})

describe('what the cluster zone says', () => {
  const dig = async (line: string) => (await world.run(shooter, `dig ${line}`)).stdout
  let shooter: RunningContainer
  beforeAll(() => {
    shooter = world.addPod({
      name: 'shooter',
      ip: '10.244.0.30',
      image: 'nicolaka/netshoot',
      labels: { app: 'shooter' },
      container: { command: ['sleep', 'infinity'] },
    })
    addService(world, {
      name: 'peers',
      clusterIP: 'None',
      ports: [{ name: 'sql', port: 5432 }],
      endpoints: ['10.244.0.31', '10.244.0.32'],
    })
    // As a stateful set has them: a name of its own for each pod below its service.
    for (const at of [0, 1]) {
      const name = `peer-${at}`
      const ip = `10.244.0.3${at + 1}`
      const spec = { hostname: name, subdomain: 'peers' }
      world.addPod({ name, ip, image: 'registry.k8s.io/pause:3.10', spec })
      const endpoint = world.lists.endpointSlices.at(-1)?.endpoints[at]
      if (endpoint !== undefined) endpoint.targetRef = { kind: 'Pod', name, namespace: 'default' }
    }
    addService(world, {
      name: 'many',
      clusterIP: 'None',
      ports: [{ name: 'http', port: 80 }],
      endpoints: Array.from({ length: 60 }, (_none, at) => `10.244.2.${at + 1}`),
    })
  })

  test('of a name without the asked record: nothing, with the SOA, and by its own authority', async () => {
    const text = await dig('web.default.svc.cluster.local AAAA')
    expect(text).toContain('status: NOERROR')
    expect(text).toContain('flags: qr aa rd; QUERY: 1, ANSWER: 0, AUTHORITY: 1')
    expect(text).toMatch(/cluster\.local\.\t\t30\tIN\tSOA\tns\.dns\.cluster\.local\. hostmaster/)
  })

  test('of the pods of a stateful set: their own names, forwards, backwards and in SRV records', async () => {
    const short = async (line: string) => (await dig(`+short ${line}`)).trimEnd().split('\n')
    expect(await short('peer-1.peers.default.svc.cluster.local')).toEqual(['10.244.0.32'])
    expect(await short('-x 10.244.0.31')).toEqual(['peer-0.peers.default.svc.cluster.local.'])
    expect(await short('_sql._tcp.peers.default.svc.cluster.local SRV')).toEqual([
      '0 50 5432 peer-0.peers.default.svc.cluster.local.',
      '0 50 5432 peer-1.peers.default.svc.cluster.local.',
    ])
    expect(await short('_sql._tcp.peers.default.svc.cluster.local A')).toEqual([
      '10.244.0.31',
      '10.244.0.32',
    ])
  })

  test('of an address of several services: all their names, and a cluster address one', async () => {
    addService(world, {
      name: 'second',
      clusterIP: '10.96.0.99',
      ports: [{ name: 'http', port: 80 }],
      endpoints: ['10.244.0.31'],
    })
    expect((await dig('+short -x 10.244.0.31')).trimEnd().split('\n')).toEqual([
      'peer-0.peers.default.svc.cluster.local.',
      '10-244-0-31.second.default.svc.cluster.local.',
    ])
    expect(await dig('+short -x 10.96.0.99')).toBe('second.default.svc.cluster.local.\n')
  })

  test('of pods, itself and its own name server', async () => {
    expect(await dig('+short 10-244-0-77.other.pod.cluster.local')).toBe('10.244.0.77\n')
    expect(await dig('10-244-0-777.other.pod.cluster.local')).toContain('status: NXDOMAIN')
    expect(await dig('10-244-0-77.nosuch.pod.cluster.local')).toContain('status: NXDOMAIN')
    expect(await dig('+short ns.dns.cluster.local')).toBe('10.96.0.10\n')
    expect(await dig('+short cluster.local NS')).toBe('kube-dns.kube-system.svc.cluster.local.\n')
    expect(await dig('+short dns-version.cluster.local TXT')).toBe('"1.1.0"\n')
  })

  test('of a service: no name where the port has none, and none of a service that nobody has', async () => {
    expect(await dig('_grpc._tcp.web.default.svc.cluster.local SRV')).toContain('status: NXDOMAIN')
    expect(await dig('_http._udp.web.default.svc.cluster.local SRV')).toContain('status: NXDOMAIN')
    expect(await dig('a.b.c.web.default.svc.cluster.local')).toContain('status: NXDOMAIN')
    expect(await dig('default.svc.cluster.local')).toContain('status: NOERROR')
  })

  test('is cut short over UDP and whole over TCP, which a policy may forbid', async () => {
    const name = 'many.default.svc.cluster.local'
    expect(await dig(`+noedns +ignore ${name}`)).toContain('flags: qr aa tc rd;')
    expect((await dig(`+noedns +short ${name}`)).trimEnd().split('\n')).toHaveLength(60)
    world.lists.networkPolicies.push({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'udp-only', namespace: 'default' },
      spec: {
        podSelector: { matchLabels: { app: 'shooter' } },
        policyTypes: ['Egress'],
        egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }],
      },
    })
    const large = await world.run(shooter, `dig +noedns +short +tries=1 ${name}`)
    const small = await world.run(shooter, 'dig +noedns +short web.default.svc.cluster.local')
    const wget = await world.run(shooter, `wget -q -T 1 -O- http://${name}/`)
    world.lists.networkPolicies.length = 0
    expect(large.code).toBe(9)
    expect(large.output).toContain('timed out')
    expect(small.stdout).toBe('10.96.120.15\n')
    expect(wget.output).toBe(`wget: bad address '${name}'\n`)
  })

  test('leaves an alias to nowhere inside without an answer', async () => {
    addService(world, {
      name: 'nowhere',
      clusterIP: '',
      ports: [],
      endpoints: [],
      spec: { type: 'ExternalName', externalName: 'gone.default.svc.cluster.local' },
    })
    addService(world, {
      name: 'inside',
      clusterIP: '',
      ports: [],
      endpoints: [],
      spec: { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' },
    })
    expect(await dig('nowhere.default.svc.cluster.local')).toContain('ANSWER: 0, AUTHORITY: 1')
    expect(await dig('+short inside.default.svc.cluster.local')).toBe(
      'web.default.svc.cluster.local.\n10.96.120.15\n',
    )
    expect(await dig('+short inside.default.svc.cluster.local CNAME')).toBe(
      'web.default.svc.cluster.local.\n',
    )
  })
})

describe('the resolver of the C library', () => {
  const inImage = async (image: string, line: string, spec: Partial<Pod['spec']> = {}) => {
    const one = world.addPod({
      name: `c-${world.lists.pods.length}`,
      ip: `10.244.3.${world.lists.pods.length}`,
      image,
      labels: { app: 'mute' },
      spec,
      container: { command: ['sleep', 'infinity'] },
    })
    const { output, seconds } = await world.run(one, line)
    return `${output.trimEnd()} ${Math.round(seconds)}`
  }
  const muted = async <T>(run: () => Promise<T>): Promise<T> => {
    world.lists.networkPolicies.push({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'mute', namespace: 'default' },
      spec: { podSelector: { matchLabels: { app: 'mute' } }, policyTypes: ['Egress'] },
    })
    try {
      return await run()
    } finally {
      world.lists.networkPolicies.length = 0
    }
  }

  test('gives up after five seconds with musl and after twenty with glibc', async () => {
    const line = 'wget -qO- http://web'
    await muted(async () => {
      expect(await inImage('alpine', line)).toBe("wget: bad address 'web' 5")
      expect(await inImage('busybox:musl', line)).toBe("wget: bad address 'web' 5")
      expect(await inImage('busybox', line)).toBe("wget: bad address 'web' 20")
    })
  })

  test('says what failed in its own words', async () => {
    await muted(async () => {
      expect(await inImage('alpine', 'wget -qO- http://10.244.0.5')).toBe(
        "wget: can't connect to remote host (10.244.0.5): Operation timed out 135",
      )
      expect(await inImage('busybox', 'wget -qO- http://10.244.0.5')).toBe(
        "wget: can't connect to remote host (10.244.0.5): Connection timed out 135",
      )
    })
  })

  test('takes the time and the tries of resolv.conf', async () => {
    await muted(async () => {
      const options = ['timeout', 'attempts'].map((name) => ({ name, value: '1' }))
      const spec = { dnsConfig: { options } }
      expect(await inImage('alpine', 'wget -q http://web', spec)).toBe("wget: bad address 'web' 1")
      expect(await inImage('busybox', 'wget -q http://web', spec)).toBe("wget: bad address 'web' 2")
    })
  })
})

describe('DNS messages', () => {
  test('come back from bytes as they went in', () => {
    const message = {
      ...dnsQuery(4711, 'web.default.svc.cluster.local', 'SRV'),
      response: true,
      authoritative: true,
      answers: [
        { name: 'web.default.svc.cluster.local', ttl: 30, type: 'A', address: '10.96.120.15' },
        { name: 'six.cluster.local', ttl: 5, type: 'AAAA', address: 'fd00::1:0:0:2' },
        {
          name: '_http._tcp.web.default.svc.cluster.local',
          ttl: 30,
          type: 'SRV',
          priority: 0,
          weight: 100,
          port: 80,
          target: 'web.default.svc.cluster.local',
        },
        { name: 'text.cluster.local', ttl: 0, type: 'TXT', text: '1.1.0' },
      ],
      udpSize: 1232,
    } as const
    expect(decodeDnsMessage(encodeDnsMessage(message))).toEqual(message)
  })

  test('are refused when they are rubbish', () => {
    expect(() => decodeDnsMessage(Uint8Array.of(1, 2, 3))).toThrow(DnsFormatError)
    const loop = Uint8Array.of(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1)
    expect(() => decodeDnsMessage(loop)).toThrow('circle')
  })
})
