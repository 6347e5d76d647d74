import type { AppModel } from '../../runner/snapshot.ts'
import { bindingOfWord, type Command, KEY_TABLE, type KeyContext } from '../keys.ts'
import { openQuestion, placeBehind, placeOf } from '../place/place.ts'
import { createSurfaceState, type LastCommand } from '../place/surface-state.ts'
import { copyChoices } from '../surface/copy-choices.ts'
import type { PlainPart } from './plain-markdown.ts'
import {
  checkSentences,
  choiceSentences,
  hintSentences,
  runIntro,
  stepSentences,
} from './sentences.ts'

/** A numbered list of this surface's own that waits for a number. */
export interface Menu {
  readonly choices: readonly { readonly label: string; readonly note: string }[]
  choose(index: number): void
}

export interface LinePorts {
  readonly say: (...sentences: readonly string[]) => void
  readonly sayParts: (parts: readonly PlainPart[]) => void
  readonly lastCommand: () => LastCommand | undefined
  readonly writeCopy: ((text: string) => Promise<string>) | undefined
  readonly openEditor:
    | ((file: { readonly name: string; readonly path: string }) => Promise<string | undefined>)
    | undefined
  readonly interrupt: () => void
}

/** What typed lines do. */
export interface LineCommands {
  /** The list that waits for a number, if one is open. */
  readonly menu: Menu | undefined
  onLine(line: string): void
}

/** Words that mean something only where there is a screen. */
const SCREEN_ONLY: ReadonlySet<Command> = new Set<Command>([
  'terminal',
  'zoom',
  'edit-first',
  'details',
])
const STATE = createSurfaceState({ columns: 80, rows: 24 })

/** The empty line does the next thing, a number answers, a `:` word acts, everything else goes to the shell. */
export function createLineCommands(model: AppModel, ports: LinePorts): LineCommands {
  const { say, sayParts } = ports
  let menu: Menu | undefined

  const openMenu = (title: string, next: Menu) => {
    menu = next
    sayParts([{ kind: 'sentence', text: title }, ...choiceSentences(next.choices)])
  }

  /** How many choices the place has, and what one of them does. */
  const choices = ():
    | { readonly count: number; readonly initial: number | undefined; choose(index: number): void }
    | undefined => {
    if (menu !== undefined) {
      const open = menu
      return {
        count: open.choices.length,
        initial: 0,
        choose: (index) => {
          menu = undefined
          open.choose(index)
        },
      }
    }
    const { snapshot } = model
    const question = openQuestion(snapshot)
    if (question !== undefined && placeOf(snapshot, STATE) !== 'answered') {
      return {
        count: question.choices.length,
        initial: question.marked,
        choose: (index) => model.send({ kind: 'choose', question: question.id, choice: index }),
      }
    }
    switch (snapshot.place) {
      case 'start-cluster':
        return {
          count: snapshot.start.clusters.length,
          initial: Math.max(
            0,
            snapshot.start.clusters.findIndex((cluster) => cluster.isDefault),
          ),
          choose: (index) => model.send({ kind: 'choose-cluster', index }),
        }
      case 'lessons': {
        const { lessons } = snapshot.list
        const started = lessons.findIndex((lesson) => lesson.state === 'started')
        return {
          count: lessons.length,
          initial: started === -1 ? lessons.findIndex((lesson) => lesson.state === 'new') : started,
          choose: (index) => {
            const lesson = lessons[index]
            if (lesson !== undefined) model.send({ kind: 'open-lesson', id: lesson.id })
          },
        }
      }
      case 'error':
        return {
          count: snapshot.error.choices.length,
          initial: 0,
          choose: (index) => model.send({ kind: 'choose-fix', index }),
        }
      default:
        return undefined
    }
  }

  const onNumber = (number: number) => {
    const list = choices()
    if (list === undefined) return
    const { snapshot } = model
    // Lessons are called by their own numbers, which need not begin at 1.
    const index =
      snapshot.place === 'lessons' && menu === undefined
        ? snapshot.list.lessons.findIndex((lesson) => lesson.number === number)
        : number - 1
    if (index < 0 || index >= list.count)
      return say(`There is no ${number} here. The numbers go to ${list.count}.`)
    list.choose(index)
  }

  const onEmpty = () => {
    const { snapshot } = model
    const list = choices()
    if (list !== undefined) {
      if (list.initial === undefined || list.initial < 0)
        return say('Type a number, then Enter. :back goes back.')
      return list.choose(list.initial)
    }
    if (snapshot.place === 'opening') return readLesson()
    model.send({ kind: 'enter' })
  }

  const readLesson = () => {
    const { snapshot } = model
    if (snapshot.place === 'lesson')
      return sayParts([...runIntro(snapshot.run), ...stepSentences(snapshot.run.blocks)])
    if (snapshot.place === 'opening' && snapshot.opening.lesson !== undefined) {
      return sayParts([
        { kind: 'sentence', text: `${snapshot.opening.lesson.title}.` },
        ...stepSentences(snapshot.opening.lesson.blocks),
      ])
    }
    say('No lesson is open yet.')
  }

  const onWord = (word: string) => {
    if (word === 'stop') return ports.interrupt()
    if (word === 'back' && goesBack()) return
    if (word === 'lab' || word === 'pod') return switchTo(word)
    const binding = bindingOfWord(word)
    if (binding === undefined || SCREEN_ONLY.has(binding.command)) {
      return say(`:${word} is no word of the lab here. :help lists them.`)
    }
    const place = placeBehind(model.snapshot, STATE)
    const context: KeyContext = {
      place,
      snapshot: model.snapshot,
      state: STATE,
      list: undefined,
      canSuspend: false,
    }
    const reason = binding.refuses(context)
    // The empty line and a word do here what Esc does on a screen.
    const forced = binding.command === 'lesson' || binding.command === 'leave'
    if (reason !== undefined && !forced) return say(reason.replaceAll('Esc', ':back'))
    perform(binding.command)
  }

  /** Back from a menu or a question; `false` where back means the step before. */
  const goesBack = (): boolean => {
    if (menu !== undefined) {
      menu = undefined
      return true
    }
    const { snapshot } = model
    if (
      snapshot.place === 'lesson' &&
      openQuestion(snapshot) === undefined &&
      !snapshot.run.outcomeOpen
    )
      return false
    model.send({ kind: 'escape' })
    return true
  }

  const switchTo = (place: 'lab' | 'pod') => {
    const terminal = model.console
    if (terminal === undefined) return say('The terminal opens with the lesson.')
    if (place === 'pod' && terminal.session === undefined) return say('No shell of a pod is open.')
    terminal.switchTo(place)
  }

  const perform = (command: Command) => {
    const { snapshot } = model
    switch (command) {
      case 'next-step':
        return model.send({ kind: 'next-step' })
      case 'previous-step':
        return model.send({ kind: 'previous-step' })
      case 'checks':
        if (snapshot.place === 'lesson') sayParts(checkSentences(snapshot.run))
        return model.send({ kind: 'run-checks' })
      case 'hints':
        return onHint()
      case 'lesson':
        return readLesson()
      case 'reset':
        return model.send({ kind: 'ask-reset' })
      case 'lessons':
        return model.send({ kind: 'show-lessons' })
      case 'settings':
        return model.send({ kind: 'show-settings' })
      case 'leave':
        // A command that waits for its prediction is given back to the prompt first.
        if (placeBehind(snapshot, STATE) === 'predict') model.send({ kind: 'escape' })
        return model.send({ kind: 'ask-leave' })
      case 'copy':
        return onCopy()
      case 'editor':
        return onEditor()
      case 'help':
        return sayParts(helpSentences())
      default:
        return
    }
  }

  /** The next hint; where all are open, all of them again. */
  const onHint = () => {
    if (model.snapshot.place !== 'lesson') return
    const { hints } = model.snapshot.run
    const index = hints.findIndex((hint) => hint.state === 'closed')
    if (index === -1)
      return sayParts(
        hints.flatMap((hint, at) => (hint.state === 'open' ? hintSentences(hint, at) : [])),
      )
    model.send({ kind: 'open-hint', index })
  }

  const onCopy = () => {
    const { writeCopy } = ports
    if (writeCopy === undefined) return say('There is no file to copy to here.')
    const texts = copyChoices(model.snapshot, ports.lastCommand())
    openMenu('What should be copied?', {
      choices: texts,
      choose: (index) => {
        writeCopy(texts[index]?.text ?? '').then(
          (file) => say(`Written to ${file}.`),
          (error: unknown) => say(`Not copied: ${messageOf(error)}`),
        )
      },
    })
  }

  const onEditor = () => {
    const files = model.snapshot.place === 'lesson' ? (model.snapshot.run.files ?? []) : []
    const edit = (index: number) => {
      const file = files[index]
      if (file === undefined) return
      if (ports.openEditor === undefined)
        return say(`No $VISUAL or $EDITOR is set. ${file.name} is ${file.path}`)
      ports.openEditor(file).then(
        (note) => (note === undefined ? undefined : say(note)),
        (error: unknown) => say(`The editor did not open: ${messageOf(error)}`),
      )
    }
    if (files.length === 1) return edit(0)
    openMenu('Which file should be opened?', {
      choices: files.map((file) => ({ label: file.name, note: '' })),
      choose: edit,
    })
  }

  const onShellLine = (line: string) => {
    const { snapshot } = model
    const terminal = model.console
    const list = choices()
    if (list !== undefined) return onChoiceText(line)
    if (snapshot.place !== 'lesson' || terminal === undefined) {
      return say('No lesson is open yet. :help lists the words.')
    }
    if (placeBehind(snapshot, STATE) !== 'lesson' && snapshot.run.debrief === undefined) {
      return say('The empty line goes on from here first.')
    }
    if (terminal.busy) return terminal.input(`${line}\r`)
    terminal.run(line, terminal.place).catch((error: unknown) => say(messageOf(error)))
  }

  /** A choice may be called by its words too. */
  const onChoiceText = (line: string) => {
    const labels = menu?.choices ?? openQuestion(model.snapshot)?.choices ?? []
    const index = labels.findIndex(
      (choice) => choice.label.toLowerCase() === line.trim().toLowerCase(),
    )
    if (index === -1) return say('Type a number, then Enter. :back goes back.')
    onNumber(index + 1)
  }

  return {
    get menu() {
      return menu
    },
    onLine: (line) => {
      const text = line.trim()
      // Every line belongs to a program that runs, except the words of the lab.
      const busy =
        model.snapshot.place === 'lesson' && model.console?.busy === true && choices() === undefined
      if (/^:[^\s:]/.test(text)) onWord(text.slice(1))
      else if (busy) model.console?.input(`${line}\r`)
      else if (text === '') onEmpty()
      else if (/^\d+$/.test(text) && choices() !== undefined) onNumber(Number(text))
      else onShellLine(line)
    },
  }
}

function helpSentences(): PlainPart[] {
  const words = KEY_TABLE.filter(
    (binding) => binding.word !== undefined && !SCREEN_ONLY.has(binding.command),
  )
  return [
    'The empty line does the next thing. A number answers a question.',
    ...words.map((binding) => `:${binding.word} ${binding.about}.`),
    ':lab and :pod go to the lab prompt and to the shell of the pod.',
    ':stop or Ctrl-C stops what runs.',
    'Everything else is a command for the prompt.',
  ].map((text) => ({ kind: 'sentence', text }))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
