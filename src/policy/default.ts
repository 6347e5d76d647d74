import type { NetworkPolicy, NetworkPolicyPort, PolicyType } from '../kube/objects.ts'

/**
 * The policy as the API server stores it: what is left out is filled in and empty lists are gone.
 * Models k8s.io/kubernetes pkg/apis/networking/v1/defaults.go and `omitempty`. Doing it twice changes nothing.
 */
export function defaultNetworkPolicy(policy: NetworkPolicy): NetworkPolicy {
  // `null` reaches this from YAML; the types of decoded objects do not show it.
  const { podSelector, policyTypes, ingress, egress, ...rest } = policy.spec ?? {}
  const spec: NetworkPolicy['spec'] = { ...rest, podSelector: podSelector ?? {} }
  if (ingress != null && ingress.length > 0) {
    spec.ingress = ingress.map((rule) => ({
      ...(nonEmpty(rule?.ports) ? { ports: rule.ports.map(withProtocol) } : {}),
      ...(nonEmpty(rule?.from) ? { from: rule.from } : {}),
    }))
  }
  if (egress != null && egress.length > 0) {
    spec.egress = egress.map((rule) => ({
      ...(nonEmpty(rule?.ports) ? { ports: rule.ports.map(withProtocol) } : {}),
      ...(nonEmpty(rule?.to) ? { to: rule.to } : {}),
    }))
  }
  spec.policyTypes = nonEmpty(policyTypes) ? policyTypes : impliedTypes(spec)
  return { ...policy, spec }
}

/** `egress: []` alone does not add Egress: only a rule does. */
function impliedTypes(spec: NetworkPolicy['spec']): PolicyType[] {
  return spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress']
}

function withProtocol(port: NetworkPolicyPort): NetworkPolicyPort {
  return { ...port, protocol: port.protocol ?? 'TCP' }
}

function nonEmpty<T>(list: readonly T[] | null | undefined): list is T[] {
  return list != null && list.length > 0
}
