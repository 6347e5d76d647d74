import type { Clock } from '../../base/clock.ts'
import type { Service } from '../../kube/objects.ts'
import type { ClusterView, ConnectionHandler } from '../ports.ts'
import type { Judge } from './judge.ts'
import type { OutsideHost } from './outside-world.ts'
import type { NodeAddress } from './routes.ts'

/** What answers at one address: `TCP/80` to who handles it. */
export interface Host {
  readonly listeners: Map<string, ConnectionHandler>
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
  pickEndpoint(from: string): (service: Service, count: number) => number
  ephemeralPort(): number
}
