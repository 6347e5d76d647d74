import type { TerminalSize } from '../../kube/client.ts'

/** How the panes of a lesson stand in a window. */
export type Layout =
  | { readonly kind: 'split'; readonly left: number; readonly right: number; readonly body: number }
  | { readonly kind: 'tabs'; readonly body: number }
  | { readonly kind: 'tiny' }

/** Header, tabs or heading, rule, Last, Now, keys. */
const FRAME_ROWS = 6

/** The layout of a window: split from 100 by 30, tabs from 80 by 24, tiny below. */
export function layoutFor(size: TerminalSize): Layout {
  const { columns, rows } = size
  if (columns < 80 || rows < 24) return { kind: 'tiny' }
  const body = rows - FRAME_ROWS
  if (columns < 100 || rows < 30) return { kind: 'tabs', body }
  const left = columns >= 140 ? 78 : 54
  return { kind: 'split', left, right: columns - left - 1, body }
}
