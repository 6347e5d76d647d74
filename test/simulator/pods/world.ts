import type { Clock } from '../../../src/base/clock.ts'
import type {
  Container,
  EndpointSlice,
  Namespace,
  NetworkPolicy,
  Pod,
  Service,
} from '../../../src/kube/objects.ts'
import { createFastClock } from '../../../src/platform/fast-clock.ts'
import { createNetwork } from '../../../src/simulator/network/network.ts'
import { createContainerRuntime } from '../../../src/simulator/pods/container-runtime.ts'
import type {
  ClusterView,
  ContainerRuntime,
  RunningContainer,
} from '../../../src/simulator/ports.ts'

/** A small cluster without an API server: objects in arrays, containers started by hand. */
export interface World extends ClusterView {
  readonly clock: Clock
  readonly runtime: ContainerRuntime
  readonly lists: {
    readonly pods: Pod[]
    readonly services: Service[]
    readonly endpointSlices: EndpointSlice[]
    readonly namespaces: Namespace[]
    readonly networkPolicies: NetworkPolicy[]
  }
  addPod(options: PodOptions): RunningContainer
  /** Starts one more container of a pod that is there. */
  addContainer(pod: Pod, container: Container): RunningContainer
  /** Runs a command line in a container; stdout and stderr together. */
  run(
    container: RunningContainer,
    script: string,
    options?: { readonly stdin?: string },
  ): Promise<Ran>
  close(): Promise<void>
}

export interface PodOptions {
  readonly name: string
  readonly ip: string
  readonly image: string
  readonly namespace?: string
  readonly labels?: Record<string, string>
  readonly container?: Partial<Container>
  readonly spec?: Partial<Pod['spec']>
  readonly files?: Readonly<Record<string, string | null>>
}

export interface Ran {
  readonly output: string
  readonly stdout: string
  readonly stderr: string
  readonly code: number
  readonly seconds: number
}

export function createWorld(options: { readonly clock?: Clock } = {}): World {
  const clock = options.clock ?? createFastClock()
  const lists: World['lists'] = {
    pods: [],
    services: [],
    endpointSlices: [],
    namespaces: [namespace('default'), namespace('kube-system')],
    networkPolicies: [],
  }
  const view: ClusterView = {
    pods: () => lists.pods,
    services: () => lists.services,
    endpointSlices: () => lists.endpointSlices,
    namespaces: () => lists.namespaces,
    networkPolicies: () => lists.networkPolicies,
  }
  const network = createNetwork({ view, clock })
  const runtime = createContainerRuntime({ network, clock, view })
  const running: RunningContainer[] = []
  return {
    ...view,
    clock,
    runtime,
    lists,
    addPod(pod) {
      const container: Container = { name: 'main', image: pod.image, ...pod.container }
      const object: Pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: pod.name,
          namespace: pod.namespace ?? 'default',
          uid: `uid-${pod.name}`,
          labels: pod.labels ?? {},
        },
        spec: { containers: [container], nodeName: 'node-1', ...pod.spec },
        status: { phase: 'Running', podIP: pod.ip, hostIP: '172.18.0.2', podIPs: [{ ip: pod.ip }] },
      }
      lists.pods.push(object)
      const started = runtime.startContainer(object, container, {
        ...(pod.files === undefined ? {} : { files: pod.files }),
      })
      running.push(started)
      return started
    },
    addContainer(pod, container) {
      const started = runtime.startContainer(pod, container)
      running.push(started)
      return started
    },
    async run(container, script, runOptions = {}) {
      const out: string[] = []
      const err: string[] = []
      const all: string[] = []
      const startedMs = clock.now()
      const stdin = runOptions.stdin
      const process = container.exec(['sh', '-c', script], {
        stdout: (chunk) => {
          out.push(new TextDecoder().decode(chunk))
          all.push(new TextDecoder().decode(chunk))
        },
        stderr: (chunk) => {
          err.push(new TextDecoder().decode(chunk))
          all.push(new TextDecoder().decode(chunk))
        },
        ...(stdin === undefined ? {} : { stdin: once(stdin) }),
      })
      const code = await process.exited
      return {
        output: all.join(''),
        stdout: out.join(''),
        stderr: err.join(''),
        code,
        seconds: (clock.now() - startedMs) / 1000,
      }
    },
    async close() {
      await Promise.all(running.map((container) => container.stop(0)))
    },
  }
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

export function namespace(name: string, labels: Record<string, string> = {}): Namespace {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } },
  }
}

/** A service with its endpoints, given by address. */
export function addService(
  world: World,
  service: {
    readonly name: string
    readonly namespace?: string
    readonly clusterIP: string
    readonly ports: readonly {
      readonly name?: string
      readonly port: number
      readonly targetPort?: number
      readonly protocol?: 'TCP' | 'UDP' | 'SCTP'
      readonly nodePort?: number
    }[]
    readonly endpoints: readonly string[]
    readonly spec?: Partial<Service['spec']>
  },
): void {
  const metadata = { name: service.name, namespace: service.namespace ?? 'default' }
  world.lists.services.push({
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      type: 'ClusterIP',
      clusterIP: service.clusterIP,
      ports: service.ports.map(({ name, port, targetPort, protocol, nodePort }) => ({
        port,
        targetPort: targetPort ?? port,
        protocol: protocol ?? 'TCP',
        ...(name === undefined ? {} : { name }),
        ...(nodePort === undefined ? {} : { nodePort }),
      })),
      ...service.spec,
    },
  })
  world.lists.endpointSlices.push({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service.name}-abcde`,
      namespace: metadata.namespace,
      labels: { 'kubernetes.io/service-name': service.name },
    },
    addressType: 'IPv4',
    endpoints: service.endpoints.map((address) => ({
      addresses: [address],
      conditions: { ready: true },
      nodeName: 'node-1',
    })),
    ports: service.ports.map(({ name, port, targetPort, protocol }) => ({
      name: name ?? '',
      port: targetPort ?? port,
      protocol: protocol ?? 'TCP',
    })),
  })
}

/** CoreDNS with its service, as every cluster has it. */
export function addDns(world: World): RunningContainer {
  const dns = world.addPod({
    name: 'coredns',
    namespace: 'kube-system',
    ip: '10.244.0.2',
    image: 'registry.k8s.io/coredns/coredns:v1.11.3',
    labels: { 'k8s-app': 'kube-dns' },
    spec: { dnsPolicy: 'Default' },
  })
  addService(world, {
    name: 'kube-dns',
    namespace: 'kube-system',
    clusterIP: '10.96.0.10',
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      { name: 'metrics', port: 9153, protocol: 'TCP' },
    ],
    endpoints: ['10.244.0.2'],
  })
  return dns
}
