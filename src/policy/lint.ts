import type { NetworkPolicy, Service } from '../kube/objects.ts'
import { lintBlocks } from './lint-blocks.ts'
import { lintDns } from './lint-dns.ts'
import { lintPorts } from './lint-ports.ts'
import { readScene } from './lint-scene.ts'
import { lintSelectors } from './lint-selectors.ts'
import { lintShape } from './lint-shape.ts'
import { lintSides } from './lint-sides.ts'
import { lintUnion } from './lint-union.ts'
import type { PolicyState } from './types.ts'

/** Every mistake that lint knows. The ids are stable: scripts may rely on them. */
export const LINT_IDS = [
  'selects-no-pod',
  'selects-host-network',
  'peer-matches-no-namespace',
  'peer-matches-no-pod',
  'own-namespace-only',
  'not-in-without-key',
  'and-or-look-alike',
  'rule-split',
  'empty-list-means-all',
  'policy-types-missing',
  'rules-ignored',
  'denies-nothing',
  'unknown-port-name',
  'service-port',
  'other-protocol',
  'reply-ports',
  'egress-without-dns',
  'dns-udp-only',
  'dns-tcp-only',
  'everywhere-opens-pods',
  'except-opened-again',
  'block-of-service',
  'block-of-pod',
  'sender-rewritten',
  'one-side-only',
] as const

export type LintId = (typeof LINT_IDS)[number]

/** One likely mistake: a policy may be meant so, and its author should know what it does. */
export interface LintFinding {
  readonly id: LintId
  readonly policy: { readonly namespace: string; readonly name: string }
  /** Where in the object: `['spec', 'ingress', 0]`. */
  readonly path: readonly (string | number)[]
  /** What is there. Sentences, as the next two. */
  readonly found: string
  /** What it leads to. */
  readonly consequence: string
  /** What to do about it. */
  readonly repair: string
}

/** What lint looks at. Where there are no pods, nothing is said about what selectors match. */
export interface LintWorld {
  readonly state: PolicyState
  readonly services: readonly Service[]
  /** Pods whose address is a stand-in, as `namespace/name`. */
  readonly invented?: ReadonlySet<string>
}

/**
 * Finds mistakes that policies often have and an API server accepts. `policies` are those to look at, as written; the state's
 * policies are all that are in force, these included.
 */
export function lint(
  world: LintWorld,
  policies: readonly NetworkPolicy[] = world.state.policies,
): readonly LintFinding[] {
  const scene = readScene(world)
  return policies.flatMap((policy) => {
    const findings = [
      lintShape,
      lintSelectors,
      lintPorts,
      lintDns,
      lintBlocks,
      lintSides,
      lintUnion,
    ].flatMap((look) => look(policy, scene))
    return findings.toSorted((a, b) => LINT_IDS.indexOf(a.id) - LINT_IDS.indexOf(b.id))
  })
}
