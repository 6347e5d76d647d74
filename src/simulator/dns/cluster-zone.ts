import type { EndpointSlice, Pod, Service } from '../../kube/objects.ts'
import type { ClusterView } from '../ports.ts'
import type { DnsQuestion, DnsRecord } from './message.ts'
import type { DnsAnswer } from './name-server.ts'

/** The cluster's domain; what `pods insecure` and `ttl 30` of kind's Corefile give. */
export const CLUSTER_DOMAIN = 'cluster.local'
const TTL = 30
const VERSION_TTL = 28_800
const SCHEMA_VERSION = '1.1.0'

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
 * Answers a question from the live objects as CoreDNS' `kubernetes` plugin does with kind's Corefile
 * (github.com/coredns/coredns plugin/kubernetes: parse.go, kubernetes.go, reverse.go, handler.go; DNS specification 1.1.0). `undefined`
 * where the name is not the cluster's or, for an address, unknown to it: then it is forwarded.
 *
 * Each answer is authoritative, also the empty ones (plugin.BackendError).
 */
export function answerFromCluster(
  view: ClusterView,
  question: DnsQuestion,
  options: { readonly serial?: number } = {},
): DnsAnswer | undefined {
  const asked = question.name.toLowerCase()
  if (asked.endsWith('.in-addr.arpa')) return reverse(view, question)
  if (asked !== CLUSTER_DOMAIN && !asked.endsWith(`.${CLUSTER_DOMAIN}`)) return undefined
  const zone = zoneOf(view, question, options.serial ?? 1)
  if (question.type === 'SOA') return zone.found([zone.soa])
  const base = asked.slice(0, -CLUSTER_DOMAIN.length - 1)
  const labels = base.split('.').filter((label) => label !== '')
  if (question.type === 'TXT' && labels.length === 1) {
    const text = {
      name: question.name,
      ttl: VERSION_TTL,
      type: 'TXT',
      text: SCHEMA_VERSION,
    } as const
    return base === 'dns-version' ? zone.found([text]) : zone.noData()
  }
  if (labels.length === 0) return question.type === 'NS' ? nameServers(zone) : zone.noData()
  if (base === 'ns.dns') return zone.addresses(dnsAddresses(view))
  const kind = labels.at(-1)
  if (kind !== 'svc' && kind !== 'pod') return zone.noSuchName()
  const namespace = labels.at(-2)
  // `svc.cluster.local` itself exists, as an empty name above others.
  if (namespace === undefined) return zone.noData()
  const rest = labels.slice(0, -2)
  if (rest.length > 3) return zone.noSuchName()
  if (!view.namespaces().some((candidate) => candidate.metadata.name === namespace)) {
    return zone.noSuchName()
  }
  if (rest.length === 0) return zone.noData()
  return kind === 'svc' ? serviceName(zone, namespace, rest) : podName(zone, rest)
}

interface Zone {
  readonly view: ClusterView
  readonly question: DnsQuestion
  readonly soa: DnsRecord
  found(answers: readonly DnsRecord[], additionals?: readonly DnsRecord[]): DnsAnswer
  /** A records of the asked name, or none of the asked type. */
  addresses(addresses: readonly string[]): DnsAnswer
  noData(): DnsAnswer
  noSuchName(): DnsAnswer
}

function zoneOf(view: ClusterView, question: DnsQuestion, serial: number): Zone {
  const soa: DnsRecord = {
    name: CLUSTER_DOMAIN,
    ttl: TTL,
    type: 'SOA',
    primary: `ns.dns.${CLUSTER_DOMAIN}`,
    mailbox: `hostmaster.${CLUSTER_DOMAIN}`,
    serial,
    refresh: 7200,
    retry: 1800,
    expire: 86_400,
    minimum: TTL,
  }
  const empty = (rcode: 'NOERROR' | 'NXDOMAIN'): DnsAnswer => ({
    rcode,
    authoritative: true,
    answers: [],
    authorities: [soa],
  })
  const found: Zone['found'] = (answers, additionals = []) =>
    answers.length === 0
      ? empty('NOERROR')
      : { rcode: 'NOERROR', authoritative: true, answers, additionals }
  return {
    view,
    question,
    soa,
    found,
    addresses: (addresses) =>
      found(
        question.type !== 'A'
          ? []
          : [...new Set(addresses)].map((address) => ({
              name: question.name,
              ttl: TTL,
              type: 'A',
              address,
            })),
      ),
    noData: () => empty('NOERROR'),
    noSuchName: () => empty('NXDOMAIN'),
  }
}

const DNS_SERVICE = `kube-dns.kube-system.svc.${CLUSTER_DOMAIN}`

function dnsAddresses(view: ClusterView): string[] {
  return view
    .services()
    .filter(({ metadata }) => metadata.name === 'kube-dns' && metadata.namespace === 'kube-system')
    .flatMap(({ spec }) => (spec.clusterIP === undefined ? [] : [spec.clusterIP]))
}

function nameServers(zone: Zone): DnsAnswer {
  const addresses = dnsAddresses(zone.view)
  return zone.found(
    addresses.slice(0, 1).map(() => ({
      name: zone.question.name,
      ttl: TTL,
      type: 'NS',
      target: DNS_SERVICE,
    })),
    addresses.map((address) => ({ name: DNS_SERVICE, ttl: TTL, type: 'A', address })),
  )
}

/** `pods insecure`: whatever looks like an address is answered, whether a pod has it or not. */
function podName(zone: Zone, rest: readonly string[]): DnsAnswer {
  const address = rest.at(-1)?.replaceAll('-', '.') ?? ''
  return isIpv4(address) ? zone.addresses([address]) : zone.noSuchName()
}

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)
}

function serviceName(zone: Zone, namespace: string, rest: readonly string[]): DnsAnswer {
  const name = rest.at(-1)
  const service = zone.view
    .services()
    .find(
      (candidate) => candidate.metadata.name === name && candidate.metadata.namespace === namespace,
    )
  if (service === undefined) return zone.noSuchName()
  const endpoint = rest.length === 2 ? rest[0] : undefined
  const [port, protocol] =
    rest.length === 3 ? rest.map((label) => label.replace(/^_/, '')) : [undefined, undefined]
  if (service.spec.type === 'ExternalName') {
    const target = service.spec.externalName
    if (target === undefined || endpoint !== undefined || isIpv4(target)) return zone.noSuchName()
    // An alias for every type but SRV, which the plugin does not do for the outside.
    if (zone.question.type === 'SRV') return zone.noData()
    return zone.found([
      { name: zone.question.name, ttl: TTL, type: 'CNAME', target: target.replace(/\.$/, '') },
    ])
  }
  const byEndpoint = service.spec.clusterIP === 'None' || endpoint !== undefined
  const targets = (byEndpoint ? endpointTargets(zone.view, service) : serviceTarget(service))
    .filter((target) => endpoint === undefined || target.label === endpoint)
    .map((target) => ({
      ...target,
      ports: target.ports.filter(
        (candidate) =>
          port === undefined ||
          ((candidate.name ?? '').toLowerCase() === port &&
            candidate.protocol.toLowerCase() === protocol),
      ),
    }))
    .filter((target) => port === undefined || target.ports.length > 0)
  if (targets.length === 0) return zone.noSuchName()
  const base = `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`
  return zone.question.type === 'SRV'
    ? serviceRecords(zone, base, targets, byEndpoint)
    : zone.addresses(targets.map((target) => target.address))
}

function serviceRecords(
  zone: Zone,
  base: string,
  targets: readonly Target[],
  byEndpoint: boolean,
): DnsAnswer {
  const records = new Map<string, DnsRecord>()
  const additionals = new Map<string, DnsRecord>()
  const count = targets.reduce((sum, target) => sum + target.ports.length, 0)
  const weight = Math.max(1, Math.floor(100 / Math.max(1, count)))
  for (const target of targets) {
    const host = byEndpoint ? `${target.label}.${base}` : base
    for (const { port } of target.ports) {
      records.set(`${host} ${port}`, {
        name: zone.question.name,
        ttl: TTL,
        type: 'SRV',
        priority: 0,
        weight,
        port,
        target: host,
      })
      additionals.set(`${host} ${target.address}`, {
        name: host,
        ttl: TTL,
        type: 'A',
        address: target.address,
      })
    }
  }
  return zone.found([...records.values()], [...additionals.values()])
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
      const hostname = endpoint.hostname ?? hostnameOf(view, service, endpoint)
      const label = (hostname ?? address.replaceAll('.', '-')).toLowerCase()
      const ports = (slice.ports ?? []).flatMap((port) =>
        port.port === undefined
          ? []
          : [{ name: port.name, port: port.port, protocol: port.protocol ?? 'TCP' }],
      )
      const before = targets.get(address)
      targets.set(address, { label, address, ports: [...(before?.ports ?? []), ...ports] })
    }
  }
  return [...targets.values()]
}

/** The name of a pod below its governing service: `spec.hostname` where `spec.subdomain` is that service. */
function hostnameOf(
  view: ClusterView,
  service: Service,
  endpoint: EndpointSlice['endpoints'][number],
): string | undefined {
  const pod = podOf(view, service, endpoint)
  return pod?.spec.subdomain === service.metadata.name ? pod.spec.hostname : undefined
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

/** The service that owns an address, else every endpoint that has it. */
function reverse(view: ClusterView, question: DnsQuestion): DnsAnswer | undefined {
  if (question.type !== 'PTR') return undefined
  const address = question.name
    .toLowerCase()
    .slice(0, -'.in-addr.arpa'.length)
    .split('.')
    .reverse()
    .join('.')
  const nameOf = ({ metadata }: Service) =>
    `${metadata.name}.${metadata.namespace}.svc.${CLUSTER_DOMAIN}`
  const services = view.services()
  const owner = services.find((service) => service.spec.clusterIP === address)
  const names =
    owner !== undefined
      ? [nameOf(owner)]
      : services.flatMap((service) =>
          endpointTargets(view, service)
            .filter((target) => target.address === address)
            .map((target) => `${target.label}.${nameOf(service)}`),
        )
  if (names.length === 0) return undefined
  return {
    rcode: 'NOERROR',
    authoritative: true,
    answers: names.map((target) => ({ name: question.name, ttl: TTL, type: 'PTR', target })),
  }
}
