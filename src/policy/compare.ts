import { allWorldsArena } from './arena-all-worlds.ts'
import { worldArena } from './arena-world.ts'
import { classify, Reach } from './classes.ts'
import { regions } from './compare-regions.ts'
import { Search } from './compare-search.ts'
import { prepare } from './evaluate.ts'
import { portPoints } from './port-points.ts'
import type { Comparison, PolicyState } from './types.ts'

export interface CompareOptions {
  /** Most differences to give back, and most masked ones. @default 8 */
  readonly limit?: number
  /**
   * `this-world`: the pods, namespaces and nodes that are there, and witnesses of what may come; port names mean what the pods of
   * this world mean by them. `all-worlds`: any labels, addresses and port names that a cluster could have. @default this-world
   */
  readonly scope?: 'this-world' | 'all-worlds'
}

/**
 * Whether two sets of policies let the same connections through, and a small set of flows that shows where not. `before` is what
 * was wanted, `after` what is there. Pods, namespaces and nodes are those of `after`.
 *
 * Nothing is sampled: all ends that no selector and no block tells apart are one class, and ports between two edges one point.
 * Connections are compared, both sides together: what one side changes and the other shuts anyway is `masked`. A connection is of
 * one address family, so pods of two are compared by each, and ends that have none in common not at all. Over TCP, UDP and
 * SCTP; ping is left out, as the specification promises nothing for it.
 *
 * @throws TooManyClassesError over all worlds, where the policies tell too many kinds of pods apart
 */
export function compare(
  before: PolicyState,
  after: PolicyState,
  { limit = 8, scope = 'this-world' }: CompareOptions = {},
): Comparison {
  const points = portPoints(after, [...before.policies, ...after.policies])
  const arena =
    scope === 'all-worlds'
      ? allWorldsArena(after, before.policies, after.policies, points)
      : worldArena(after, before.policies, after.policies)
  const sets = [before, after].map(({ policies }) =>
    prepare({ namespaces: [], pods: [], policies }),
  )
  const classes = classify(
    arena.candidates,
    sets,
    sets.map(({ compiled }) => compiled),
  )
  const found = regions(classes, new Reach(points))
  const differences = new Search(found.differing, points, arena).results(limit)
  const known = new Set(differences.map(({ kind, mistake }) => `${kind} ${mistake}`))
  const masked = new Search(found.masked, points, arena)
    .results(limit)
    .filter(({ kind, mistake }) => !known.has(`${kind} ${mistake}`))
  return { same: differences.length === 0, differences, masked }
}
