import { readClusterState } from '../../../src/grading/cluster-state.ts'
import { translate } from '../../../src/grading/translate.ts'
import type {
  KubeClient,
  RemoteExit,
  RemoteStreams,
  ResourceRef,
} from '../../../src/kube/client.ts'
import { parseLabelSelector } from '../../../src/kube/label-selector.ts'
import type {
  AnyKubeObject,
  EndpointSlice,
  KubeObject,
  NetworkPolicy,
  Pod,
  Service,
} from '../../../src/kube/objects.ts'
import { prepare } from '../../../src/policy/evaluate.ts'
import type { Flow } from '../../../src/policy/types.ts'

/** How a fake cluster differs from a good one. */
export interface Flaws {
  /** Policies are stored and nothing else. */
  readonly enforcesNothing?: boolean
  /** A denied connection is rejected instead of dropped. */
  readonly rejects?: boolean
  /** Pods whose image has no shell. */
  readonly shellless?: readonly string[]
  /** Programs that images lack. */
  readonly without?: readonly string[]
  /** The DNS pods are gone. */
  readonly dnsDown?: boolean
}

/** Addresses outside, and the ports that answer there. */
const OUTSIDE: Readonly<Record<string, readonly number[]>> = { '93.184.216.34': [80] }
const NAMES: Readonly<Record<string, string>> = { 'www.example.com': '93.184.216.34' }

/** Between two lookups of one script. */
const NEXT_IF_ANSWERED = ' || { read m _ </proc/uptime; [ $((${m%.*} - ${a%.*})) -lt 4 ] && { '

/**
 * A cluster in memory behind `KubeClient`: objects, and pods that understand the few commands of a probe. Connections end as
 * policies, Services and declared ports have it; times are invented as BusyBox would take them.
 */
export class FakeCluster {
  readonly objects: AnyKubeObject[] = []
  readonly executed: string[] = []
  flaws: Flaws = {}
  #uptime = 1000

  add(...objects: readonly KubeObject[]): this {
    for (const object of objects) {
      const copy: AnyKubeObject = JSON.parse(JSON.stringify(object))
      this.remove(copy.kind, copy.metadata.name, copy.metadata.namespace)
      this.objects.push(copy)
    }
    return this
  }

  remove(kind: string, name: string, namespace?: string): this {
    const at = this.objects.findIndex(
      (one) =>
        one.kind === kind && one.metadata.name === name && one.metadata.namespace === namespace,
    )
    if (at !== -1) this.objects.splice(at, 1)
    return this
  }

  get client(): KubeClient {
    const unused = () => Promise.reject(new Error('not part of this fake'))
    return {
      server: 'https://127.0.0.1:6443',
      namespace: 'default',
      request: unused,
      get: unused,
      find: async <T extends KubeObject = AnyKubeObject>(
        ref: ResourceRef,
      ): Promise<T | undefined> => this.#list<T>(ref)[0],
      list: async <T extends KubeObject = AnyKubeObject>(
        ref: ResourceRef,
        options?: { readonly labelSelector?: string },
      ) => {
        const selector = parseLabelSelector(options?.labelSelector ?? '')
        const items = this.#list<T>(ref).filter(({ metadata }) => selector.matches(metadata.labels))
        return { apiVersion: ref.apiVersion, kind: 'List', metadata: {}, items }
      },
      create: unused,
      replace: unused,
      patch: unused,
      delete: unused,
      watch: unused,
      exec: (target, command, streams) => this.#exec(target, command, streams),
      attach: unused,
      logs: unused,
      close: () => {},
    }
  }

  #list<T extends KubeObject>(ref: ResourceRef): T[] {
    const found = this.objects.filter(
      ({ kind, metadata }) =>
        `${kind.toLowerCase()}s`.replace('policys', 'policies') === ref.plural &&
        (ref.namespace === undefined || metadata.namespace === ref.namespace) &&
        (ref.name === undefined || metadata.name === ref.name),
    )
    return JSON.parse(JSON.stringify(found))
  }

  async #exec(
    target: { readonly namespace: string; readonly pod: string },
    command: readonly string[],
    streams: RemoteStreams,
  ): Promise<RemoteExit> {
    const [shell, flag, script = ''] = command
    if (shell !== 'sh' || flag !== '-c') throw new Error(`not a probe: ${command.join(' ')}`)
    if (this.flaws.shellless?.includes(target.pod) === true) {
      const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const
      return { kind: 'failed', status }
    }
    const match =
      /^read a _ <\/proc\/uptime; (.*); c=\$\?; read b _ <\/proc\/uptime; echo; echo \$c \$a \$b$/.exec(
        script,
      )
    if (match === null) throw new Error(`not a probe: ${script}`)
    const [, line = ''] = match
    let code = 1
    let seconds = 0
    let text = ''
    for (const part of line.replace(/(?:; \}; \})+$/, '').split(NEXT_IF_ANSWERED)) {
      if (seconds >= 4) break
      this.executed.push(`${target.pod}: ${part}`)
      const result = await this.#run(target, part)
      code = result.code
      seconds += result.seconds
      text += `${result.text ?? ''}\n`
      if (code === 0) break
    }
    const before = this.#uptime
    this.#uptime += seconds
    const times = `${before.toFixed(2)} ${this.#uptime.toFixed(2)}`
    streams.stdout(new TextEncoder().encode(`${text}\n${code} ${times}\n`))
    return { kind: 'exited', code: 0 }
  }

  async #run(from: { readonly namespace: string; readonly pod: string }, line: string) {
    const words = line.replaceAll("'", '').split(' ')
    const [program = ''] = words
    if (this.flaws.without?.includes(program) === true) return { code: 127, seconds: 0 }
    switch (program) {
      case 'cat':
        return {
          code: 0,
          seconds: 0,
          text: `search ${from.namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5`,
        }
      case 'sleep':
        return { code: 0, seconds: Number(words[1]) }
      case 'nslookup': {
        const [, , name = '', server = ''] = words
        const outcome = await this.#connect(from, server, 53, 'UDP')
        if (outcome !== 'connected' || this.flaws.dnsDown === true) return { code: 1, seconds: 5 }
        const address = this.#address(name)
        const head = `Server:\t\t${server}\nAddress:\t${server}:53\n\n`
        return address === undefined
          ? { code: 1, seconds: 0.01, text: `${head}** server can't find ${name}: NXDOMAIN` }
          : { code: 0, seconds: 0.01, text: `${head}Name:\t${name}\nAddress: ${address}` }
      }
      case 'nc': {
        const outcome = await this.#connect(from, words[4] ?? '', Number(words[5]), 'TCP')
        if (outcome === 'connected') return { code: 0, seconds: 0.01 }
        return { code: 1, seconds: outcome === 'refused' ? 0.01 : Number(words[3]) }
      }
      case 'ping': {
        const outcome = await this.#connect(from, words[5] ?? '', undefined, 'ICMP')
        return outcome === 'connected' ? { code: 0, seconds: 0.01 } : { code: 1, seconds: 2 }
      }
      default:
        throw new Error(`no such program in this fake: ${line}`)
    }
  }

  #address(name: string): string | undefined {
    const match = /^([^.]+)\.([^.]+)\.svc\.cluster\.local$/.exec(name)
    if (match === null) return NAMES[name]
    const [, service, namespace] = match
    const found = this.objects.find(
      ({ kind, metadata }) =>
        kind === 'Service' && metadata.name === service && metadata.namespace === namespace,
    )
    const spec: { clusterIP?: string } = Object(found?.spec)
    return spec.clusterIP
  }

  async #connect(
    from: { readonly namespace: string; readonly pod: string },
    address: string,
    port: number | undefined,
    protocol: Flow['protocol'],
  ): Promise<'connected' | 'refused' | 'timeout'> {
    const state = await readClusterState(this.client, new AbortController().signal)
    const translated = translate(address, port, protocol, state)
    if (translated.kind === 'rejected') return 'refused'
    const [end] = translated.kind === 'flows' ? translated.to : []
    if (end === undefined) return 'timeout'
    const flow: Flow = {
      from: { kind: 'pod', namespace: from.namespace, name: from.pod },
      protocol,
      ...end,
    }
    const policies = this.flaws.enforcesNothing === true ? [] : state.policy.policies
    const prepared = prepare({ ...state.policy, policies })
    if (!prepared.allows(flow)) return this.flaws.rejects === true ? 'refused' : 'timeout'
    const destination = prepared.resolve(end.to)
    if (destination.kind !== 'pod') {
      const ports = OUTSIDE[end.to.kind === 'address' ? end.to.address : ''] ?? []
      return end.port === undefined || ports.includes(end.port) ? 'connected' : 'timeout'
    }
    const listens = destination.pod.ports.some(
      (one) => one.port === end.port && one.protocol === protocol,
    )
    return listens || protocol === 'ICMP' ? 'connected' : 'refused'
  }
}

export function fakePod(
  id: string,
  labels: Record<string, string>,
  podIP: string,
  ports: readonly (readonly [number, 'TCP' | 'UDP'])[] = [],
): Pod {
  const [namespace = 'default', name = id] = id.split('/')
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: {
      containers: [
        {
          name,
          image: 'x',
          ports: ports.map(([containerPort, protocol]) => ({ containerPort, protocol })),
        },
      ],
      nodeName: 'node-1',
    },
    status: {
      phase: 'Running',
      podIP,
      podIPs: [{ ip: podIP }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  }
}

/** A Service and its endpoints. */
export function fakeService(
  id: string,
  clusterIP: string,
  ports: readonly { name?: string; port: number; targetPort?: number; protocol?: 'TCP' | 'UDP' }[],
  pods: readonly Pod[],
  labels: Record<string, string> = {},
): readonly KubeObject[] {
  const [namespace = 'default', name = id] = id.split('/')
  const addresses = pods.map(({ status }) => status?.podIP ?? '')
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels },
    spec: { clusterIP, clusterIPs: [clusterIP], ports: [...ports] },
  }
  const slice: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-1`, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: ports.map((one) => ({
      name: one.name ?? '',
      port: one.targetPort ?? one.port,
      protocol: one.protocol ?? 'TCP',
    })),
  }
  return [service, slice]
}

/** The world of "deny egress", with its policies. */
export function egressCluster(...policies: readonly NetworkPolicy[]): FakeCluster {
  const web = fakePod('default/web', { app: 'web' }, '10.244.0.12', [[80, 'TCP']])
  const fooSrv = fakePod('default/foo-srv', { app: 'foo' }, '10.244.0.15', [[80, 'TCP']])
  const dns = fakePod('kube-system/coredns-1', { 'k8s-app': 'kube-dns' }, '10.244.0.2', [
    [53, 'UDP'],
    [53, 'TCP'],
  ])
  const lighthouse = fakePod('watch/lighthouse', { app: 'lighthouse' }, '10.244.0.16', [
    [80, 'TCP'],
    [53, 'TCP'],
  ])
  const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  return new FakeCluster().add(
    ...['default', 'kube-system', 'watch'].map(namespace),
    web,
    fooSrv,
    dns,
    lighthouse,
    fakePod('default/test', { app: 'foo' }, '10.244.0.13'),
    fakePod('default/bar', { app: 'bar' }, '10.244.0.14'),
    ...fakeService('default/web', '10.96.14.7', [{ port: 80 }], [web]),
    ...fakeService('default/foo-srv', '10.96.14.8', [{ port: 80 }], [fooSrv]),
    ...fakeService('default/empty', '10.96.14.9', [{ port: 80 }], []),
    ...fakeService(
      'watch/lighthouse',
      '10.96.14.10',
      [
        { name: 'a', port: 80 },
        { name: 'b', port: 53 },
      ],
      [lighthouse],
    ),
    ...fakeService('default/kubernetes', '10.96.0.1', [{ port: 443 }], []),
    ...fakeService(
      'kube-system/kube-dns',
      '10.96.0.10',
      [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53 },
      ],
      [dns],
      { 'k8s-app': 'kube-dns' },
    ),
    ...policies,
  )
}
