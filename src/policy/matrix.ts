import type { End } from './ends.ts'
import { prepare } from './evaluate.ts'
import { type Family, namedFamily } from './families.ts'
import type { Point } from './port-sets.ts'
import { ReachMatrix } from './reach-matrix.ts'
import type { Endpoint, Flow, PolicyState } from './types.ts'

export interface MatrixTarget {
  readonly to: Endpoint
  readonly protocol: Flow['protocol']
  readonly port?: number
  /** As in a flow. */
  readonly family?: Family
}

export interface MatrixCell {
  readonly allowed: boolean
  readonly flow: Flow
}

export interface MatrixRow {
  readonly from: Endpoint
  /** One cell a target, in their order; `undefined` for an end to itself. */
  readonly cells: readonly (MatrixCell | undefined)[]
}

/** Who may reach what: one row a source, one cell a target. @param sources @default every pod of the state */
export function matrix(
  state: PolicyState,
  targets: readonly MatrixTarget[],
  sources: readonly Endpoint[] = state.pods.map(({ namespace, name }) => ({
    kind: 'pod',
    namespace,
    name,
  })),
): readonly MatrixRow[] {
  const prepared = prepare(state)
  const ends = new Map<End, number>()
  const points = new Map<string, { readonly point: Point; readonly at: number }>()
  const endAt = (endpoint: Endpoint) => numberOf(ends, prepared.resolve(endpoint))
  const pointAt = ({ protocol, port }: MatrixTarget) => {
    const key = `${protocol} ${port}`
    const point = port === undefined ? { protocol } : { protocol, port }
    const entry = points.get(key) ?? { point, at: points.size }
    points.set(key, entry)
    return entry.at
  }
  const columns = targets.map((target) => ({ target, to: endAt(target.to), at: pointAt(target) }))
  const rows = sources.map((from) => ({ from, row: endAt(from) }))
  const reach = new ReachMatrix(prepared, {
    ends: [...ends.keys()],
    points: [...points.values()].map(({ point }) => point),
  })
  return rows.map(({ from, row }) => ({
    from,
    cells: columns.map(({ target, to, at }) => {
      if (row === to) return undefined
      const flow = { from, ...target }
      return { allowed: reach.allows(row, to, at, namedFamily(flow)), flow }
    }),
  }))
}

/** The whole matrix of the pods of a state, for questions about all of it. */
export function reachMatrix(state: PolicyState): ReachMatrix {
  return new ReachMatrix(prepare(state))
}

function numberOf(ends: Map<End, number>, end: End): number {
  const known = ends.get(end) ?? ends.size
  ends.set(end, known)
  return known
}
