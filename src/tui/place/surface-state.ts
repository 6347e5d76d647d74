import type { TerminalSize } from '../../kube/client.ts'
import type { ConsolePlace } from '../../shell/ports.ts'

/** The panes of a lesson. */
export type PaneName = 'lesson' | 'terminal' | 'checks'

/** A screen of the surface's own, in front of what the runner shows. */
export type Overlay =
  | { readonly kind: 'help' }
  | { readonly kind: 'hints' }
  | { readonly kind: 'copy' }
  | { readonly kind: 'editor' }
  | { readonly kind: 'details' }
  | { readonly kind: 'reading' }

export interface LastCommand {
  readonly line: string
  readonly place: ConsolePlace
  readonly output: readonly string[]
}

/** What a person did on this screen. Nothing here is known to the runner; losing it loses no work. */
export interface SurfaceState {
  readonly size: TerminalSize
  readonly focus: PaneName
  /** The terminal has the keys only because Enter ran a command there: nothing was typed in it since. */
  readonly visiting: boolean
  /** The last one is in front. */
  readonly overlays: readonly Overlay[]
  readonly zoomed: boolean
  /** The debrief is put aside to look at the panes. */
  readonly debriefAside: boolean
  /** Marked choices, by list. */
  readonly marks: Readonly<Record<string, number>>
  /** First visible lines, by text. */
  readonly tops: Readonly<Record<string, number>>
  /** First visible line of the terminal while it is scrolled back. */
  readonly terminalTop: number | undefined
  /** What was typed to find something, by place: it filters a list and is looked for in a text. */
  readonly filters: Readonly<Record<string, string>>
  /** The place whose find field has the keys now. */
  readonly finding: string | undefined
  /** The last command that ended in the terminal, for copying. */
  readonly lastCommand: LastCommand | undefined
  /** A sentence of the surface in place of the runner's `Last`, until the next key or event. */
  readonly note: string | undefined
}

export function createSurfaceState(size: TerminalSize): SurfaceState {
  return {
    size,
    focus: 'lesson',
    visiting: false,
    overlays: [],
    zoomed: false,
    debriefAside: false,
    marks: {},
    tops: {},
    terminalTop: undefined,
    filters: {},
    finding: undefined,
    lastCommand: undefined,
    note: undefined,
  }
}
