import type { Clock } from '../../base/clock.ts'
import type { TerminalSize } from '../../kube/client.ts'
import type { Action, AppModel, AppSnapshot } from '../../runner/snapshot.ts'
import type { ConsoleEvent } from '../../shell/ports.ts'
import { bodyOf, linesOf } from '../compose.ts'
import type { InputEvent, KeyPress } from '../input/key-decoder.ts'
import { cleanPaste, promptPaste } from '../input/paste.ts'
import { createTypingGuard } from '../input/typing-guard.ts'
import {
  bindingOfKey,
  bindingOfWord,
  type Command,
  type KeyBinding,
  type KeyContext,
} from '../keys.ts'
import { areaOf, scrollId } from '../layout/area.ts'
import { layoutFor } from '../layout/layout.ts'
import { sameTop, topToShow, viewport } from '../layout/viewport.ts'
import { nextItemLine } from '../screens/lesson-pane.ts'
import { lineText } from '../text/line.ts'
import type { Theme } from '../theme/theme.ts'
import { copyChoices } from './copy-choices.ts'
import { helpEntries } from './help-entries.ts'
import { listOf, markOf, shownLessons } from './lists.ts'
import { isPane, openQuestion, type Place, placeBehind, placeOf, selfOpened } from './place.ts'
import {
  createSurfaceState,
  type Overlay,
  type PaneName,
  type SurfaceState,
} from './surface-state.ts'

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

/** The surface between keys and model: holds what a person did on this screen and makes actions of keys. */
export interface Surface {
  readonly state: SurfaceState
  subscribe(listener: () => void): () => void
  input(event: InputEvent): void
  resize(size: TerminalSize): void
  /** The place that has the keys. */
  place(): Place
  keyContext(): KeyContext
  say(note: string): void
  close(): void
}

/** Keys are ignored for so long after something opened by itself. */
const GUARD_MS = 300
/** Digits that follow each other within this time make one number. */
const DIGITS_MS = 1000

export function createSurface(options: {
  readonly model: AppModel
  readonly clock: Clock
  readonly theme: Theme
  readonly size: TerminalSize
  readonly ports: SurfacePorts
}): Surface {
  const { model, clock, theme, ports } = options
  let state = createSurfaceState(options.size)
  let seen: AppSnapshot = model.snapshot
  let seenConsole = model.console
  let guardUntil = Number.NEGATIVE_INFINITY
  let typed: { readonly list: string; readonly value: number; readonly at: number } | undefined
  const guard = createTypingGuard()
  const listeners = new Set<() => void>()

  const set = (change: Partial<SurfaceState>) => {
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }
  const say = (note: string) => set({ note })
  const send = (action: Action) => model.send(action)
  const place = () => placeOf(model.snapshot, state)
  const list = () => listOf(place(), model.snapshot, state)
  const keyContext = (): KeyContext => ({
    place: place(),
    snapshot: model.snapshot,
    state,
    list: list(),
    canSuspend: ports.suspend !== undefined,
  })

  // What the runner shows -----------------------------------------------------------------------------------------------

  const onSnapshot = () => {
    const before = seen
    const now = model.snapshot
    seen = now
    watchConsole()
    const opened = selfOpened(now)
    if (opened !== undefined && opened !== selfOpened(before)) {
      guardUntil = clock.now() + GUARD_MS
      set({ overlays: [] })
    }
    if (before.place !== now.place || openQuestion(before)?.id !== openQuestion(now)?.id)
      set({ overlays: [] })
    if (before.place !== now.place && now.place === 'lesson')
      set({ focus: 'lesson', terminalTop: undefined })
    if (linesOf(before).last !== linesOf(now).last) set({ note: undefined })
    if (now.place === 'lesson' && now.run.debrief === undefined) set({ debriefAside: false })
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
    const area = areaOf('lesson', now, state)
    const body = bodyOf('lesson', now, state, { ...area, theme })
    const line = nextItemLine(body.lines, theme)
    if (line !== undefined) showLine('lesson', line)
  }

  let unwatch: (() => void) | undefined
  const watchConsole = () => {
    if (unwatch !== undefined && seenConsole === model.console) return
    unwatch?.()
    seenConsole = model.console
    unwatch = model.console?.subscribe(onConsole)
  }

  const onConsole = (event: ConsoleEvent) => {
    if (event.kind === 'word-typed') return onWord(event.word)
    if (event.kind === 'command-finished') {
      set({ lastCommand: { line: event.line, place: event.place, output: event.output } })
    }
  }

  const onWord = (word: string) => {
    const name = word.replace(/^:/, '')
    // These two change the prompt: the runner does that.
    if (name === 'lab' || name === 'pod') return
    const binding = bindingOfWord(name)
    if (binding === undefined) return say(`:${name} is no word of the lab. :help lists them.`)
    carryOutBinding(binding)
  }

  // Keys ----------------------------------------------------------------------------------------------------------------

  const input = (event: InputEvent) => {
    if (event.kind === 'paste') return onPaste(event.text)
    onKey(event)
  }

  const onKey = (key: KeyPress) => {
    if (state.note !== undefined) set({ note: undefined })
    if (clock.now() < guardUntil)
      return say('Keys were ignored for a moment, because this opened by itself.')
    const here = place()
    if (here === 'terminal') return terminalKey(key)
    if (isFinding(here) && fieldKey(here, key)) return
    if (here !== 'tiny' && !isFinding(here) && guard.drops(key, clock.now())) {
      return say(
        model.snapshot.place === 'lesson'
          ? 'Typing a command? t goes to the terminal.'
          : 'Typing a command? The terminal opens with the lesson.',
      )
    }
    const binding = bindingOfKey(key.name)
    if (binding === undefined) return say(unknownKey(key))
    if (binding.command === 'mark-number') return onDigit(Number(key.name), binding)
    carryOutBinding(binding)
  }

  const carryOutBinding = (binding: KeyBinding) => {
    const reason = binding.refuses(keyContext())
    if (reason !== undefined) return say(reason)
    perform(binding.command)
  }

  const onDigit = (digit: number, binding: KeyBinding) => {
    const reason = binding.refuses(keyContext())
    const choices = list()
    if (reason !== undefined || choices === undefined)
      return say(reason ?? 'There is nothing to choose here.')
    const now = clock.now()
    const joined =
      typed !== undefined && typed.list === choices.id && now - typed.at < DIGITS_MS
        ? typed.value * 10 + digit
        : digit
    const value = joined <= choices.count ? joined : digit
    typed = { list: choices.id, value, at: now }
    if (place() === 'lessons') return markLesson(value, digit)
    if (value < 1 || value > choices.count)
      return say(`There is no ${value} here; the choices go to ${choices.count}.`)
    mark(value - 1)
  }

  /** Lessons have numbers of their own: they are marked by these, not by their place in the list. */
  const markLesson = (joined: number, digit: number) => {
    const shown = shownLessons(model.snapshot, state)
    const numbers = [joined, digit]
    const number = numbers.find((candidate) => shown.some((lesson) => lesson.number === candidate))
    if (number === undefined) return say(`There is no lesson ${joined} in this list.`)
    mark(shown.findIndex((lesson) => lesson.number === number))
  }

  const perform = (command: Command) => {
    const here = place()
    switch (command) {
      case 'mark-number':
        return
      case 'carry-out':
        return carryOut(here)
      case 'mark-previous':
        return move(here, -1)
      case 'mark-next':
        return move(here, 1)
      case 'page-up':
        return scrollBy(here, -1)
      case 'page-down':
        return scrollBy(here, 1)
      case 'to-start':
        return setTop(here, 0)
      case 'to-end':
        return setTop(here, Number.MAX_SAFE_INTEGER)
      case 'next-pane':
        return focus(neighbour(1))
      case 'leave-terminal':
        return focus(neighbour(-1))
      case 'lesson':
        if (model.snapshot.place === 'opening') return open({ kind: 'reading' })
        return focus('lesson')
      case 'terminal':
        return focus('terminal')
      case 'checks':
        if (here === 'checks') return send({ kind: 'run-checks' })
        return focus('checks')
      case 'edit-first':
        focus('terminal')
        return send({ kind: 'edit-first' })
      case 'next-step':
        set({ overlays: [] })
        return send({ kind: 'next-step' })
      case 'previous-step':
        set({ overlays: [] })
        return send({ kind: 'previous-step' })
      case 'hints':
        return open({ kind: 'hints' })
      case 'copy':
        return open({ kind: 'copy' })
      case 'details':
        return open({ kind: 'details' })
      case 'help':
        return open({ kind: 'help' })
      case 'editor':
        return onEditor()
      case 'find':
        return set({ finding: here, filters: { ...state.filters, [here]: '' } })
      case 'zoom':
        return set({ zoomed: !state.zoomed })
      case 'reset':
        set({ overlays: [] })
        return send({ kind: 'ask-reset' })
      case 'lessons':
        return send({ kind: 'show-lessons' })
      case 'settings':
        return send({ kind: 'show-settings' })
      case 'leave':
        set({ overlays: [] })
        return send({ kind: 'ask-leave' })
      case 'interrupt':
        return send({ kind: 'interrupt' })
      case 'repaint':
        return ports.repaint()
      case 'suspend':
        return ports.suspend?.()
      case 'back':
        return back(here)
    }
  }

  const carryOut = (here: Place) => {
    const choices = list()
    const at = markOf(choices, state)
    switch (here) {
      case 'tiny':
        return tinyChoice(at)
      case 'start':
        return at === undefined ? undefined : send({ kind: 'choose-cluster', index: at })
      case 'opening':
        if (model.snapshot.place === 'opening' && model.snapshot.opening.lesson === undefined) {
          return say('There is no lesson to read yet. It opens when the cluster is ready.')
        }
        return open({ kind: 'reading' })
      case 'reading':
        return back(here)
      case 'lessons': {
        const lesson = at === undefined ? undefined : shownLessons(model.snapshot, state)[at]
        if (lesson === undefined) return say('No lesson is marked.')
        set({ finding: undefined, filters: {} })
        return send({ kind: 'open-lesson', id: lesson.id })
      }
      case 'error':
        return at === undefined ? undefined : send({ kind: 'choose-fix', index: at })
      case 'predict':
      case 'quiz':
      case 'dialog': {
        const question = openQuestion(model.snapshot)
        if (question === undefined) return
        if (at === undefined)
          return say('Nothing is marked yet: a number or the arrows mark a choice.')
        return send({ kind: 'choose', question: question.id, choice: at })
      }
      case 'hints':
        return openHint(at)
      case 'help':
        return helpChoice(at)
      case 'copy':
        return copyChoice(at)
      case 'editor':
        return editFile(at)
      case 'lesson':
        return enterInLesson()
      case 'answered':
      case 'outcome':
      case 'debrief':
      case 'checks':
        return send({ kind: 'enter' })
      case 'details':
      case 'terminal':
        return
    }
  }

  /** A command is run where it can be seen: with one pane at a time, that is the terminal. */
  const enterInLesson = () => {
    const { snapshot } = model
    if (snapshot.place !== 'lesson') return
    const runs = snapshot.run.enter === 'run' && nextItem(snapshot)?.prompt !== ''
    if (runs && (layoutFor(state.size).kind === 'tabs' || state.zoomed)) focus('terminal')
    send({ kind: 'enter' })
  }

  const tinyChoice = (at: number | undefined) => {
    if (at === 0) return ports.plainText()
    if (at === 2) return send({ kind: 'ask-leave' })
  }

  const openHint = (at: number | undefined) => {
    const hint =
      at === undefined || model.snapshot.place !== 'lesson'
        ? undefined
        : model.snapshot.run.hints[at]
    if (hint === undefined || at === undefined) return
    if (hint.state === 'open') return say(`Hint ${at + 1} is open already.`)
    if (hint.state === 'locked') return say(`Hint ${at + 1} opens ${hint.note ?? 'later'}.`)
    send({ kind: 'open-hint', index: at })
  }

  /** The action runs at the place behind the list of keys. */
  const helpChoice = (at: number | undefined) => {
    const binding = at === undefined ? undefined : helpEntries(state)[at]
    if (binding === undefined) return
    const overlays = state.overlays.slice(0, -1)
    set({ overlays, filters: { ...state.filters, help: '' } })
    const behind = place()
    const reason = binding.refuses(keyContext())
    if (reason !== undefined) {
      set({ overlays: [...overlays, { kind: 'help' }] })
      return say(reason)
    }
    if (behind === 'terminal' && binding.command === 'interrupt') return model.console?.interrupt()
    perform(binding.command)
  }

  const copyChoice = (at: number | undefined) => {
    const choice = at === undefined ? undefined : copyChoices(model.snapshot, state.lastCommand)[at]
    if (choice === undefined) return
    set({ overlays: state.overlays.slice(0, -1) })
    ports.copy(choice.text).then(say, (error: unknown) => say(`Not copied: ${messageOf(error)}`))
  }

  const onEditor = () => {
    const files = model.snapshot.place === 'lesson' ? (model.snapshot.run.files ?? []) : []
    if (files.length === 1) return editFile(0)
    open({ kind: 'editor' })
  }

  const editFile = (at: number | undefined) => {
    const files = model.snapshot.place === 'lesson' ? (model.snapshot.run.files ?? []) : []
    const file = at === undefined ? undefined : files[at]
    if (file === undefined) return
    set({ overlays: state.overlays.filter((overlay) => overlay.kind !== 'editor') })
    if (ports.openEditor === undefined) {
      return say(`No $VISUAL or $EDITOR is set. ${file.name} is ${file.path}`)
    }
    ports.openEditor(file).then(
      (note) => (note === undefined ? undefined : say(note)),
      (error: unknown) => say(`The editor did not open: ${messageOf(error)}`),
    )
  }

  const open = (overlay: Overlay) => {
    if (state.overlays.at(-1)?.kind === overlay.kind) return
    const marks = { ...state.marks }
    delete marks[overlay.kind]
    set({
      overlays: [...state.overlays, overlay],
      marks,
      filters: { ...state.filters, [overlay.kind]: '' },
    })
  }

  const back = (here: Place) => {
    if (state.overlays.length > 0) return set({ overlays: state.overlays.slice(0, -1) })
    if (here === 'checks') return set({ focus: 'lesson' })
    if (here === 'lesson') {
      if (state.zoomed) return set({ zoomed: false })
      const run = model.snapshot.place === 'lesson' ? model.snapshot.run : undefined
      if (run?.debrief !== undefined) return set({ debriefAside: false })
      return say('There is no level above the lesson. q leaves.')
    }
    if (here === 'opening')
      return say('The cluster is being opened. Ctrl-C stops it and cleans up.')
    send({ kind: 'escape' })
  }

  const focus = (pane: PaneName) => {
    if (pane === 'terminal' && model.console === undefined)
      return say('The terminal opens with the cluster.')
    set({
      focus: pane,
      overlays: [],
      debriefAside: placeBehind(model.snapshot, state) === 'debrief' || state.debriefAside,
    })
  }

  const neighbour = (direction: 1 | -1): PaneName => {
    const order: readonly PaneName[] = ['lesson', 'terminal', 'checks']
    const at = order.indexOf(state.focus)
    return order[(at + direction + order.length) % order.length] ?? 'lesson'
  }

  // The terminal pane ---------------------------------------------------------------------------------------------------

  const terminalKey = (key: KeyPress) => {
    const terminal = model.console
    if (terminal === undefined) return focus('lesson')
    const program = terminal.screen.fullScreen
    if (key.name === 'shift-tab') return focus('lesson')
    if (key.name === 'escape' && !program) return focus('lesson')
    if (key.name === 'page-up' && !program) return scrollTerminal(-1)
    if (key.name === 'page-down' && !program) return scrollTerminal(1)
    if (state.terminalTop !== undefined) set({ terminalTop: undefined })
    if (key.name === 'ctrl-c') return terminal.interrupt()
    if (key.name === 'ctrl-l') ports.repaint()
    terminal.input(key.raw)
  }

  const scrollTerminal = (direction: 1 | -1) => {
    const screen = model.console?.screen
    if (screen === undefined) return
    const { height } = areaOf('terminal', model.snapshot, state)
    const last = Math.max(0, screen.lineCount - height)
    const top = (state.terminalTop ?? last) + direction * Math.max(1, height - 1)
    set({ terminalTop: top >= last ? undefined : Math.max(0, top) })
  }

  // Lists, texts and fields ---------------------------------------------------------------------------------------------

  const isFinding = (here: Place) =>
    here === 'help' || (state.finding !== undefined && state.finding === here)

  /** Keys of an open find field; `false` gives the key to its usual meaning. */
  const fieldKey = (here: Place, key: KeyPress): boolean => {
    const text = state.filters[here] ?? ''
    const isList = list() !== undefined
    if (key.name === 'escape' && here !== 'help') {
      set({ finding: undefined, filters: { ...state.filters, [here]: '' } })
      return true
    }
    if (key.name === 'enter' && !isList) {
      findNext(here, text)
      return true
    }
    if (key.name === 'backspace') {
      setFilter(here, text.slice(0, -1))
      return true
    }
    if (key.text === '' || (isList && /^\d$/.test(key.name))) return false
    if (key.name === 'space' && isList) return false
    setFilter(here, text + key.text)
    return true
  }

  const setFilter = (here: Place, text: string) => {
    const marks = { ...state.marks }
    delete marks[here]
    set({ filters: { ...state.filters, [here]: text }, marks })
    if (list() === undefined) showFind(here, text)
  }

  const showFind = (here: Place, text: string) => set({ note: `Find: ${text}`, finding: here })

  const findNext = (here: Place, text: string) => {
    const area = areaOf(here, model.snapshot, state)
    const body = bodyOf(here, model.snapshot, state, { ...area, theme })
    const rows = body.lines.map((line) => lineText(line).toLowerCase())
    const found = rows.flatMap((row, index) =>
      text !== '' && row.includes(text.toLowerCase()) ? [index] : [],
    )
    if (found.length === 0) return set({ note: `Find: ${text}   not in this text` })
    const top = currentTop(here)
    const next = found.find((index) => index > top) ?? found[0] ?? 0
    setTop(here, next)
    set({ note: `Find: ${text}   ${found.indexOf(next) + 1} of ${found.length}` })
  }

  const mark = (index: number) => {
    const choices = list()
    if (choices === undefined) return
    set({ marks: { ...state.marks, [choices.id]: index } })
    showMarked()
  }

  const move = (here: Place, direction: 1 | -1) => {
    const choices = list()
    if (choices === undefined || choices.count === 0)
      return setTop(here, currentTop(here) + direction)
    const at = markOf(choices, state)
    const next = at === undefined ? (direction === 1 ? 0 : choices.count - 1) : at + direction
    mark(Math.max(0, Math.min(choices.count - 1, next)))
  }

  const showMarked = () => {
    const here = place()
    const area = areaOf(here, model.snapshot, state)
    const body = bodyOf(here, model.snapshot, state, { ...area, theme })
    if (body.marked !== undefined) showLine(here, body.marked)
  }

  const showLine = (here: Place, line: number) => {
    const area = areaOf(here, model.snapshot, state)
    const body = bodyOf(here, model.snapshot, state, { ...area, theme })
    setTop(here, topToShow(line, body.lines.length, area.height, currentTop(here)))
  }

  const currentTop = (here: Place) => state.tops[scrollId(here, model.snapshot)] ?? 0

  const scrollBy = (here: Place, pages: 1 | -1) => {
    const { height } = areaOf(here, model.snapshot, state)
    const choices = list()
    if (here === 'lessons' && choices !== undefined) {
      const at = markOf(choices, state) ?? 0
      return mark(Math.max(0, Math.min(choices.count - 1, at + pages * Math.max(1, height - 10))))
    }
    setTop(here, currentTop(here) + pages * Math.max(1, height - 2))
  }

  const setTop = (here: Place, top: number) => {
    const area = areaOf(here, model.snapshot, state)
    const body = bodyOf(here, model.snapshot, state, { ...area, theme })
    const shown = viewport(body, area.height, top)
    set({ tops: { ...state.tops, [scrollId(here, model.snapshot)]: shown.top } })
  }

  const onPaste = (text: string) => {
    const here = place()
    if (state.note !== undefined) set({ note: undefined })
    if (isFinding(here))
      return setFilter(here, (state.filters[here] ?? '') + (cleanPaste(text).split('\n')[0] ?? ''))
    if (here !== 'terminal')
      return say('A paste goes to the terminal only. t goes there; paste again.')
    const terminal = model.console
    if (terminal === undefined) return
    set({ terminalTop: undefined })
    if (terminal.busy) return terminal.input(cleanPaste(text).replaceAll('\n', '\r'))
    const pasted = promptPaste(text)
    if (pasted.kind === 'line') terminal.paste(pasted.text)
    else send({ kind: 'paste', text: pasted.text })
  }

  const resize = (size: TerminalSize) => {
    const here =
      layoutFor(state.size).kind === 'tiny' ? placeBehind(model.snapshot, state) : place()
    const places: readonly Place[] = isPane(here) ? ['lesson', 'checks'] : [here]
    const before = places.map((name) => {
      const area = areaOf(name, model.snapshot, state)
      return { name, lines: bodyOf(name, model.snapshot, state, { ...area, theme }).lines }
    })
    const tiny = layoutFor(size).kind === 'tiny' || layoutFor(state.size).kind === 'tiny'
    set({ size, terminalTop: undefined })
    if (tiny) return
    const tops = { ...state.tops }
    for (const { name, lines } of before) {
      const id = scrollId(name, model.snapshot)
      const area = areaOf(name, model.snapshot, state)
      const after = bodyOf(name, model.snapshot, state, { ...area, theme })
      tops[id] = viewport(after, area.height, sameTop(lines, after.lines, tops[id] ?? 0)).top
    }
    set({ tops })
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
    input,
    resize,
    place,
    keyContext,
    say,
    close: () => {
      unsubscribe()
      unwatch?.()
      listeners.clear()
    },
  }
}

function nextItem(snapshot: AppSnapshot) {
  if (snapshot.place !== 'lesson') return undefined
  return snapshot.run.blocks
    .flatMap((block) => (block.kind === 'items' ? block.items : []))
    .find((item) => item.state === 'next' || item.state === 'running')
}

function unknownKey(key: KeyPress): string {
  const name = key.text === '' ? 'That key' : key.text
  return `${name} does nothing here. ? lists all keys.`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
