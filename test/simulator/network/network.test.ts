import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NetworkPolicy, Pod } from '../../../src/kube/objects.ts'
import { createFastClock } from '../../../src/platform/fast-clock.ts'
import { createNetwork } from '../../../src/simulator/network/network.ts'
import type {
  AttachedPodNetwork,
  ClusterView,
  Connection,
  ConnectOutcome,
  PodNetwork,
  PodNetworks,
} from '../../../src/simulator/ports.ts'
import { namespace } from '../pods/world.ts'

const clock = createFastClock()
let pods: Pod[]
let policies: NetworkPolicy[]
let view: ClusterView
let network: PodNetworks
let client: AttachedPodNetwork
let server: AttachedPodNetwork

function pod(name: string, ip: string, extra: Partial<Pod['spec']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: { containers: [], nodeName: 'node-1', ...extra },
    status: { phase: 'Running', podIP: ip, hostIP: '172.18.0.2' },
  }
}

function service(
  name: string,
  clusterIP: string,
  endpoints: readonly string[],
  spec: Partial<ReturnType<ClusterView['services']>[number]['spec']> = {},
): void {
  services.push({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { clusterIP, ports: [{ port: 80, targetPort: 8080 }], ...spec },
  })
  slices.push({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-1`,
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType: 'IPv4',
    endpoints: endpoints.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  })
}

let services: ReturnType<ClusterView['services']>[number][]
let slices: ReturnType<ClusterView['endpointSlices']>[number][]

beforeEach(() => {
  pods = [pod('client', '10.244.0.7'), pod('server', '10.244.0.5')]
  policies = []
  services = []
  slices = []
  view = {
    pods: () => pods,
    services: () => services,
    endpointSlices: () => slices,
    namespaces: () => [namespace('default')],
    networkPolicies: () => policies,
  }
  network = createNetwork({ view, clock })
  const [first, second] = pods
  if (first === undefined || second === undefined) throw new Error('no pods')
  client = network.attach(first)
  server = network.attach(second)
})

afterEach(() => {
  client.detach()
  server.detach()
})

function deny(type: 'Ingress' | 'Egress', app: string): void {
  policies.push({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `deny-${app}`, namespace: 'default' },
    spec: { podSelector: { matchLabels: { app } }, policyTypes: [type] },
  })
}

/** How a connection ends within ten seconds: the network itself never gives up. */
async function outcome(
  from: PodNetwork,
  address: string,
  port: number,
  protocol: 'TCP' | 'UDP' | 'SCTP' = 'TCP',
): Promise<ConnectOutcome['kind'] | 'dropped'> {
  const patience = new AbortController()
  const cancel = clock.after(10_000, () => patience.abort())
  try {
    const result = await from.connect({ address, port, protocol }, { signal: patience.signal })
    return result.kind
  } catch (error) {
    if (!patience.signal.aborted) throw error
    return 'dropped'
  } finally {
    cancel()
  }
}

async function connected(from: PodNetwork, address: string, port: number): Promise<Connection> {
  const result = await from.connect(
    { address, port, protocol: 'TCP' },
    { signal: new AbortController().signal },
  )
  if (result.kind !== 'connected') throw new Error(`not connected: ${result.kind}`)
  return result.connection
}

async function next(connection: Connection): Promise<string | undefined> {
  for await (const chunk of connection.incoming) return new TextDecoder().decode(chunk)
  return undefined
}

const bytes = (text: string) => new TextEncoder().encode(text)

describe('a connection between pods', () => {
  test('carries bytes both ways, in order, and ends when the other side ends', async () => {
    server.listen(8080, 'TCP', async (connection) => {
      for await (const chunk of connection.incoming) connection.send(chunk)
      connection.end()
    })
    const connection = await connected(client, '10.244.0.5', 8080)
    for (const word of ['one ', 'two ', 'three']) connection.send(bytes(word))
    connection.end()
    let text = ''
    for await (const chunk of connection.incoming) text += new TextDecoder().decode(chunk)
    expect(text).toBe('one two three')
  })

  test('tells who sends when the other side has read, and when it reads no more', async () => {
    let arrive: (connection: Connection) => void = () => {}
    const arrived = new Promise<Connection>((resolve) => {
      arrive = resolve
    })
    server.listen(8080, 'TCP', (connection) => arrive(connection))
    const sender = await connected(client, '10.244.0.5', 8080)
    const reader = (await arrived).incoming[Symbol.asyncIterator]()
    expect(sender.drained(0)).toBeUndefined()
    sender.send(bytes('twelve bytes'))
    sender.send(bytes('and ten more'))
    expect(sender.drained(24)).toBeUndefined()
    let drained = false
    const empty = sender.drained(12)?.then(() => {
      drained = true
    })
    expect(drained).toBe(false)
    await reader.next()
    await empty
    const never = sender.drained(0)
    ;(await arrived).close()
    await never
    expect(sender.drained(0)).toBeUndefined()
  })

  test('is refused where nothing listens, and by protocol', async () => {
    server.listen(8080, 'TCP', () => {})
    expect(await outcome(client, '10.244.0.5', 81)).toBe('refused')
    expect(await outcome(client, '10.244.0.5', 8080, 'UDP')).toBe('refused')
    expect(await outcome(client, '10.244.0.5', 8080, 'SCTP')).toBe('refused')
    expect(await outcome(client, '10.244.0.5', 8080)).toBe('connected')
  })

  test('is dropped where nobody owns the address', async () => {
    expect(await outcome(client, '10.244.0.99', 80)).toBe('dropped')
    expect(await outcome(client, '203.0.113.9', 80)).toBe('dropped')
  })

  test('tells the server the address of the client', async () => {
    const seen: string[] = []
    server.listen(8080, 'TCP', (connection) => seen.push(connection.remoteAddress))
    await connected(client, '10.244.0.5', 8080)
    expect(seen).toEqual(['10.244.0.7'])
  })

  test('ends when the pod of the server goes away', async () => {
    server.listen(8080, 'TCP', (connection) => connection.send(bytes('hello')))
    const connection = await connected(client, '10.244.0.5', 8080)
    expect(await next(connection)).toBe('hello')
    client.detach()
    expect(await next(connection)).toBeUndefined()
  })

  test('says that a port is taken', () => {
    server.listen(8080, 'TCP', () => {})
    expect(() => server.listen(8080, 'TCP', () => {})).toThrow('EADDRINUSE')
    server.listen(8080, 'UDP', () => {})
    expect(server.listening()).toEqual([
      { port: 8080, protocol: 'TCP' },
      { port: 8080, protocol: 'UDP' },
    ])
  })
})

describe('policies', () => {
  test('drop at the source and at the destination', async () => {
    server.listen(8080, 'TCP', () => {})
    deny('Egress', 'client')
    expect(await outcome(client, '10.244.0.5', 8080)).toBe('dropped')
    policies.length = 0
    deny('Ingress', 'server')
    expect(await outcome(client, '10.244.0.5', 8080)).toBe('dropped')
    policies.length = 0
    expect(await outcome(client, '10.244.0.5', 8080)).toBe('connected')
  })

  test('do not touch a connection that is set up', async () => {
    server.listen(8080, 'TCP', async (connection) => {
      for await (const chunk of connection.incoming) connection.send(chunk)
    })
    const connection = await connected(client, '10.244.0.5', 8080)
    deny('Egress', 'client')
    connection.send(bytes('still here'))
    expect(await next(connection)).toBe('still here')
    expect(await outcome(client, '10.244.0.5', 8080)).toBe('dropped')
  })

  test('are asked again when the first packet is sent again', async () => {
    server.listen(8080, 'TCP', () => {})
    deny('Egress', 'client')
    clock.after(1500, () => {
      policies.length = 0
    })
    const startedMs = clock.now()
    expect(await outcome(client, '10.244.0.5', 8080)).toBe('connected')
    expect(Math.round((clock.now() - startedMs) / 1000)).toBe(3)
  })

  test('leave a pod alone with itself', async () => {
    client.listen(80, 'TCP', () => {})
    deny('Egress', 'client')
    deny('Ingress', 'client')
    expect(await outcome(client, '10.244.0.7', 80)).toBe('connected')
    expect(await outcome(client, '127.0.0.1', 80)).toBe('connected')
    expect(await outcome(client, '127.0.0.1', 81)).toBe('refused')
  })

  test('drop pings of an isolated pod', async () => {
    const patience = new AbortController()
    const ping = () => client.ping('10.244.0.5', { signal: patience.signal })
    expect(await ping()).toBeLessThan(1)
    deny('Egress', 'client')
    const lost = ping()
    clock.after(1000, () => patience.abort(new Error('lost')))
    await expect(lost).rejects.toThrow('lost')
  })
})

describe('services', () => {
  test('are policed also where a pod meets itself behind them', async () => {
    server.listen(8080, 'TCP', () => {})
    service('web', '10.96.0.20', ['10.244.0.5'])
    expect(await outcome(server, '10.96.0.20', 80)).toBe('connected')
    deny('Ingress', 'server')
    expect(await outcome(server, '10.96.0.20', 80)).not.toBe('connected')
    expect(await outcome(server, '10.244.0.5', 8080)).toBe('connected')
  })

  test('lead to the target port of a ready endpoint, each in turn', async () => {
    const third = pod('server-2', '10.244.0.6')
    pods.push(third)
    const second = network.attach(third)
    const seen: string[] = []
    server.listen(8080, 'TCP', () => seen.push('one'))
    second.listen(8080, 'TCP', () => seen.push('two'))
    service('web', '10.96.0.20', ['10.244.0.5', '10.244.0.6'])
    for (let turn = 0; turn < 4; turn++) {
      expect(await outcome(client, '10.96.0.20', 80)).toBe('connected')
    }
    expect(seen.sort()).toEqual(['one', 'one', 'two', 'two'])
    second.detach()
  })

  test('are judged by the port of the pod, not of the service', async () => {
    server.listen(8080, 'TCP', () => {})
    service('web', '10.96.0.20', ['10.244.0.5'])
    policies.push({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'to-80', namespace: 'default' },
      spec: {
        podSelector: { matchLabels: { app: 'client' } },
        policyTypes: ['Egress'],
        egress: [{ ports: [{ port: 80 }] }],
      },
    })
    expect(await outcome(client, '10.96.0.20', 80)).toBe('dropped')
    policies.length = 0
    expect(await outcome(client, '10.96.0.20', 80)).toBe('connected')
  })

  test('refuse at once without a ready endpoint, and drop what is not their port', async () => {
    service('web', '10.96.0.20', [])
    expect(await outcome(client, '10.96.0.20', 80)).toBe('refused')
    expect(await outcome(client, '10.96.0.20', 81)).toBe('dropped')
  })

  test('answer no ping', async () => {
    service('web', '10.96.0.20', ['10.244.0.5'])
    const patience = new AbortController()
    clock.after(1000, () => patience.abort(new Error('lost')))
    await expect(client.ping('10.96.0.20', { signal: patience.signal })).rejects.toThrow('lost')
  })

  test('are reached through the port of a node', async () => {
    server.listen(8080, 'TCP', () => {})
    service('web', '10.96.0.20', ['10.244.0.5'], {
      type: 'NodePort',
      ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }],
    })
    expect(await outcome(client, '172.18.0.2', 30080)).toBe('connected')
    expect(await outcome(client, '172.18.0.2', 30081)).toBe('refused')
    deny('Egress', 'client')
    expect(await outcome(client, '172.18.0.2', 30080)).toBe('dropped')
  })
})

describe('the outside world', () => {
  test('answers on its ports and pings', async () => {
    expect(await outcome(client, '93.184.216.34', 80)).toBe('connected')
    expect(await outcome(client, '93.184.216.34', 81)).toBe('refused')
    expect(await outcome(client, '8.8.8.8', 53)).toBe('connected')
    expect(
      await client.ping('74.125.129.101', { signal: new AbortController().signal }),
    ).toBeGreaterThan(1)
  })

  test('is closed by an egress policy of the source', async () => {
    deny('Egress', 'client')
    expect(await outcome(client, '93.184.216.34', 80)).toBe('dropped')
  })
})
