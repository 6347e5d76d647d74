import type { NetworkPolicy } from '../kube/objects.ts'
import type {
  Check,
  ExpectedOutcome,
  MistakeCondition,
  MistakeSentence,
  Outcome,
} from '../lessons/model.ts'
import { prepare } from '../policy/evaluate.ts'
import type { PolicyState } from '../policy/types.ts'
import { defaultNetworkPolicy } from '../policy/validate.ts'
import { resolveFlow } from './flow.ts'

/** What is known when a mistake is looked for. */
export interface MistakeScene {
  /** What a probe saw. */
  readonly outcome?: Outcome
  /** How a denied connection looks on this cluster. */
  readonly denySignature: 'timeout' | 'refused'
  readonly state: PolicyState
}

/** The first of a check's sentences whose condition holds. */
export function recognise(
  check: Pick<Check, 'mistakes'>,
  scene: MistakeScene,
): MistakeSentence | undefined {
  return check.mistakes.find(({ when }) => holds(when, scene))
}

/** Whether an observed outcome is an expected one; `blocked` is what a denial looks like on this cluster. */
export function meetsOutcome(
  outcome: Outcome,
  expected: ExpectedOutcome,
  denySignature: 'timeout' | 'refused',
): boolean {
  return outcome === (expected === 'blocked' ? denySignature : expected)
}

function holds(condition: MistakeCondition, scene: MistakeScene): boolean {
  switch (condition.kind) {
    case 'always':
      return true
    case 'outcome':
      return (
        scene.outcome !== undefined &&
        meetsOutcome(scene.outcome, condition.outcome, scene.denySignature)
      )
    case 'flows': {
      const prepared = prepare(scene.state)
      return condition.flows.every((expectation) => {
        const resolved = resolveFlow(expectation, scene.state)
        return (
          resolved.kind === 'resolved' &&
          prepared.allows(resolved.flow) === (expectation.verdict === 'allow')
        )
      })
    }
    case 'policy':
      return scene.state.policies.some((policy) => matchesPart(policy, condition))
  }
}

/** `contains` is a deep subset of the policy as it is stored; every path of `absent` is missing there. */
function matchesPart(
  policy: NetworkPolicy,
  { contains, absent = [] }: Extract<MistakeCondition, { kind: 'policy' }>,
): boolean {
  const stored = defaultNetworkPolicy(policy)
  return (
    (contains === undefined || isSubset(contains, stored)) &&
    absent.every((path) => valueAt(stored, path) === undefined)
  )
}

/** Objects may have more; each wanted item of a list is in the list; everything else is equal. */
export function isSubset(wanted: unknown, actual: unknown): boolean {
  if (Array.isArray(wanted)) {
    if (wanted.length === 0) return actual === undefined || isEmptyList(actual)
    return (
      Array.isArray(actual) && wanted.every((item) => actual.some((one) => isSubset(item, one)))
    )
  }
  if (isRecord(wanted)) {
    return (
      isRecord(actual) &&
      Object.entries(wanted).every(([key, value]) => isSubset(value, actual[key]))
    )
  }
  return Object.is(wanted, actual)
}

/** The value at a path such as `spec.ingress[0].from` or `status.conditions[0].type`. */
export function valueAt(object: unknown, path: string): unknown {
  let value = object
  for (const key of path.replaceAll(/\[(\d+)\]/g, '.$1').split('.')) {
    if (Array.isArray(value)) value = value[Number(key)]
    else if (isRecord(value) && Object.hasOwn(value, key)) value = value[key]
    else return undefined
  }
  return value
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
