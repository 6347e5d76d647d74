import type { NetworkPolicy } from '../kube/objects.ts'

/** A policy that is about to be changed by one slip; without a namespace it stays where it is. */
export interface Draft {
  readonly operator: string
  readonly sentence: string
  readonly spec: NetworkPolicy['spec']
  readonly namespace?: string
}

/** Where a policy is moved to by the slip "wrong namespace", where no world is known. */
const ELSEWHERE = ['default', 'kube-system']

/** Slips in the policy as a whole: its namespace, its direction and its policyTypes. */
export function policyDrafts(
  { metadata, spec }: NetworkPolicy,
  namespaces: readonly string[] = ELSEWHERE,
): readonly Draft[] {
  const home = metadata.namespace ?? 'default'
  const elsewhere = namespaces.filter((namespace) => namespace !== home)
  const types = spec.policyTypes ?? []
  const { policyTypes: _, ...untyped } = spec
  const drafts: Draft[] = [
    ...elsewhere.map((namespace) => ({
      operator: `moved to ${namespace}`,
      sentence: `The policy stands in ${namespace} instead of ${home}.`,
      spec,
      namespace,
    })),
    {
      operator: 'policyTypes removed',
      sentence: 'policyTypes is left out, so the rules that are there decide it.',
      spec: untyped,
    },
    {
      operator: 'direction swapped',
      sentence: 'Ingress and egress change places.',
      spec: swapped(spec),
    },
  ]
  const [only] = types
  if (types.length === 1 && only !== undefined) {
    const other = only === 'Ingress' ? 'Egress' : 'Ingress'
    drafts.push(
      {
        operator: 'only the type flipped',
        sentence: `policyTypes lists ${other} instead of ${only}; the rules stay where they are.`,
        spec: { ...spec, policyTypes: [other] },
      },
      {
        operator: 'other type added',
        sentence: `policyTypes lists ${other} as well.`,
        spec: { ...spec, policyTypes: ['Ingress', 'Egress'] },
      },
    )
  } else {
    for (const type of types) {
      drafts.push({
        operator: `type ${type} removed`,
        sentence: `policyTypes does not list ${type} any more.`,
        spec: { ...spec, policyTypes: types.filter((one) => one !== type) },
      })
    }
  }
  return drafts
}

function swapped(spec: NetworkPolicy['spec']): NetworkPolicy['spec'] {
  const { ingress = [], egress = [], policyTypes = [], podSelector = {} } = spec
  return {
    podSelector,
    policyTypes: policyTypes.map((type) => (type === 'Ingress' ? 'Egress' : 'Ingress')),
    ingress: egress.map(({ to = [], ports = [] }) => ({ from: to, ports })),
    egress: ingress.map(({ from = [], ports = [] }) => ({ to: from, ports })),
  }
}
