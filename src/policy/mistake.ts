import type { PreparedPolicies } from './evaluate.ts'
import { closedBy } from './mistake-closed.ts'
import { openedBy } from './mistake-opened.ts'
import { Scene } from './mistake-scene.ts'
import type { Difference } from './types.ts'

/**
 * Which mistake of the course a difference most likely shows. A guess from who is too open or too closed, on which side, and which
 * part of a rule did it; lessons put their own sentence first where they recognise more.
 */
export function mistakeOf(
  difference: Omit<Difference, 'mistake'>,
  wanted: PreparedPolicies,
  actual: PreparedPolicies,
): string {
  const { kind, before, after } = difference
  for (const direction of ['Egress', 'Ingress'] as const) {
    const side = direction === 'Egress' ? 'egress' : 'ingress'
    if (before[side].allowed === after[side].allowed) continue
    if (after[side].allowed !== (kind === 'opened')) continue
    const scene = new Scene(direction, difference, wanted, actual)
    return kind === 'opened' ? openedBy(scene) : closedBy(scene)
  }
  return 'label-logic'
}
