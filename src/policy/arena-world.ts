import type { NetworkPolicy } from '../kube/objects.ts'
import { type Arena, flowBetween } from './arena.ts'
import { byFamily, type Candidate } from './classes.ts'
import { prepare } from './evaluate.ts'
import type { Endpoint, PolicyState } from './types.ts'
import { addWitnesses, PUBLIC_ADDRESS, twinName } from './witnesses.ts'

/** The ends of this world, and witnesses beside them. */
export function worldArena(
  world: PolicyState,
  before: readonly NetworkPolicy[],
  after: readonly NetworkPolicy[],
): Arena {
  const witnesses = addWitnesses({ ...world, policies: [] }, [...before, ...after])
  const wanted = prepare({ ...witnesses.state, policies: before })
  const actual = prepare({ ...witnesses.state, policies: after })
  const candidates: Candidate[] = []
  const add = (endpoint: Endpoint, witness: boolean, cost: number) => {
    const end = actual.resolve(endpoint)
    // An edge of a block may be the address of a pod, which is there already.
    if (endpoint.kind === 'address' && end.kind !== 'address') return
    candidates.push(...byFamily({ endpoint, end, witness, cost }))
  }
  for (const { endpoint, cost } of worldEnds(world)) add(endpoint, false, cost)
  for (const { name } of world.nodes ?? []) add({ kind: 'node', name }, false, 80)
  for (const endpoint of witnesses.addresses) {
    const isPublic = endpoint.kind === 'address' && endpoint.address === PUBLIC_ADDRESS
    add(endpoint, true, isPublic ? 40 : 55)
  }
  for (const endpoint of witnesses.pods) add(endpoint, true, 50)
  return {
    candidates,
    stage: (from, to, { protocol, port }) => {
      const ends = { from: from.endpoint, to: from === to ? twinOf(to) : to.endpoint }
      return { flow: flowBetween(actual, { ...ends, protocol, port }, from, to), wanted, actual }
    },
  }
}

/** Costs put the pods of lessons first, before an address from outside, and witnesses last; nodes are the least telling. */
export function worldEnds(
  world: PolicyState,
): readonly { readonly endpoint: Endpoint; readonly cost: number }[] {
  return world.pods.map(({ namespace, name, hostNetwork }) => ({
    endpoint: { kind: 'pod', namespace, name },
    cost: (namespace.startsWith('kube-') ? 2 : 0) + (hostNetwork === true ? 4 : 0),
  }))
}

function twinOf({ endpoint, end }: Candidate): Endpoint {
  if (endpoint.kind !== 'pod' || end.kind !== 'pod') return endpoint
  return { ...endpoint, name: twinName(end.pod.labels) }
}
