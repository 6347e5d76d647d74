import type { Clock } from '../../base/clock.ts'
import type { Protocol, Service } from '../../kube/objects.ts'
import type { ClusterView, PodNetwork, PodSocket } from '../ports.ts'
import type { ConnectionEnd } from './connection.ts'
import type { Judge } from './judge.ts'
import type { OutsideHost } from './outside-world.ts'
import type { NodeAddress } from './routes.ts'

/** Takes the server's end of a new connection. */
export type Acceptor = (connection: ConnectionEnd) => void

/** One socket that listens. */
export interface Listener {
  readonly protocol: Protocol
  readonly port: number
  readonly accept: Acceptor
  /** `7/nginx`. */
  readonly owner?: string
}

/** What is at one address: who listens, and the sockets with a peer. */
export interface Host {
  listeners: readonly Listener[]
  /** None where there never was one. */
  sockets: Set<PodSocket> | undefined
}

/** What the attached pods of one network share. */
export interface NetworkCore {
  readonly view: ClusterView
  readonly clock: Clock
  readonly world: readonly OutsideHost[]
  readonly judge: Judge
  /** By address. */
  readonly hosts: Map<string, Host>
  nodes(): readonly NodeAddress[]
  /** A delay that varies a little. */
  jitter(baseMs: number): number
  /** Which of several equal endpoints a connection from an address gets. */
  pickEndpoint(from: string): (service: Service, addresses: readonly string[]) => number
  ephemeralPort(): number
  /** The network as a host of the outside world has it. */
  outside(address: string): PodNetwork
}

/** The place of an address; made when it is not there yet. */
export function hostAt(core: NetworkCore, address: string): Host {
  const known = core.hosts.get(address)
  if (known !== undefined) return known
  const host: Host = { listeners: [], sockets: undefined }
  core.hosts.set(address, host)
  return host
}

/** The sockets with a peer at a place; made for the first one. */
export function socketsOf(host: Host): Set<PodSocket> {
  host.sockets ??= new Set()
  return host.sockets
}

/** Who listens on a port of a host. */
export function listenerAt(
  host: Host | undefined,
  to: { readonly protocol: Protocol | 'ICMP'; readonly port: number },
): Listener | undefined {
  return host?.listeners.find(({ protocol, port }) => protocol === to.protocol && port === to.port)
}
