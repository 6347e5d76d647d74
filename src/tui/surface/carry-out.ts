import { layoutFor } from '../place/layout.ts'
import { openQuestion } from '../place/place.ts'
import type { Overlay, PaneName } from '../place/surface-state.ts'
import { copyChoices } from './copy-choices.ts'
import { markOf, shownLessons } from './lists.ts'
import type { SurfaceCore } from './surface-core.ts'
import { messageOf, nextItem } from './what-is-next.ts'

/** What Enter needs of the surface around it. */
export interface EnterActions {
  open(overlay: Overlay): void
  back(): void
  focus(pane: PaneName): void
  /** Does what the marked key of the list of keys does. */
  runKey(index: number): void
}

/** Enter: carries out the marked choice, or does what `Now` says. */
export function createCarryOut(
  core: SurfaceCore,
  actions: EnterActions,
): { enter(): void; editFile(index: number): void } {
  const { model, ports } = core

  const enterInLesson = () => {
    const { snapshot } = model
    if (snapshot.place !== 'lesson') return
    const command = snapshot.run.enter === 'run' && nextItem(snapshot)?.prompt !== ''
    // A command is run where it can be seen: with one pane at a time, that is the terminal.
    if (command && (layoutFor(core.state.size).kind === 'tabs' || core.state.zoomed)) {
      actions.focus('terminal')
      core.set({ visiting: true })
    }
    core.send({ kind: 'enter' })
  }

  const openHint = (index: number) => {
    const hint = model.snapshot.place === 'lesson' ? model.snapshot.run.hints[index] : undefined
    if (hint === undefined) return
    if (hint.state === 'open') return core.say(`Hint ${index + 1} is open already.`)
    if (hint.state === 'locked') return core.say(`Hint ${index + 1} opens ${hint.note ?? 'later'}.`)
    core.send({ kind: 'open-hint', index })
  }

  const copy = (index: number) => {
    const choice = copyChoices(model.snapshot, core.state.lastCommand)[index]
    if (choice === undefined) return
    actions.back()
    ports
      .copy(choice.text)
      .then(core.say, (error: unknown) => core.say(`Not copied: ${messageOf(error)}`))
  }

  const editFile = (index: number) => {
    const file = model.snapshot.place === 'lesson' ? model.snapshot.run.files?.[index] : undefined
    if (file === undefined) return
    core.set({ overlays: core.state.overlays.filter((overlay) => overlay.kind !== 'editor') })
    if (ports.openEditor === undefined) {
      return core.say(`No $VISUAL or $EDITOR is set. ${file.name} is ${file.path}`)
    }
    ports.openEditor(file).then(
      (note) => (note === undefined ? undefined : core.say(note)),
      (error: unknown) => core.say(`The editor did not open: ${messageOf(error)}`),
    )
  }

  const answer = (index: number | undefined) => {
    const question = openQuestion(model.snapshot)
    if (question === undefined) return
    if (index === undefined)
      return core.say('Nothing is marked yet: a number or the arrows mark a choice.')
    core.send({ kind: 'choose', question: question.id, choice: index })
  }

  const openLesson = (index: number) => {
    const lesson = shownLessons(model.snapshot, core.state)[index]
    if (lesson === undefined) return core.say('No lesson is marked.')
    core.set({ finding: undefined, filters: {} })
    core.send({ kind: 'open-lesson', id: lesson.id })
  }

  const readMeanwhile = () => {
    const { snapshot } = model
    if (snapshot.place === 'opening' && snapshot.opening.lesson === undefined) {
      return core.say('There is no lesson to read yet. It opens when the cluster is ready.')
    }
    actions.open({ kind: 'reading' })
  }

  const enter = () => {
    const marked = markOf(core.list(), core.state)
    const at = marked ?? -1
    switch (core.place()) {
      case 'tiny':
        if (at === 0) return ports.plainText()
        return at === 2 ? core.send({ kind: 'ask-leave' }) : undefined
      case 'start':
        return core.send({ kind: 'choose-cluster', index: at })
      case 'opening':
        return readMeanwhile()
      case 'reading':
        return actions.back()
      case 'lessons':
        return openLesson(at)
      case 'error':
        return core.send({ kind: 'choose-fix', index: at })
      case 'predict':
      case 'quiz':
      case 'dialog':
        return answer(marked)
      case 'hints':
        return openHint(at)
      case 'help':
        return actions.runKey(at)
      case 'copy':
        return copy(at)
      case 'editor':
        return editFile(at)
      case 'lesson':
        return enterInLesson()
      case 'answered':
      case 'outcome':
      case 'debrief':
      case 'checks':
        return core.send({ kind: 'enter' })
      case 'details':
      case 'terminal':
        return
    }
  }

  return { enter, editFile }
}
