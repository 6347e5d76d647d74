import { isRecord, record, records, stringMap, strings, text } from '../values.ts'
import { describeEvents, findEvents } from './describe-events.ts'
import {
  DescribeWriter,
  writeAnnotations,
  writeLabels,
  writeNameAndNamespace,
} from './describe-writer.ts'
import type { Describer } from './describer.ts'

/** `kubectl describe configmap`. */
export const describeConfigMap: Describer = async (context, map, options) => {
  const w = new DescribeWriter()
  writeNameAndNamespace(w, { ...map.metadata })
  writeLabels(w, 'Labels', map.metadata.labels)
  writeAnnotations(w, 'Annotations', map.metadata.annotations)
  w.write(0, '\nData\n====\n')
  for (const [key, value] of Object.entries(stringMap(map.data)).sort()) {
    w.write(0, `${key}:\n----\n${value}\n\n`)
  }
  w.write(0, '\nBinaryData\n====\n')
  for (const [key, value] of Object.entries(stringMap(map.binaryData)).sort()) {
    const bytes = Math.floor((value.replace(/=+$/, '').length * 3) / 4)
    w.write(0, `${key}: ${bytes} bytes\n`)
  }
  w.write(0, '\n')
  if (options.showEvents) {
    describeEvents(w, await findEvents(context, map, { withKind: true }), context.clock.now())
  }
  return w.finish()
}

/** `kubectl describe endpoints`. */
export const describeEndpoints: Describer = async (context, endpoints, options) => {
  const w = new DescribeWriter()
  writeNameAndNamespace(w, { ...endpoints.metadata })
  writeLabels(w, 'Labels', endpoints.metadata.labels)
  writeAnnotations(w, 'Annotations', endpoints.metadata.annotations)
  w.write(0, 'Subsets:\n')
  for (const subset of records(endpoints.subsets)) {
    const addresses = (field: string) =>
      records(subset[field])
        .map((address) => text(address.ip))
        .join(',') || '<none>'
    w.write(1, `Addresses:\t${addresses('addresses')}\n`)
    w.write(1, `NotReadyAddresses:\t${addresses('notReadyAddresses')}\n`)
    const ports = records(subset.ports)
    if (ports.length > 0) {
      w.write(1, 'Ports:\n')
      w.write(2, 'Name\tPort\tProtocol\n')
      w.write(2, '----\t----\t--------\n')
    }
    for (const port of ports) {
      const name = text(port.name) || '<unset>'
      w.write(2, `${name}\t${String(port.port)}\t${text(port.protocol)}\n`)
    }
    w.write(0, '\n')
  }
  if (options.showEvents) {
    describeEvents(w, await findEvents(context, endpoints, { withKind: true }), context.clock.now())
  }
  return w.finish()
}

/** `kubectl describe endpointslice`. */
export const describeEndpointSlice: Describer = async (context, slice, options) => {
  const w = new DescribeWriter()
  writeNameAndNamespace(w, { ...slice.metadata })
  writeLabels(w, 'Labels', slice.metadata.labels)
  writeAnnotations(w, 'Annotations', slice.metadata.annotations)
  w.write(0, `AddressType:\t${text(slice.addressType)}\n`)
  const ports = records(slice.ports)
  if (ports.length === 0) w.write(0, 'Ports: <unset>\n')
  else {
    w.write(0, 'Ports:\n')
    w.write(1, 'Name\tPort\tProtocol\n')
    w.write(1, '----\t----\t--------\n')
  }
  for (const port of ports) {
    const name = text(port.name) || '<unset>'
    w.write(1, `${name}\t${String(port.port ?? '<unset>')}\t${text(port.protocol)}\n`)
  }
  const endpoints = records(slice.endpoints)
  w.write(0, endpoints.length === 0 ? 'Endpoints: <none>\n' : 'Endpoints:\n')
  for (const endpoint of endpoints) {
    const ready = record(endpoint.conditions).ready
    w.write(1, `- Addresses:\t${strings(endpoint.addresses).join(', ') || '<none>'}\n`)
    w.write(2, 'Conditions:\n')
    w.write(3, `Ready:\t${typeof ready === 'boolean' ? ready : '<unset>'}\n`)
    w.write(2, `Hostname:\t${text(endpoint.hostname) || '<unset>'}\n`)
    const target = endpoint.targetRef
    if (isRecord(target)) w.write(2, `TargetRef:\t${text(target.kind)}/${text(target.name)}\n`)
    w.write(2, `NodeName:\t${text(endpoint.nodeName) || '<unset>'}\n`)
    w.write(2, `Zone:\t${text(endpoint.zone) || '<unset>'}\n`)
  }
  if (options.showEvents) {
    describeEvents(w, await findEvents(context, slice, { withKind: true }), context.clock.now())
  }
  return w.finish()
}
