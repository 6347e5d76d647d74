import { KEY_TABLE, type KeyBinding } from '../keys.ts'
import type { SurfaceState } from '../place/surface-state.ts'

/** Keys that move or confirm are listed, yet cannot be run from a list. */
const NOT_FROM_A_LIST = new Set(['mark-number', 'mark-previous', 'mark-next', 'help'])

/** The keys that the help screen lists now: all of them, less what the filter hides. */
export function helpEntries(state: SurfaceState): readonly KeyBinding[] {
  const text = (state.filters['help'] ?? '').toLowerCase()
  return KEY_TABLE.filter((binding) => !NOT_FROM_A_LIST.has(binding.command)).filter((binding) =>
    `${binding.shown} ${binding.about} ${binding.word ?? ''}`.toLowerCase().includes(text),
  )
}
