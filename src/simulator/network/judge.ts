import { evaluate } from '../../policy/evaluate.ts'
import { toPolicyState } from '../../policy/policy-state.ts'
import type { Flow } from '../../policy/types.ts'
import type { ClusterView } from '../ports.ts'
import type { NodeAddress } from './routes.ts'

/** Decides about one new connection, each side by itself, on the objects as they are now. */
export type Judge = (
  view: ClusterView,
  nodes: readonly NodeAddress[],
  flow: Flow,
) => { readonly egress: boolean; readonly ingress: boolean }

/** The judge of the real network: the policy engine. */
export function createPolicyJudge(): Judge {
  return (view, nodes, flow) => {
    const policies = view.networkPolicies()
    // Without policies everything is allowed, and most worlds begin so.
    if (policies.length === 0) return { egress: true, ingress: true }
    const state = toPolicyState({
      namespaces: view.namespaces(),
      pods: view.pods(),
      policies,
      nodes: nodes.map(({ name, addresses }) => ({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name },
        status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
      })),
    })
    const verdict = evaluate(state, flow)
    return { egress: verdict.egress.allowed, ingress: verdict.ingress.allowed }
  }
}
