import { matchesSelector } from '../kube/label-selector.ts'
import type { PolicyType } from '../kube/objects.ts'
import type { CompiledPolicy } from './compile.ts'
import type { End } from './ends.ts'

/** The policies that select one end: all of them, and those that isolate it one way; each in order of name. */
interface Selecting {
  readonly all: readonly CompiledPolicy[]
  readonly Ingress: readonly CompiledPolicy[]
  readonly Egress: readonly CompiledPolicy[]
}

interface Home {
  readonly policies: readonly CompiledPolicy[]
  readonly byEnd: Map<End, Selecting>
}

const NOBODY: Selecting = { all: [], Ingress: [], Egress: [] }

/**
 * Policies by namespace, since a policy only selects pods of its own. What was found out about one namespace outlives a
 * change in another.
 */
export class PolicyIndex {
  /** In order of name. */
  readonly policies: readonly CompiledPolicy[]
  readonly #homes: ReadonlyMap<string, Home>

  constructor(policies: readonly CompiledPolicy[], homes?: ReadonlyMap<string, Home>) {
    this.policies = policies.toSorted(byName)
    this.#homes = homes ?? homesOf(this.policies)
  }

  /** The same policies without one, and with another in its place where one is given. */
  with(without: Pick<CompiledPolicy, 'namespace' | 'name'>, added?: CompiledPolicy): PolicyIndex {
    const { namespace, name } = without
    const policies = this.policies.filter(
      (policy) => policy.namespace !== namespace || policy.name !== name,
    )
    if (added !== undefined) policies.push(added)
    policies.sort(byName)
    const homes = new Map(this.#homes)
    homes.set(namespace, {
      policies: policies.filter((policy) => policy.namespace === namespace),
      byEnd: new Map(),
    })
    return new PolicyIndex(policies, homes)
  }

  /** The policies that select an end, for whatever direction. */
  selecting(end: End): readonly CompiledPolicy[] {
    return this.#of(end).all
  }

  /** The policies that select an end and list a direction. */
  isolating(end: End, direction: PolicyType): readonly CompiledPolicy[] {
    return this.#of(end)[direction]
  }

  #of(end: End): Selecting {
    if (end.kind !== 'pod') return NOBODY
    const { namespace, labels } = end.pod
    const home = this.#homes.get(namespace)
    if (home === undefined) return NOBODY
    const known = home.byEnd.get(end)
    if (known !== undefined) return known
    const all = home.policies.filter(({ subject }) => matchesSelector(subject, labels))
    const found: Selecting = {
      all,
      Ingress: all.filter(({ ingress }) => ingress !== undefined),
      Egress: all.filter(({ egress }) => egress !== undefined),
    }
    home.byEnd.set(end, found)
    return found
  }
}

function homesOf(policies: readonly CompiledPolicy[]): ReadonlyMap<string, Home> {
  const lists = new Map<string, CompiledPolicy[]>()
  for (const policy of policies) {
    const list = lists.get(policy.namespace)
    if (list === undefined) lists.set(policy.namespace, [policy])
    else list.push(policy)
  }
  return new Map([...lists].map(([name, list]) => [name, { policies: list, byEnd: new Map() }]))
}

function byName(a: CompiledPolicy, b: CompiledPolicy): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1
  return 0
}
