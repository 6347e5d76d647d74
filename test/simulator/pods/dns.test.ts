import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeDnsMessage } from '../../../src/simulator/dns/decode.ts'
import { encodeDnsMessage } from '../../../src/simulator/dns/encode.ts'
import { DnsFormatError, dnsQuery } from '../../../src/simulator/dns/message.ts'
import type { RunningContainer } from '../../../src/simulator/ports.ts'
import { addDns, addService, createWorld, namespace, type World } from './world.ts'

let world: World
let pod: RunningContainer

beforeAll(() => {
  world = createWorld()
  addDns(world)
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
