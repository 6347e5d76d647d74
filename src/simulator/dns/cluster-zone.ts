import type { EndpointSlice, Pod, Service } from '../../kube/objects.ts'
import type { ClusterView } from '../ports.ts'
import type { DnsQuestion, DnsRecord } from './message.ts'
import type { DnsAnswer } from './name-server.ts'

/** The cluster's domain; what `pods insecure` and `ttl 30` of kind's Corefile give. */
export const CLUSTER_DOMAIN = 'cluster.local'
const TTL = 30

/** A place that a service name leads to: the service's own address, or one endpoint of a headless service. */
interface Target {
  /** `web`, or `10-244-0-5` for an endpoint. */
  readonly label: string
  readonly address: string
  readonly ports: readonly {
    readonly name?: string | undefined
    readonly port: number
    readonly protocol: string
  }[]
}

/**
 * Answers a question from the live objects as CoreDNS' `kubernetes` plugin does
 * (github.com/coredns/coredns plugin/kubernetes, DNS specification 1.1.0). `undefined` where the name is not the
 * cluster's, so that it is forwarded.
 */
export function answerFromCluster(view: ClusterView, question: DnsQuestion): DnsAnswer | undefined {
  const asked = question.name.toLowerCase()
  if (asked.endsWith('.in-addr.arpa')) return reverse(view, question)
  if (asked !== CLUSTER_DOMAIN && !asked.endsWith(`.${CLUSTER_DOMAIN}`)) return undefined
  const labels = asked
    .slice(0, -CLUSTER_DOMAIN.length - 1)
    .split('.')
    .filter((label) => label !== '')
  const kind = labels.at(-1)
  if (kind === undefined) return question.type === 'SOA' ? answer([soa()]) : noData()
  if (labels.length === 1 && kind === 'dns-version') {
    const known = question.type === 'TXT'
    return known
      ? answer([{ name: question.name, ttl: TTL, type: 'TXT', text: '1.1.0' }])
      : noData()
  }
  if (kind !== 'svc' && kind !== 'pod') return noSuchName()
  const namespace = labels.at(-2)
  // `svc.cluster.local` itself exists, as an empty name above others.
  if (namespace === undefined) return noData()
  if (!view.namespaces().some((candidate) => candidate.metadata.name === namespace))
    return noSuchName()
  const rest = labels.slice(0, -2)
  if (rest.length === 0) return noData()
  return kind === 'svc' ? serviceName(view, question, namespace, rest) : podName(question, rest)
}

function podName(question: DnsQuestion, rest: readonly string[]): DnsAnswer {
  const address = rest[0]?.replaceAll('-', '.') ?? ''
  if (rest.length !== 1 || !/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return noSuchName()
  return wants(question, 'A')
    ? answer([{ name: question.name, ttl: TTL, type: 'A', address }])
    : noData()
}

function serviceName(
  view: ClusterView,
  question: DnsQuestion,
  namespace: string,
  rest: readonly string[],
): DnsAnswer {
  const name = rest.at(-1)
  const service = view
    .services()
    .find(
      (candidate) => candidate.metadata.name === name && candidate.metadata.namespace === namespace,
    )
  if (service === undefined) return noSuchName()
  const base = `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`
  if (service.spec.type === 'ExternalName') {
    if (rest.length !== 1 || service.spec.externalName === undefined) return noSuchName()
    return answer([
      { name: question.name, ttl: TTL, type: 'CNAME', target: service.spec.externalName },
    ])
  }
  const headless = service.spec.clusterIP === 'None'
  const [first = '', second = ''] = rest
  const isPort = rest.length === 3 && first.startsWith('_') && second.startsWith('_')
  const endpointName = rest.length === 2 ? first : undefined
  if (rest.length > 1 && endpointName === undefined && !isPort) return noSuchName()
  let targets =
    headless || endpointName !== undefined ? endpointTargets(view, service) : serviceTarget(service)
  if (endpointName !== undefined)
    targets = targets.filter((target) => target.label === endpointName)
  if (isPort) {
    targets = targets.map((target) => ({
      ...target,
      ports: target.ports.filter(
        (port) => `_${port.name}` === first && `_${port.protocol.toLowerCase()}` === second,
      ),
    }))
    targets = targets.filter((target) => target.ports.length > 0)
  }
  if (targets.length === 0) return noSuchName()
  if (wants(question, 'A') && !isPort) {
    return answer(
      targets.map((target) => ({
        name: question.name,
        ttl: TTL,
        type: 'A',
        address: target.address,
      })),
    )
  }
  if (!wants(question, 'SRV')) return noData()
  return serviceRecords(question, base, targets, headless || endpointName !== undefined)
}

function serviceRecords(
  question: DnsQuestion,
  base: string,
  targets: readonly Target[],
  byEndpoint: boolean,
): DnsAnswer {
  const records: DnsRecord[] = []
  const additionals: DnsRecord[] = []
  const weight = Math.max(1, Math.floor(100 / targets.length))
  for (const target of targets) {
    const host = byEndpoint ? `${target.label}.${base}` : base
    for (const port of target.ports) {
      records.push({
        name: question.name,
        ttl: TTL,
        type: 'SRV',
        priority: 0,
        weight,
        port: port.port,
        target: host,
      })
    }
    additionals.push({ name: host, ttl: TTL, type: 'A', address: target.address })
  }
  return { ...answer(records), additionals }
}

function serviceTarget(service: Service): Target[] {
  const address = service.spec.clusterIP
  if (address === undefined || address === '') return []
  const ports = (service.spec.ports ?? []).map((port) => ({
    name: port.name,
    port: port.port,
    protocol: port.protocol ?? 'TCP',
  }))
  return [{ label: service.metadata.name, address, ports }]
}

function endpointTargets(view: ClusterView, service: Service): Target[] {
  const targets = new Map<string, Target>()
  for (const slice of slicesOf(view, service)) {
    for (const endpoint of slice.endpoints) {
      const ready =
        endpoint.conditions?.ready !== false || service.spec.publishNotReadyAddresses === true
      const address = endpoint.addresses[0]
      if (!ready || address === undefined) continue
      const pod = podOf(view, service, endpoint)
      const named = pod?.spec.hostname !== undefined && pod.spec.subdomain === service.metadata.name
      const label = named ? (pod?.spec.hostname ?? '') : address.replaceAll('.', '-')
      const ports = slice.ports.flatMap((port) =>
        port.port === undefined
          ? []
          : [{ name: port.name, port: port.port, protocol: port.protocol ?? 'TCP' }],
      )
      targets.set(address, { label, address, ports })
    }
  }
  return [...targets.values()]
}

function podOf(
  view: ClusterView,
  service: Service,
  endpoint: EndpointSlice['endpoints'][number],
): Pod | undefined {
  const ref = endpoint.targetRef
  if (ref?.kind !== 'Pod') return undefined
  const namespace = ref.namespace ?? service.metadata.namespace
  return view
    .pods()
    .find((pod) => pod.metadata.name === ref.name && pod.metadata.namespace === namespace)
}

function slicesOf(view: ClusterView, service: Service): readonly EndpointSlice[] {
  return view
    .endpointSlices()
    .filter(
      (slice) =>
        slice.metadata.namespace === service.metadata.namespace &&
        slice.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name,
    )
}

function reverse(view: ClusterView, question: DnsQuestion): DnsAnswer | undefined {
  const address = question.name
    .toLowerCase()
    .slice(0, -'.in-addr.arpa'.length)
    .split('.')
    .reverse()
    .join('.')
  for (const service of view.services()) {
    const base = `${service.metadata.name}.${service.metadata.namespace}.svc.${CLUSTER_DOMAIN}`
    if (service.spec.clusterIP === address) return pointer(question, base)
    for (const target of endpointTargets(view, service)) {
      if (target.address === address) return pointer(question, `${target.label}.${base}`)
    }
  }
  return undefined
}

function pointer(question: DnsQuestion, target: string): DnsAnswer {
  if (question.type !== 'PTR' && question.type !== 'ANY') return noData()
  return answer([{ name: question.name, ttl: TTL, type: 'PTR', target }])
}

function wants(question: DnsQuestion, type: 'A' | 'SRV'): boolean {
  return question.type === type || question.type === 'ANY'
}

function answer(answers: readonly DnsRecord[]): DnsAnswer {
  return { rcode: 'NOERROR', authoritative: true, answers }
}

/** The name exists and has no such record. The answer comes without the AA bit, as recorded with BusyBox. */
function noData(): DnsAnswer {
  return { rcode: 'NOERROR', authoritative: false, answers: [], authorities: [soa()] }
}

function noSuchName(): DnsAnswer {
  return { rcode: 'NXDOMAIN', authoritative: true, answers: [], authorities: [soa()] }
}

function soa(): DnsRecord {
  return {
    name: CLUSTER_DOMAIN,
    ttl: TTL,
    type: 'SOA',
    primary: `ns.dns.${CLUSTER_DOMAIN}`,
    mailbox: `hostmaster.${CLUSTER_DOMAIN}`,
    serial: 1,
    refresh: 7200,
    retry: 1800,
    expire: 86_400,
    minimum: TTL,
  }
}
