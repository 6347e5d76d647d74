import type { AppSnapshot } from '../../runner/snapshot.ts'
import { layoutFor } from '../place/layout.ts'
import { isPane, type Place, questionKey } from '../place/place.ts'
import type { SurfaceState } from '../place/surface-state.ts'

/** Columns and rows that a place draws its text in. */
export interface Area {
  readonly width: number
  readonly height: number
}

/** The area of a place in the layout of now. */
export function areaOf(place: Place, snapshot: AppSnapshot, state: SurfaceState): Area {
  const { columns, rows } = state.size
  const layout = layoutFor(state.size)
  if (layout.kind === 'tiny') return { width: columns, height: rows }
  if (layout.kind === 'tabs' || !isPane(place) || state.zoomed)
    return { width: columns, height: layout.body }
  if (place === 'terminal') return { width: layout.right, height: layout.body }
  const checks = checksHeight(snapshot, state, layout.body)
  return place === 'checks'
    ? { width: layout.left, height: checks }
    : { width: layout.left, height: layout.body - checks - 1 }
}

/** Rows of the checks in the split layout: what they need with a row to spare, at most two fifths, more where they have the keys. */
function checksHeight(snapshot: AppSnapshot, state: SurfaceState, body: number): number {
  if (snapshot.place !== 'lesson') return 0
  const focused = state.focus === 'checks'
  const { checks } = snapshot.run
  const notes = checks.filter(
    (check, index) => check.note !== undefined && check.note !== checks[index + 1]?.note,
  ).length
  const wanted = checks.length + notes + 1 + (focused ? 8 : 0)
  return Math.max(2, Math.min(wanted, Math.floor(body * (focused ? 0.6 : 0.4))))
}

/** Under which a text keeps its first visible line. */
export function scrollId(place: Place, snapshot: AppSnapshot): string {
  if (snapshot.place !== 'lesson') return place
  const { lesson, step, question, outcome } = snapshot.run
  if (place === 'outcome') return `outcome ${outcome?.command}`
  return `${place} ${lesson.id} ${step.number} ${question === undefined ? '' : questionKey(question)}`
}
