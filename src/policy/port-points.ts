import type { NetworkPolicy, Protocol } from '../kube/objects.ts'
import { type CompiledPolicy, compilePolicy } from './compile.ts'
import type { PolicyState } from './types.ts'

/** A protocol and port to try. */
export interface PortPoint {
  readonly protocol: Protocol
  readonly port: number
  /** How little a person expects it in an example; 0 is best. */
  readonly cost: number
}

const PROTOCOLS: readonly Protocol[] = ['TCP', 'UDP', 'SCTP']

/**
 * Ports that tell policies apart: each number that they name or that a pod declares, its neighbours, and one that
 * nobody names; over the three protocols. As ranges are constant between their edges, this misses nothing.
 */
export function portPoints(world: PolicyState, policies: readonly NetworkPolicy[]): PortPoint[] {
  return pointsOf(world.pods, policies.map(compilePolicy))
}

/** The same for policies that are read already. */
export function pointsOf(
  pods: PolicyState['pods'],
  policies: readonly CompiledPolicy[],
): PortPoint[] {
  const named = new Set<number>()
  const names = new Set<string>()
  for (const { ingress = [], egress = [] } of policies) {
    for (const { ports } of [...ingress, ...egress]) {
      for (const { port, endPort } of ports) {
        if (typeof port === 'number') named.add(port)
        else if (port !== undefined) names.add(port)
        if (endPort !== undefined) named.add(endPort)
      }
    }
  }
  const declared = new Set<number>()
  for (const { ports } of pods) {
    for (const { name, port } of ports) {
      declared.add(port)
      if (name !== undefined && names.has(name)) named.add(port)
    }
  }
  const costs = new Map<number, number>()
  const add = (port: number, cost: number) => {
    if (port < 1 || port > 65535) return
    costs.set(port, Math.min(cost, costs.get(port) ?? cost))
  }
  for (const port of named) {
    add(port, 0)
    add(port - 1, 3)
    add(port + 1, 3)
  }
  for (const port of declared) add(port, 0)
  let unnamed = 9999
  while (costs.has(unnamed)) unnamed--
  add(unnamed, 4)
  return PROTOCOLS.flatMap((protocol, index) =>
    [...costs].map(([port, cost]) => ({ protocol, port, cost: cost + index })),
  )
}
