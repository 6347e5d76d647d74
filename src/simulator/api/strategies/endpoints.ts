import type { EndpointSlice, Endpoints } from '../../../kube/objects.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { immutableErrors } from '../validation/meta.ts'
import { addressProblems, dnsLabelProblems, portNumberProblems } from '../validation/names.ts'
import type { Strategy } from './strategy.ts'

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

/** Endpoint slices: models pkg/apis/discovery. */
export const endpointSliceStrategy: Strategy = {
  nameRule: 'subdomain',
  counted: true,
  defaults: (object) => {
    const slice = object as EndpointSlice
    return {
      ...slice,
      endpoints: (slice.endpoints ?? []).map((endpoint) => ({
        ...endpoint,
        addresses: endpoint.addresses ?? [],
      })),
      ports: (slice.ports ?? []).map((port) => ({
        ...port,
        name: port.name ?? '',
        protocol: port.protocol ?? ('TCP' as const),
      })),
    }
  },
  validate: (object) => {
    const { addressType, endpoints, ports } = object as EndpointSlice
    const found: FieldError[] = []
    if (addressType === undefined) found.push(fieldError.required('addressType'))
    else if (!ADDRESS_TYPES.includes(addressType)) {
      found.push(fieldError.notSupported('addressType', addressType, ADDRESS_TYPES))
    }
    for (const [index, endpoint] of endpoints.entries()) {
      const at = `endpoints[${index}].addresses`
      if (endpoint.addresses.length === 0) {
        found.push(fieldError.required(at, 'must contain at least 1 address'))
      }
      for (const [place, address] of endpoint.addresses.entries()) {
        if (addressType !== 'IPv4' && addressType !== 'IPv6') break
        for (const problem of addressProblems(address)) {
          found.push(fieldError.invalid(`${at}[${place}]`, address, problem))
        }
      }
    }
    const names = new Set<string>()
    for (const [index, port] of ports.entries()) {
      const at = `ports[${index}]`
      const name = port.name ?? ''
      if (name !== '') {
        for (const problem of dnsLabelProblems(name)) {
          found.push(fieldError.invalid(`${at}.name`, name, problem))
        }
      }
      if (names.has(name)) found.push(fieldError.duplicate(`${at}.name`, name))
      names.add(name)
      if (port.protocol !== undefined && !PROTOCOLS.includes(port.protocol)) {
        found.push(fieldError.notSupported(`${at}.protocol`, port.protocol, PROTOCOLS))
      }
    }
    return found
  },
  validateUpdate: (object, previous) =>
    immutableErrors(
      'addressType',
      (object as EndpointSlice).addressType,
      (previous as EndpointSlice).addressType,
    ),
}

/** Endpoints: models ValidateEndpoints. */
export const endpointsStrategy: Strategy = {
  nameRule: 'subdomain',
  defaults: (object) => {
    const endpoints = object as Endpoints
    if (endpoints.subsets === undefined) return endpoints
    return {
      ...endpoints,
      subsets: endpoints.subsets.map((subset) => ({
        ...subset,
        ...(subset.ports === undefined
          ? {}
          : {
              ports: subset.ports.map((port) => ({
                ...port,
                protocol: port.protocol ?? ('TCP' as const),
              })),
            }),
      })),
    }
  },
  validate: (object) => {
    const found: FieldError[] = []
    for (const [index, subset] of ((object as Endpoints).subsets ?? []).entries()) {
      const at = `subsets[${index}]`
      const lists = [
        ['addresses', subset.addresses ?? []],
        ['notReadyAddresses', subset.notReadyAddresses ?? []],
      ] as const
      if (lists.every(([, list]) => list.length === 0)) {
        found.push(fieldError.required(at, 'must specify `addresses` or `notReadyAddresses`'))
      }
      for (const [name, list] of lists) {
        for (const [place, address] of list.entries()) {
          for (const problem of addressProblems(address.ip ?? '')) {
            found.push(fieldError.invalid(`${at}.${name}[${place}].ip`, address.ip, problem))
          }
        }
      }
      for (const [place, port] of (subset.ports ?? []).entries()) {
        for (const problem of portNumberProblems(port.port ?? 0)) {
          found.push(fieldError.invalid(`${at}.ports[${place}].port`, port.port ?? 0, problem))
        }
      }
    }
    return found
  },
}
