import type { Protocol } from '../../../kube/objects.ts'

/** The part of /etc/services that network tools show. */
const NAMES: readonly (readonly [name: string, port: number, protocols: 'tcp' | 'udp' | 'both'])[] =
  [
    ['echo', 7, 'both'],
    ['discard', 9, 'both'],
    ['ftp', 21, 'tcp'],
    ['ssh', 22, 'tcp'],
    ['telnet', 23, 'tcp'],
    ['smtp', 25, 'tcp'],
    ['domain', 53, 'both'],
    ['http', 80, 'tcp'],
    ['ntp', 123, 'udp'],
    ['https', 443, 'tcp'],
    ['syslog', 514, 'udp'],
    ['mysql', 3306, 'tcp'],
    ['postgresql', 5432, 'tcp'],
    ['redis', 6379, 'tcp'],
    ['http-alt', 8080, 'tcp'],
  ]

/** Ports by name. */
export const SERVICE_PORTS: ReadonlyMap<string, number> = new Map(
  NAMES.map(([name, port]) => [name, port]),
)

/** The name of a port; `undefined` where it has none. */
export function serviceName(port: number, protocol: Protocol): string | undefined {
  const wanted = protocol === 'UDP' ? 'udp' : 'tcp'
  return NAMES.find(
    ([, number, which]) => number === port && (which === 'both' || which === wanted),
  )?.[0]
}
