import type { Labels } from '../kube/objects.ts'
import type { Candidate } from './classes.ts'
import type { PreparedPolicies } from './evaluate.ts'
import { familiesOf } from './families.ts'
import type { PortPoint } from './port-points.ts'
import type { Flow } from './types.ts'

/** Where two sets of policies are compared: who may be an end there, and what the engine itself says of two of them. */
export interface Arena {
  readonly candidates: readonly Candidate[]
  /** A connection between two ends as the engine takes it, under both sets; `undefined` where both cannot be at once. */
  stage(from: Candidate, to: Candidate, point: PortPoint): Staged | undefined
}

export interface Staged {
  readonly flow: Flow
  readonly wanted: PreparedPolicies
  readonly actual: PreparedPolicies
}

/** A flow between two ends that says its family where the ends leave that open. */
export function flowBetween(
  prepared: PreparedPolicies,
  flow: Omit<Flow, 'family'>,
  from: Candidate,
  to: Candidate,
): Flow {
  const [, second] = familiesOf(flow, prepared.resolve(flow.from), prepared.resolve(flow.to))
  const family = from.family ?? to.family
  return second === undefined || family === undefined ? flow : { ...flow, family }
}

/** Whether two candidates can be the two ends of one connection, which is of one family. A witness pod has a twin, so it can call one like itself. */
export function isPair(from: Candidate, to: Candidate): boolean {
  if (from.family !== undefined && to.family !== undefined && from.family !== to.family) {
    return false
  }
  if (from === to) return from.witness && from.end.kind === 'pod'
  if (from.end.kind !== 'pod' || to.end.kind !== 'pod') return true
  // One namespace has one set of labels.
  return (
    from.end.pod.namespace !== to.end.pod.namespace ||
    keyOf(from.end.namespaceLabels) === keyOf(to.end.namespaceLabels)
  )
}

const keys = new WeakMap<Labels, string>()

function keyOf(labels: Labels): string {
  const known = keys.get(labels)
  if (known !== undefined) return known
  const key = JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  keys.set(labels, key)
  return key
}
