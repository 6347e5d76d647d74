import { KubeStatusError } from '../../../kube/client.ts'
import type { KubectlContext } from '../context.ts'
import { isRecord, type JsonRecord, number, record, records, strings, text } from '../values.ts'
import { describeEvents, findEvents } from './describe-events.ts'
import { endpointSlicesOf, formatEndpoints } from './describe-service.ts'
import { DescribeWriter, writeAnnotations, writeLabels } from './describe-writer.ts'
import type { Describer } from './describer.ts'

/** `kubectl describe ingress` (`describeIngressV1`). */
export const describeIngress: Describer = async (context, ingress, options) => {
  const spec = record(ingress.spec)
  const { namespace = '' } = ingress.metadata
  const balancer = record(record(ingress.status).loadBalancer)
  const addresses = records(balancer.ingress).map((one) => text(one.ip) || text(one.hostname))
  const byDefault = isRecord(spec.defaultBackend)
    ? await backendText(context, namespace, spec.defaultBackend)
    : '<default>'
  const w = new DescribeWriter()
  w.write(0, `Name:\t${ingress.metadata.name}\n`)
  writeLabels(w, 'Labels', ingress.metadata.labels)
  w.write(0, `Namespace:\t${namespace}\n`)
  w.write(0, `Address:\t${addresses.join(',')}\n`)
  w.write(0, `Ingress Class:\t${text(spec.ingressClassName) || '<none>'}\n`)
  w.write(0, `Default backend:\t${byDefault}\n`)
  const tls = records(spec.tls)
  if (tls.length > 0) w.write(0, 'TLS:\n')
  for (const one of tls) {
    const hosts = strings(one.hosts).join(',')
    const secret = text(one.secretName)
    w.write(1, secret === '' ? `SNI routes ${hosts}\n` : `${secret} terminates ${hosts}\n`)
  }
  w.write(0, 'Rules:\n')
  w.write(1, 'Host\tPath\tBackends\n')
  w.write(1, '----\t----\t--------\n')
  const rules = records(spec.rules).filter((rule) => isRecord(rule.http))
  if (rules.length === 0) w.write(1, `*\t*\t${byDefault}\n`)
  for (const rule of rules) {
    w.write(1, `${text(rule.host) || '*'}\t\n`)
    for (const path of records(record(rule.http).paths)) {
      const backend = await backendText(context, namespace, record(path.backend))
      w.write(2, `\t${text(path.path)} \t${backend}\n`)
    }
  }
  writeAnnotations(w, 'Annotations', ingress.metadata.annotations)
  if (options.showEvents) {
    describeEvents(w, await findEvents(context, ingress, { withKind: true }), context.clock.now())
  }
  return w.finish()
}

/** `web:80 (10.244.0.5:80)`, with the endpoints that the port leads to. */
async function backendText(
  context: KubectlContext,
  namespace: string,
  backend: JsonRecord,
): Promise<string> {
  const wanted = backend.service
  if (!isRecord(wanted)) {
    const ref = record(backend.resource)
    return isRecord(backend.resource)
      ? `APIGroup: ${text(ref.apiGroup)}, Kind: ${text(ref.kind)}, Name: ${text(ref.name)}`
      : ''
  }
  const name = text(wanted.name)
  const port = record(wanted.port)
  const shown = `${name}:${text(port.name) || String(number(port.number))}`
  try {
    const slices = await endpointSlicesOf(context, namespace, name)
    const service = await context.client.get(
      { apiVersion: 'v1', plural: 'services', namespace, name },
      { signal: context.signal },
    )
    const found = records(record(service.spec).ports).find(
      (one) =>
        (number(port.number) !== 0 && one.port === port.number) ||
        (text(port.name) !== '' && one.name === port.name),
    )
    return `${shown} (${formatEndpoints(slices, text(found?.name))})`
  } catch (error) {
    if (!(error instanceof KubeStatusError)) throw error
    return `${shown} (<error: ${error.status.message ?? ''}>)`
  }
}

/** `kubectl describe ingressclass`. */
export const describeIngressClass: Describer = async (context, ingressClass, options) => {
  const spec = record(ingressClass.spec)
  const w = new DescribeWriter()
  w.write(0, `Name:\t${ingressClass.metadata.name}\n`)
  writeLabels(w, 'Labels', ingressClass.metadata.labels)
  writeAnnotations(w, 'Annotations', ingressClass.metadata.annotations)
  w.write(0, `Controller:\t${text(spec.controller)}\n`)
  const parameters = spec.parameters
  if (isRecord(parameters)) {
    w.write(0, 'Parameters:\n')
    if (text(parameters.apiGroup) !== '') w.write(1, `APIGroup:\t${text(parameters.apiGroup)}\n`)
    w.write(1, `Kind:\t${text(parameters.kind)}\n`)
    w.write(1, `Name:\t${text(parameters.name)}\n`)
  }
  if (options.showEvents) {
    const events = await findEvents(context, ingressClass, { withKind: true })
    describeEvents(w, events, context.clock.now())
  }
  return w.finish()
}
