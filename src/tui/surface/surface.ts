import type { Clock } from '../../base/clock.ts'
import type { TerminalSize } from '../../kube/client.ts'
import type { AppModel, AppSnapshot } from '../../runner/snapshot.ts'
import type { ConsoleEvent } from '../../shell/ports.ts'
import { linesOf } from '../compose.ts'
import type { InputEvent, KeyPress } from '../input/key-decoder.ts'
import { createTypingGuard } from '../input/typing-guard.ts'
import { bindingOfKey, bindingOfWord } from '../keys.ts'
import { layoutFor } from '../place/layout.ts'
import {
  isPane,
  openQuestion,
  type Place,
  placeBehind,
  placeOf,
  questionKey,
  selfOpened,
} from '../place/place.ts'
import { createSurfaceState, type SurfaceState } from '../place/surface-state.ts'
import { nextItemLine } from '../screens/lesson-pane.ts'
import type { Theme } from '../theme/theme.ts'
import { createFindField } from './find-field.ts'
import { listOf } from './lists.ts'
import { createNumberKeys } from './number-keys.ts'
import { createPerformer } from './perform.ts'
import { createScrolling } from './scrolling.ts'
import type { SurfaceCore, SurfacePorts } from './surface-core.ts'
import { createTerminalKeys } from './terminal-keys.ts'
import { nextItem } from './what-is-next.ts'

/** The surface between keys and model: holds what a person did on this screen and makes actions of keys. */
export interface Surface {
  readonly state: SurfaceState
  subscribe(listener: () => void): () => void
  input(event: InputEvent): void
  resize(size: TerminalSize): void
  /** The place that has the keys. */
  place(): Place
  close(): void
}

/** Keys are ignored for so long after something opened by itself. */
const GUARD_MS = 300

export function createSurface(options: {
  readonly model: AppModel
  readonly clock: Clock
  readonly theme: Theme
  readonly size: TerminalSize
  readonly ports: SurfacePorts
}): Surface {
  const { model, clock, theme, ports } = options
  let state = createSurfaceState(options.size)
  const listeners = new Set<() => void>()
  const set = (change: Partial<SurfaceState>) => {
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }
  const place = () => placeOf(model.snapshot, state)
  const list = () => listOf(place(), model.snapshot, state)
  const core: SurfaceCore = {
    model,
    clock,
    theme,
    ports,
    get state() {
      return state
    },
    set,
    say: (note) => set({ note }),
    send: (action) => model.send(action),
    place,
    list,
    keyContext: () => ({
      place: place(),
      snapshot: model.snapshot,
      state,
      list: list(),
      canSuspend: ports.suspend !== undefined,
    }),
  }
  const scrolling = createScrolling(core)
  const find = createFindField(core, scrolling)
  const { perform, focus } = createPerformer(core, { scrolling, find })
  const markNumber = createNumberKeys(core, scrolling)
  const terminal = createTerminalKeys(core, () => focus('lesson'))
  const guard = createTypingGuard()
  let seen: AppSnapshot = model.snapshot
  let guardUntil = Number.NEGATIVE_INFINITY

  const onSnapshot = () => {
    const before = seen
    const now = model.snapshot
    seen = now
    watchConsole()
    const opened = selfOpened(now)
    if (opened !== undefined && opened !== selfOpened(before)) guardUntil = clock.now() + GUARD_MS
    if (frontOf(before) !== frontOf(now)) set({ overlays: [] })
    // Back to where the learner was typing: whom Enter brought to the terminal was in the lesson.
    if (state.visiting && hasFront(before) && !hasFront(now))
      set({ focus: 'lesson', visiting: false })
    if (before.place !== now.place && now.place === 'lesson')
      set({ focus: 'lesson', terminalTop: undefined })
    if (linesOf(before).last !== linesOf(now).last) set({ note: undefined })
    if (now.place === 'lesson' && now.run.debrief === undefined && state.debriefAside)
      set({ debriefAside: false })
    followNextItem(before, now)
  }

  /** When the next thing to do changes within a step, the lesson scrolls so that it can be seen; a new step begins at its top. */
  const followNextItem = (before: AppSnapshot, now: AppSnapshot) => {
    if (now.place !== 'lesson' || before.place !== 'lesson') return
    if (
      before.run.step.number !== now.run.step.number ||
      nextItem(before)?.id === nextItem(now)?.id
    )
      return
    if (layoutFor(state.size).kind === 'tiny') return
    const { lines } = scrolling.body('lesson')
    const line = nextItemLine(lines, theme)
    if (line === undefined) return
    // A long command goes on below its first row.
    scrolling.showLine('lesson', Math.min(line + 2, lines.length - 1))
    scrolling.showLine('lesson', line)
  }

  let watched: AppModel['console']
  let unwatch: (() => void) | undefined
  const watchConsole = () => {
    if (watched === model.console) return
    unwatch?.()
    watched = model.console
    unwatch = watched?.subscribe(onConsole)
  }

  const onConsole = (event: ConsoleEvent) => {
    if (event.kind === 'word-typed') onWord(event.word.replace(/^:/, ''))
    else if (event.kind === 'empty-line-entered') {
      // The runner does the next thing then, unless the lesson has something to read before it.
      const { snapshot } = model
      if (snapshot.place === 'lesson' && snapshot.run.readFirst) focus('lesson')
    } else if (event.kind === 'command-finished') {
      set({ lastCommand: { line: event.line, place: event.place, output: event.output } })
    }
  }

  const onWord = (word: string) => {
    // These two change the prompt: the runner does that.
    if (word === 'lab' || word === 'pod') return
    const binding = bindingOfWord(word)
    if (binding === undefined) core.say(`:${word} is no word of the lab. :help lists them.`)
    else perform(binding)
  }

  const onKey = (key: KeyPress) => {
    if (state.note !== undefined) set({ note: undefined })
    if (clock.now() < guardUntil) {
      return core.say('Keys were ignored for a moment, because this opened by itself.')
    }
    const here = place()
    if (here === 'terminal') return terminal.press(key)
    if (find.isOpen(here)) {
      if (find.press(here, key)) return
    } else if (here !== 'tiny' && guard.drops(key, clock.now()))
      return core.say(typingHint(model.snapshot))
    const binding = bindingOfKey(key.name)
    if (binding === undefined)
      return core.say(`${key.text || 'That key'} does nothing here. ? lists all keys.`)
    if (binding.command === 'mark-number' && list() !== undefined) markNumber(Number(key.name))
    else perform(binding)
  }

  const onPaste = (text: string) => {
    if (state.note !== undefined) set({ note: undefined })
    const here = place()
    if (find.isOpen(here)) find.paste(here, text)
    else if (here === 'terminal') terminal.paste(text)
    else core.say('A paste goes to the terminal only. t goes there; paste again.')
  }

  const resize = (size: TerminalSize) => {
    const change = () => set({ size, terminalTop: undefined })
    // Too small, nothing is drawn that could move; what was visible is kept as it was.
    if ([size, state.size].some((each) => layoutFor(each).kind === 'tiny')) return change()
    const here = place()
    const hidden = placeBehind(model.snapshot, state)
    const places: readonly Place[] = isPane(hidden) ? ['lesson', 'checks'] : [hidden]
    scrolling.keepTops(
      here === hidden || places.includes(here) ? places : [...places, here],
      change,
    )
  }

  const unsubscribe = model.subscribe(onSnapshot)
  watchConsole()

  return {
    get state() {
      return state
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    input: (event) => (event.kind === 'paste' ? onPaste(event.text) : onKey(event)),
    resize,
    place,
    close: () => {
      unsubscribe()
      unwatch?.()
      listeners.clear()
    },
  }
}

/** What stands in front by the runner's doing: when it changes, screens of the surface's own give way. */
function frontOf(snapshot: AppSnapshot): string {
  const question = openQuestion(snapshot)
  return `${snapshot.place} ${question === undefined ? '' : questionKey(question)} ${selfOpened(snapshot) ?? ''}`
}

/** Whether an outcome or what follows it stands in front of the panes; a prediction is still before its command. */
function hasFront(snapshot: AppSnapshot): boolean {
  if (snapshot.place !== 'lesson') return false
  return snapshot.run.outcomeOpen || snapshot.run.question?.kind === 'because'
}

function typingHint(snapshot: AppSnapshot): string {
  return snapshot.place === 'lesson'
    ? 'Typing a command? t goes to the terminal.'
    : 'Typing a command? The terminal opens with the lesson.'
}
