/** The protocol grpc.health.v1: one call that names a service, and one number that comes back. */
export const HEALTH_CHECK = '/grpc.health.v1.Health/Check'

/** The names of the numbers, in their order. */
export const SERVING_STATUS = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const
export type ServingStatus = (typeof SERVING_STATUS)[number]

/** `HealthCheckRequest` as protobuf: field 1, the service. */
export function healthRequest(service: string): Uint8Array {
  const name = new TextEncoder().encode(service)
  // Names of services are labels; one of more than 127 bytes has a length of two.
  const length = name.length < 128 ? [name.length] : [(name.length & 127) | 128, name.length >> 7]
  return name.length === 0 ? name : Uint8Array.from([0x0a, ...length, ...name])
}

export function requestedService(request: Uint8Array): string {
  if (request[0] !== 0x0a) return ''
  return new TextDecoder().decode(request.subarray((request[1] ?? 0) < 128 ? 2 : 3))
}

/** `HealthCheckResponse` as protobuf: field 1, the status. */
export function healthReply(status: ServingStatus): Uint8Array {
  const number = SERVING_STATUS.indexOf(status)
  return number === 0 ? new Uint8Array(0) : Uint8Array.of(0x08, number)
}

export function repliedStatus(reply: Uint8Array): ServingStatus {
  return SERVING_STATUS[reply[0] === 0x08 ? (reply[1] ?? 0) : 0] ?? 'UNKNOWN'
}
