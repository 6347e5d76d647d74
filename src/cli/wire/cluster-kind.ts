import { distance } from 'fastest-levenshtein'
import { LabError } from '../../base/errors.ts'
import type { ClusterKind } from '../../cluster/provider.ts'

const KINDS: readonly ClusterKind[] = ['simulated', 'kind', 'context']

/** A kind of cluster from what somebody typed, or the nearest right word as an error. */
export function parseClusterKind(word: string, where: string): ClusterKind {
  const kind = KINDS.find((each) => each === word)
  if (kind !== undefined) return kind
  const nearest = [...KINDS].sort((a, b) => distance(a, word) - distance(b, word))[0]
  throw new LabError('ERR_UNKNOWN_CLUSTER', `${where} names no kind of cluster: ${word}.`, {
    next: [`Did you mean ${nearest}? The kinds are ${KINDS.join(', ')}.`],
  })
}
