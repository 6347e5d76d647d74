import { matchesSelector } from '../kube/label-selector.ts'
import type { FlowExpectation } from '../lessons/model.ts'
import { parseAddress } from '../policy/address.ts'
import type { Endpoint, Flow, PolicyState } from '../policy/types.ts'
import { parseLabels } from './destination.ts'

/** A flow of a lesson in terms of a state, or the sentence why it cannot be one. */
export type ResolvedFlow =
  | { readonly kind: 'resolved'; readonly flow: Flow }
  | { readonly kind: 'unknown'; readonly reason: string }

/** Finds both ends of a flow: `ns/name`, `ns/label=value` (the first pod that has it), or an address. */
export function resolveFlow(expectation: FlowExpectation, state: PolicyState): ResolvedFlow {
  const { port, protocol } = expectation
  const from = resolveEnd(expectation.from, state)
  if (typeof from === 'string') return { kind: 'unknown', reason: from }
  const to = resolveEnd(expectation.to, state)
  if (typeof to === 'string') return { kind: 'unknown', reason: to }
  return { kind: 'resolved', flow: { from, to, protocol, ...(port === undefined ? {} : { port }) } }
}

function resolveEnd(text: string, state: PolicyState): Endpoint | string {
  if (parseAddress(text) !== undefined) return { kind: 'address', address: text }
  const slash = text.indexOf('/')
  const namespace = slash === -1 ? 'default' : text.slice(0, slash)
  const name = text.slice(slash + 1)
  const matchLabels = name.includes('=') ? Object.fromEntries(parseLabels(name)) : undefined
  const pod = state.pods.find(
    (one) =>
      one.namespace === namespace &&
      (matchLabels === undefined
        ? one.name === name
        : matchesSelector({ matchLabels }, one.labels)),
  )
  if (pod !== undefined) return { kind: 'pod', namespace, name: pod.name }
  return matchLabels === undefined
    ? `There is no pod ${name} in namespace ${namespace}.`
    : `No pod of namespace ${namespace} carries ${name}.`
}
