import { prepare } from './evaluate.ts'
import type { Endpoint, Flow, PolicyState } from './types.ts'

export interface MatrixTarget {
  readonly to: Endpoint
  readonly protocol: Flow['protocol']
  readonly port?: number
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
  return sources.map((from) => ({
    from,
    cells: targets.map((target) => {
      const flow: Flow = { from, ...target }
      return prepared.resolve(from) === prepared.resolve(target.to)
        ? undefined
        : { allowed: prepared.allows(flow), flow }
    }),
  }))
}
