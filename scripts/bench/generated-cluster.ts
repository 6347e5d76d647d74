import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  Protocol,
} from '../../src/kube/objects.ts'
import type { PolicyPod, PolicyState } from '../../src/policy/types.ts'

export interface ClusterSize {
  readonly pods: number
  readonly namespaces: number
  readonly policies: number
}

const TEAMS = ['dev', 'ops', 'data', 'shop', 'pay', 'edge', 'core', 'lab']
const PORTS = [53, 80, 443, 1433, 2379, 3000, 3306, 4222, 5000, 5432, 5672, 6379, 8000, 8080, 8443]
const NAMES = ['http', 'grpc', 'metrics', 'admin']
const WHOLE: LabelSelector = {}

/**
 * A cluster like those of people: namespaces of teams and stages, each with a few apps of several pods and a tier; policies that
 * deny all, let DNS out, let apps reach apps, let monitoring in, and open address blocks with exceptions. Some apps have
 * two families of addresses, some nodes an agent on their network. The same numbers give the same cluster.
 */
export function generatedCluster(size: ClusterSize, seed = 1): PolicyState {
  const random = generator(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const pick = <T>(list: readonly [T, ...T[]] | readonly T[], or: T): T =>
    list[below(list.length)] ?? or
  const nodeCount = Math.max(1, Math.ceil(size.pods / 60))
  const nodes = Array.from({ length: nodeCount }, (_, at) => ({
    name: `node-${at}`,
    addresses: [`172.18.${at >>> 8}.${at & 255}`],
  }))
  const namespaces = Array.from({ length: size.namespaces }, (_, at) => ({
    name: `ns-${at}`,
    labels: { team: pick(TEAMS, 'dev'), stage: pick(['prod', 'test'], 'prod') },
  }))
  const podsOfApp = 4
  const pods = Array.from({ length: size.pods }, (_, at): PolicyPod => {
    const node = below(nodeCount)
    const place = Math.floor(at / podsOfApp)
    const namespace = `ns-${place % size.namespaces}`
    const app = Math.floor(place / size.namespaces)
    if (at % 97 === 96) {
      const ips = nodes[node]?.addresses ?? []
      const labels = { app: 'agent' }
      return {
        namespace,
        name: `agent-${at}`,
        labels,
        ips,
        ports: [],
        hostNetwork: true,
        node: `node-${node}`,
      }
    }
    const protocol: Protocol = app % 9 === 8 ? 'UDP' : 'TCP'
    const ip = `10.${64 + (at >>> 16)}.${(at >>> 8) & 255}.${at & 255}`
    return {
      namespace,
      name: `app-${app}-${at}`,
      labels: {
        app: `app-${app}`,
        tier: app % 3 === 0 ? 'front' : 'back',
        'pod-template-hash': `${place}`,
      },
      ips: app % 5 === 4 ? [ip, `fd00::${at.toString(16)}`] : [ip],
      ports: [
        { name: NAMES[app % 2] ?? 'http', port: PORTS[app % PORTS.length] ?? 80, protocol },
        { name: 'metrics', port: 9090 + (app % 2), protocol: 'TCP' },
      ],
      node: `node-${node}`,
    }
  })

  const appCount = Math.max(1, Math.ceil(size.pods / podsOfApp / size.namespaces))
  const app = (): LabelSelector => ({ matchLabels: { app: `app-${below(appCount)}` } })
  const subject = (): LabelSelector =>
    pick<() => LabelSelector>(
      [
        app,
        app,
        () => ({ matchLabels: { tier: pick(['front', 'back'], 'front') } }),
        () => ({
          matchExpressions: [{ key: 'app', operator: 'NotIn', values: [`app-${below(appCount)}`] }],
        }),
        () => WHOLE,
      ],
      app,
    )()
  const team = (): LabelSelector => ({ matchLabels: { team: pick(TEAMS, 'dev') } })
  const named = (): LabelSelector => ({
    matchLabels: { 'kubernetes.io/metadata.name': `ns-${below(size.namespaces)}` },
  })
  const peer = (): NetworkPolicyPeer =>
    pick<() => NetworkPolicyPeer>(
      [
        () => ({ podSelector: subject() }),
        () => ({ podSelector: app() }),
        () => ({ namespaceSelector: team() }),
        () => ({ namespaceSelector: named(), podSelector: app() }),
        () => ({ namespaceSelector: named() }),
        () => ({ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '172.16.0.0/12'] } }),
        () => ({
          ipBlock: { cidr: `10.64.${below(32) * 8}.0/21`, except: [`10.64.${below(256)}.0/28`] },
        }),
      ],
      () => ({ podSelector: subject() }),
    )()
  const port = (): NetworkPolicyPort =>
    pick<() => NetworkPolicyPort>(
      [
        () => ({ protocol: 'TCP', port: pick(PORTS, 80) }),
        () => ({ protocol: 'TCP', port: pick(PORTS, 80) }),
        () => ({ port: pick(NAMES, 'http') }),
        () => ({ protocol: 'UDP', port: 53 }),
        () => ({ protocol: 'TCP', port: 8000, endPort: 8100 }),
        () => ({ protocol: 'SCTP', port: 3868 }),
      ],
      () => ({ port: 80 }),
    )()
  const some = <T>(most: number, make: () => T): T[] =>
    Array.from({ length: 1 + below(most) }, () => make())
  const dns: NetworkPolicy['spec']['egress'] = [
    { to: [{ namespaceSelector: {} }], ports: [{ protocol: 'UDP', port: 53 }, { port: 53 }] },
  ]
  const specs: readonly (() => NetworkPolicy['spec'])[] = [
    () => ({ podSelector: {}, policyTypes: ['Ingress'] }),
    () => ({ podSelector: {}, policyTypes: ['Egress'], egress: dns }),
    () => ({
      podSelector: subject(),
      ingress: some(2, () => ({ from: some(2, peer), ports: some(2, port) })),
    }),
    () => ({ podSelector: app(), ingress: [{ from: some(3, peer) }] }),
    () => ({ podSelector: app(), ingress: [{ ports: some(2, port) }] }),
    () => ({
      podSelector: subject(),
      policyTypes: ['Egress'],
      egress: some(2, () => ({ to: some(2, peer), ports: some(2, port) })),
    }),
    () => ({
      podSelector: app(),
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{}],
      egress: [{ to: some(2, peer) }],
    }),
    () => ({
      podSelector: {},
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { team: 'ops' } } }],
          ports: [{ port: 'metrics' }],
        },
      ],
    }),
  ]
  const policies = Array.from(
    { length: size.policies },
    (_, at): NetworkPolicy => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `policy-${at}`, namespace: `ns-${at % size.namespaces}` },
      spec: pick(specs, () => ({}))(),
    }),
  )
  return { namespaces, pods, policies, nodes }
}

/** Numbers from 0 to below 1 that a seed decides (mulberry32, public domain). */
export function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
