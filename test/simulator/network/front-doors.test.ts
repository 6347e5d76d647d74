import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EndpointSlice, NetworkPolicy, Pod, Service } from '../../../src/kube/objects.ts'
import { createFastClock } from '../../../src/platform/fast-clock.ts'
import { type ClusterNetwork, createNetwork } from '../../../src/simulator/network/network.ts'
import type { AttachedPodNetwork, PodNetwork } from '../../../src/simulator/ports.ts'
import { namespace } from '../pods/world.ts'

const NODES = [
  { name: 'node-1', addresses: ['172.18.0.2'] },
  { name: 'node-2', addresses: ['172.18.0.3'] },
]
const CLIENT = '10.244.0.7'
const ONE = '10.244.0.5'
const TWO = '10.244.1.5'

const clock = createFastClock()
let pods: Pod[]
let policies: NetworkPolicy[]
let services: Service[]
let slices: EndpointSlice[]
let network: ClusterNetwork
let client: AttachedPodNetwork
let outside: AttachedPodNetwork
/** Who was seen by whom: `10.244.0.5 from 10.244.0.7`. */
let seen: string[]
let attached: AttachedPodNetwork[]

function pod(name: string, ip: string, node: string, spec: Partial<Pod['spec']> = {}): Pod {
  const app = name.replace(/-\d$/, '')
  const hostIP = node === 'node-1' ? '172.18.0.2' : '172.18.0.3'
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app } },
    spec: { containers: [], nodeName: node, ...spec },
    status: { phase: 'Running', podIP: spec.hostNetwork === true ? hostIP : ip, hostIP },
  }
}

function start(object: Pod, port: number): AttachedPodNetwork {
  pods.push(object)
  const attachment = network.attach(object)
  attached.push(attachment)
  attachment.listen(port, 'TCP', (connection) => {
    seen.push(`${attachment.address} from ${connection.remoteAddress}`)
  })
  return attachment
}

function service(spec: Partial<Service['spec']>, status: Service['status'] = {}): void {
  const metadata = { name: 'web', namespace: 'default' }
  services.push({
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { clusterIP: '10.96.0.20', ports: [{ port: 80, targetPort: 8080 }], ...spec },
    status,
  })
  slices.push({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: [
      { addresses: [ONE], conditions: { ready: true }, nodeName: 'node-1' },
      { addresses: [TWO], conditions: { ready: true }, nodeName: 'node-2' },
    ],
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  })
}

const nodePort = { ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] }
const balancer = { loadBalancer: { ingress: [{ ip: '172.18.255.200' }] } }

function policy(spec: NetworkPolicy['spec']): void {
  policies.push({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `p${policies.length}`, namespace: 'default' },
    spec,
  })
}

beforeEach(() => {
  pods = []
  policies = []
  services = []
  slices = []
  seen = []
  attached = []
  network = createNetwork({
    view: {
      pods: () => pods,
      services: () => services,
      endpointSlices: () => slices,
      namespaces: () => [namespace('default')],
      networkPolicies: () => policies,
    },
    clock,
    nodes: () => NODES,
  })
  client = start(pod('client', CLIENT, 'node-1'), 9)
  start(pod('server-1', ONE, 'node-1'), 8080)
  start(pod('server-2', TWO, 'node-2'), 8080)
  outside = network.attachOutside('203.0.113.10')
  attached.push(outside)
})

afterEach(() => {
  for (const attachment of attached) attachment.detach()
})

async function outcome(from: PodNetwork, address: string, port: number): Promise<string> {
  const patience = new AbortController()
  const cancel = clock.after(1500, () => patience.abort())
  try {
    const result = await from.connect(
      { address, port, protocol: 'TCP' },
      { signal: patience.signal },
    )
    if (result.kind === 'connected') result.connection.close()
    return result.kind
  } catch (error) {
    if (!patience.signal.aborted) throw error
    return 'dropped'
  } finally {
    cancel()
  }
}

describe('a node port', () => {
  test('leads to every endpoint and shows them the node as the sender', async () => {
    service({ type: 'NodePort', ...nodePort })
    expect(await outcome(outside, '172.18.0.2', 30080)).toBe('connected')
    expect(await outcome(outside, '172.18.0.2', 30080)).toBe('connected')
    expect(await outcome(client, '172.18.0.2', 30080)).toBe('connected')
    expect(seen).toEqual([
      `${ONE} from 172.18.0.2`,
      `${TWO} from 172.18.0.2`,
      `${ONE} from 172.18.0.2`,
    ])
  })

  test('with policy Local keeps the address of the client and has only its own endpoints', async () => {
    service({ type: 'NodePort', externalTrafficPolicy: 'Local', ...nodePort })
    for (let turn = 0; turn < 2; turn++) await outcome(outside, '172.18.0.3', 30080)
    expect(seen).toEqual([`${TWO} from 203.0.113.10`, `${TWO} from 203.0.113.10`])
    slices[0]?.endpoints.splice(1)
    expect(await outcome(outside, '172.18.0.3', 30080)).toBe('dropped')
    expect(await outcome(outside, '172.18.0.2', 30080)).toBe('connected')
    // A pod gets the endpoints of all nodes, under its own address.
    expect(await outcome(client, '172.18.0.3', 30080)).toBe('connected')
    expect(seen.at(-1)).toBe(`${ONE} from ${CLIENT}`)
  })

  test('meets the ingress policy of the pod with the address that arrives there', async () => {
    service({ type: 'NodePort', externalTrafficPolicy: 'Cluster', ...nodePort })
    policy({
      podSelector: { matchLabels: { app: 'server' } },
      ingress: [{ from: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }],
    })
    slices[0]?.endpoints.splice(0, 1)
    expect(await outcome(outside, '172.18.0.2', 30080)).toBe('dropped')
    const [web] = services
    if (web !== undefined) web.spec.externalTrafficPolicy = 'Local'
    expect(await outcome(outside, '172.18.0.3', 30080)).toBe('connected')
    expect(await outcome(client, '172.18.0.3', 30080)).toBe('dropped')
  })

  test('refuses at once without endpoints', async () => {
    service({ type: 'NodePort', ...nodePort })
    slices[0]?.endpoints.splice(0)
    expect(await outcome(outside, '172.18.0.2', 30080)).toBe('refused')
    expect(await outcome(outside, '172.18.0.2', 30081)).toBe('refused')
  })
})

describe('a load balancer', () => {
  test('is reached from outside and from pods, and shows the node as the sender', async () => {
    service({ type: 'LoadBalancer', ...nodePort }, balancer)
    expect(await outcome(outside, '172.18.255.200', 80)).toBe('connected')
    expect(await outcome(client, '172.18.255.200', 80)).toBe('connected')
    expect(seen).toEqual([`${ONE} from 172.18.0.2`, `${TWO} from 172.18.0.2`])
    expect(await outcome(client, '172.18.255.200', 81)).toBe('dropped')
    expect(await outcome(client, '172.18.255.201', 80)).toBe('dropped')
  })

  test('with policy Local keeps the address of the client', async () => {
    service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', ...nodePort }, balancer)
    await outcome(outside, '172.18.255.200', 80)
    await outcome(client, '172.18.255.200', 80)
    expect(seen).toEqual([`${ONE} from 203.0.113.10`, `${TWO} from ${CLIENT}`])
  })

  test('of a pod needs an egress rule for the pods behind it', async () => {
    service({ type: 'LoadBalancer', ...nodePort }, balancer)
    const toBalancer = { to: [{ ipBlock: { cidr: '172.18.255.200/32' } }] }
    const spec = {
      podSelector: { matchLabels: { app: 'client' } },
      policyTypes: ['Egress' as const],
    }
    policy({ ...spec, egress: [toBalancer] })
    expect(await outcome(client, '172.18.255.200', 80)).toBe('dropped')
    policy({ ...spec, egress: [{ to: [{ podSelector: { matchLabels: { app: 'server' } } }] }] })
    expect(await outcome(client, '172.18.255.200', 80)).toBe('connected')
  })

  test('drops who is not in its source ranges', async () => {
    const ranges = { loadBalancerSourceRanges: ['198.51.100.0/24'] }
    service({ type: 'LoadBalancer', ...ranges, ...nodePort }, balancer)
    expect(await outcome(outside, '172.18.255.200', 80)).toBe('dropped')
    const [web] = services
    if (web !== undefined) web.spec.loadBalancerSourceRanges = ['203.0.113.0/24']
    expect(await outcome(outside, '172.18.255.200', 80)).toBe('connected')
  })

  test('has no address before it is given one, and answers no ping', async () => {
    service({ type: 'LoadBalancer', ...nodePort })
    expect(await outcome(outside, '172.18.255.200', 80)).toBe('dropped')
    const patience = new AbortController()
    clock.after(1000, () => patience.abort(new Error('lost')))
    await expect(client.ping('172.18.255.200', { signal: patience.signal })).rejects.toThrow('lost')
  })
})

describe('a service', () => {
  test('with an external address is reached there', async () => {
    service({ externalIPs: ['198.51.100.7'] })
    expect(await outcome(outside, '198.51.100.7', 80)).toBe('connected')
  })

  test('is closed to the outside at its cluster address, as pods are', async () => {
    service({})
    expect(await outcome(outside, '10.96.0.20', 80)).toBe('dropped')
    expect(await outcome(outside, ONE, 8080)).toBe('dropped')
  })

  test('with session affinity keeps a client at its endpoint until it was silent too long', async () => {
    service({
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
    })
    for (let turn = 0; turn < 3; turn++) await outcome(client, '10.96.0.20', 80)
    expect(new Set(seen)).toEqual(new Set([`${ONE} from ${CLIENT}`]))
    await clock.sleep(61_000)
    await outcome(client, '10.96.0.20', 80)
    expect(seen.at(-1)).toBe(`${TWO} from ${CLIENT}`)
  })

  test('shows a pod that meets itself behind it the address of the node', async () => {
    service({})
    slices[0]?.endpoints.splice(1)
    const [, server] = attached
    if (server !== undefined) expect(await outcome(server, '10.96.0.20', 80)).toBe('connected')
    expect(seen).toEqual([`${ONE} from 172.18.0.2`])
  })

  test('with internal policy Local has the endpoints of the own node only', async () => {
    service({ internalTrafficPolicy: 'Local' })
    slices[0]?.endpoints.splice(0, 1)
    expect(await outcome(client, '10.96.0.20', 80)).toBe('dropped')
    slices[0]?.endpoints.splice(0)
    expect(await outcome(client, '10.96.0.20', 80)).toBe('refused')
  })

  test('sends to endpoints that are going only where no other is left', async () => {
    service({})
    const [slice] = slices
    const leaving = { ready: false, serving: true, terminating: true }
    if (slice?.endpoints[0] !== undefined) slice.endpoints[0].conditions = leaving
    for (let turn = 0; turn < 2; turn++) await outcome(client, '10.96.0.20', 80)
    expect(seen).toEqual([`${TWO} from ${CLIENT}`, `${TWO} from ${CLIENT}`])
    if (slice?.endpoints[1] !== undefined) slice.endpoints[1].conditions = { ready: false }
    await outcome(client, '10.96.0.20', 80)
    expect(seen.at(-1)).toBe(`${ONE} from ${CLIENT}`)
  })
})

describe('a pod on the host network', () => {
  test('is the node: policies do not select it, and its address is the node', async () => {
    const host = start(pod('host', '', 'node-1', { hostNetwork: true }), 9100)
    policy({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
    expect(await outcome(host, ONE, 8080)).toBe('connected')
    expect(seen).toEqual([`${ONE} from 172.18.0.2`])
    // Another node is an address like any other, and no rule lets it in.
    expect(await outcome(host, TWO, 8080)).toBe('dropped')
    policies.length = 0
    expect(await outcome(client, '172.18.0.2', 9100)).toBe('connected')
    expect(await outcome(outside, '172.18.0.2', 9100)).toBe('connected')
    expect(await outcome(host, '127.0.0.1', 9100)).toBe('connected')
  })
})

describe('a host port', () => {
  test('leads to the container under the address of the sender, and to its policies', async () => {
    const ports = [{ containerPort: 8080, hostPort: 8088 }]
    start(
      pod('mapped', '10.244.0.9', 'node-1', { containers: [{ name: 'a', image: 'b', ports }] }),
      8080,
    )
    expect(await outcome(outside, '172.18.0.2', 8088)).toBe('connected')
    expect(await outcome(client, '172.18.0.2', 8088)).toBe('connected')
    expect(seen).toEqual(['10.244.0.9 from 203.0.113.10', `10.244.0.9 from ${CLIENT}`])
    expect(await outcome(outside, '172.18.0.3', 8088)).toBe('refused')
    policy({ podSelector: { matchLabels: { app: 'mapped' } }, policyTypes: ['Ingress'] })
    expect(await outcome(outside, '172.18.0.2', 8088)).toBe('dropped')
  })
})

describe('pings', () => {
  const pinged = async (address: string) => {
    const patience = new AbortController()
    const cancel = clock.after(1000, () => patience.abort(new Error('lost')))
    const answer = await client.ping(address, { signal: patience.signal }).then(
      () => 'answered',
      () => 'lost',
    )
    cancel()
    return answer
  }

  test('pass where a rule names no ports, and never where every rule does', async () => {
    const spec = { podSelector: { matchLabels: { app: 'server' } } }
    policy({ ...spec, ingress: [{ ports: [{ port: 8080 }] }] })
    expect(await pinged(ONE)).toBe('lost')
    policy({ ...spec, ingress: [{ from: [{ podSelector: {} }] }] })
    expect(await pinged(ONE)).toBe('answered')
  })
})

describe('a pod that goes', () => {
  test('ends the connections that others have to it', async () => {
    const [, server] = attached
    const result = await client.connect(
      { address: ONE, port: 8080, protocol: 'TCP' },
      { signal: new AbortController().signal },
    )
    if (result.kind !== 'connected' || server === undefined) throw new Error('not connected')
    expect(client.sockets()).toHaveLength(1)
    expect(server.sockets()).toHaveLength(1)
    server.detach()
    for await (const _chunk of result.connection.incoming);
    result.connection.close()
    expect(client.sockets()).toEqual([])
    expect(server.sockets()).toEqual([])
  })

  test('keeps its policies while it is terminating', async () => {
    policy({ podSelector: { matchLabels: { app: 'server' } }, policyTypes: ['Ingress'] })
    const target = pods.find((one) => one.status?.podIP === ONE)
    if (target !== undefined) target.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
    expect(await outcome(client, ONE, 8080)).toBe('dropped')
  })
})
