import type { EndpointSlice } from '../../../kube/objects.ts'
import type { KubectlContext } from '../context.ts'
import { labelText } from '../print/resource-table.ts'
import { number, record, records, stringMap, strings, text } from '../values.ts'
import { describeEvents, findEvents } from './describe-events.ts'
import {
  DescribeWriter,
  writeAnnotations,
  writeLabels,
  writeNameAndNamespace,
} from './describe-writer.ts'
import type { Describer } from './describer.ts'

/** `kubectl describe service` (`describeService`). */
export const describeService: Describer = async (context, service, options) => {
  const slices = await endpointSlicesOf(
    context,
    service.metadata.namespace ?? '',
    service.metadata.name,
  )
  const events = options.showEvents
    ? await findEvents(context, service, { withKind: true })
    : undefined
  const spec = record(service.spec)
  const w = new DescribeWriter()
  writeNameAndNamespace(w, { ...service.metadata })
  writeLabels(w, 'Labels', service.metadata.labels)
  writeAnnotations(w, 'Annotations', service.metadata.annotations)
  w.write(0, `Selector:\t${labelText(stringMap(spec.selector))}\n`)
  w.write(0, `Type:\t${text(spec.type)}\n`)
  const optional = (title: string, value: string) => {
    if (value !== '') w.write(0, `${title}:\t${value}\n`)
  }
  optional('IP Family Policy', text(spec.ipFamilyPolicy))
  w.write(0, `IP Families:\t${strings(spec.ipFamilies).join(',') || '<none>'}\n`)
  w.write(0, `IP:\t${text(spec.clusterIP)}\n`)
  w.write(0, `IPs:\t${strings(spec.clusterIPs).join(',') || '<none>'}\n`)
  optional('External IPs', strings(spec.externalIPs).join(','))
  optional('Desired LoadBalancer IP', text(spec.loadBalancerIP))
  optional('External Name', text(spec.externalName))
  const ingress = records(record(record(service.status).loadBalancer).ingress)
  optional(
    'LoadBalancer Ingress',
    ingress
      .map((one) => {
        const mode = text(one.ipMode)
        const ip = text(one.ip)
        if (ip === '') return text(one.hostname)
        return mode === '' ? ip : `${ip} (${mode})`
      })
      .join(', '),
  )
  for (const port of records(spec.ports)) {
    const name = text(port.name)
    const shown = name === '' ? '<unset>' : name
    const protocol = text(port.protocol)
    w.write(0, `Port:\t${shown}\t${number(port.port)}/${protocol}\n`)
    w.write(0, `TargetPort:\t${String(port.targetPort ?? 0)}/${protocol}\n`)
    optional('AppProtocol', text(port.appProtocol))
    if (number(port.nodePort) !== 0) {
      w.write(0, `NodePort:\t${shown}\t${number(port.nodePort)}/${protocol}\n`)
    }
    w.write(0, `Endpoints:\t${formatEndpoints(slices, name)}\n`)
  }
  w.write(0, `Session Affinity:\t${text(spec.sessionAffinity)}\n`)
  optional('External Traffic Policy', text(spec.externalTrafficPolicy))
  optional('Internal Traffic Policy', text(spec.internalTrafficPolicy))
  if (number(spec.healthCheckNodePort) !== 0) {
    w.write(0, `HealthCheck NodePort:\t${number(spec.healthCheckNodePort)}\n`)
  }
  optional('LoadBalancer Source Ranges', strings(spec.loadBalancerSourceRanges).join(','))
  describeEvents(w, events, context.clock.now())
  return w.finish()
}

/** The endpoint slices of a service. */
export async function endpointSlicesOf(
  context: KubectlContext,
  namespace: string,
  service: string,
): Promise<readonly EndpointSlice[]> {
  const list = await context.client.list<EndpointSlice>(
    {
      apiVersion: 'discovery.k8s.io/v1',
      plural: 'endpointslices',
      namespace,
    },
    {
      labelSelector: `kubernetes.io/service-name=${service}`,
      signal: context.signal,
    },
  )
  return list.items
}

const MOST = 3

/** At most three ready addresses of a port, then how many more. */
export function formatEndpoints(slices: readonly EndpointSlice[], portName: string): string {
  if (slices.length === 0) return '<none>'
  const all = slices.flatMap((slice) => {
    const ready = (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready !== false)
    const ports = slice.ports ?? []
    if (ports.length === 0) return ready.map((endpoint) => endpoint.addresses[0] ?? '')
    return ports
      .filter((port) => (port.name ?? '') === portName)
      .flatMap((port) =>
        ready.map((endpoint) => joinHostPort(endpoint.addresses[0] ?? '', port.port)),
      )
  })
  const shown = all.slice(0, MOST).join(',')
  return all.length > MOST ? `${shown} + ${all.length - MOST} more...` : shown
}

function joinHostPort(address: string, port: number | undefined): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
