import type { Clock } from '../../base/clock.ts'
import type { Action, AppModel } from '../../runner/snapshot.ts'
import type { KeyContext } from '../keys.ts'
import type { Place } from '../place/place.ts'
import type { SurfaceState } from '../place/surface-state.ts'
import type { Theme } from '../theme/theme.ts'
import type { ChoiceList } from './choice-list.ts'

/** What the surface cannot do by itself. */
export interface SurfacePorts {
  /** Puts text on the clipboard and into a file; resolves with a sentence that names both. */
  readonly copy: (text: string) => Promise<string>
  /** Opens a file in the learner's editor with the screen put aside; absent where no editor is set. */
  readonly openEditor?:
    | ((file: { readonly name: string; readonly path: string }) => Promise<string | undefined>)
    | undefined
  /** Puts the program into the background; absent where that is not possible. */
  readonly suspend?: (() => void) | undefined
  readonly repaint: () => void
  /** The learner chose plain text in a window that is too small. */
  readonly plainText: () => void
}

/** What every part of the surface works on: the model, the state of this screen, and who has the keys. */
export interface SurfaceCore {
  readonly model: AppModel
  readonly clock: Clock
  readonly theme: Theme
  readonly ports: SurfacePorts
  readonly state: SurfaceState
  set(change: Partial<SurfaceState>): void
  /** A sentence in place of `Last`, until the next key or event. */
  say(note: string): void
  send(action: Action): void
  place(): Place
  list(): ChoiceList | undefined
  keyContext(): KeyContext
}
