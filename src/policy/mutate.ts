import type { NetworkPolicy } from '../kube/objects.ts'
import { type Draft, policyDrafts } from './mutate-policy.ts'
import { ruleDrafts } from './mutate-rules.ts'
import { selectorSlips } from './slips.ts'
import type { PolicyState } from './types.ts'
import { defaultNetworkPolicy, validateNetworkPolicy } from './validate.ts'

/** One plausible slip: what would stand in a cluster instead of a policy. */
export interface Mutation {
  /** Stable name of the slip with its place, `egress: port 2 +1`. */
  readonly operator: string
  /** What happened, for people: `Egress rule 1, port 2: 53 becomes 54.` */
  readonly sentence: string
  /** What stands there instead: none where it was deleted, two where one was added. */
  readonly policies: readonly NetworkPolicy[]
}

/**
 * Everything that is one slip away from `policy` and that the API would take: the operators of the course's mutation table.
 * Whether a slip changes the meaning in a world is for `compare` to say: some do not.
 *
 * @param world names the namespaces that a policy may land in, and the numbers behind port names
 */
export function mutate(
  policy: NetworkPolicy,
  world?: Pick<PolicyState, 'namespaces' | 'pods'>,
): readonly Mutation[] {
  const stored = defaultNetworkPolicy(policy)
  const { metadata, spec } = stored
  const drafts: readonly Draft[] = [
    ...policyDrafts(
      stored,
      world?.namespaces.map(({ name }) => name),
    ),
    ...selectorSlips(spec.podSelector ?? {}).map(({ operator, says, selector }) => ({
      operator: `subject: ${operator}`,
      sentence: `Subject: ${says}.`,
      spec: { ...spec, podSelector: selector },
    })),
    ...ruleDrafts(spec, 'Ingress', world?.pods ?? []),
    ...ruleDrafts(spec, 'Egress', world?.pods ?? []),
  ]
  const deleted: Mutation = {
    operator: 'policy deleted',
    sentence: `Policy ${metadata.name} is deleted.`,
    policies: [],
  }
  const seen = new Set([contentOf(stored)])
  const changed = drafts
    .map((draft) => {
      const moved =
        draft.namespace === undefined ? metadata : { ...metadata, namespace: draft.namespace }
      return {
        draft,
        mutant: defaultNetworkPolicy({ ...stored, metadata: moved, spec: draft.spec }),
      }
    })
    .filter(({ mutant }) => {
      const content = contentOf(mutant)
      const isNew = !seen.has(content) && validateNetworkPolicy(mutant).length === 0
      seen.add(content)
      return isNew
    })
    .map(
      ({ draft: { operator, sentence }, mutant }): Mutation => ({
        operator,
        sentence,
        policies: [mutant],
      }),
    )
  return [deleted, allowAllAdded(stored), ...changed]
}

function contentOf({ metadata, spec }: NetworkPolicy): string {
  return JSON.stringify([metadata.namespace, spec])
}

/** The policy stays, and one that allows everything joins it: policies only add up. */
function allowAllAdded(policy: NetworkPolicy): Mutation {
  const { name, namespace } = policy.metadata
  const policyTypes = policy.spec.policyTypes ?? ['Ingress']
  const added: NetworkPolicy = {
    apiVersion: policy.apiVersion,
    kind: policy.kind,
    metadata: { name: `${name}-allow-all`, ...(namespace === undefined ? {} : { namespace }) },
    spec: {
      podSelector: {},
      policyTypes,
      ...(policyTypes.includes('Ingress') ? { ingress: [{}] } : {}),
      ...(policyTypes.includes('Egress') ? { egress: [{}] } : {}),
    },
  }
  return {
    operator: 'allow-all policy added',
    sentence: 'A second policy allows everything to every pod of the namespace.',
    policies: [policy, added],
  }
}
