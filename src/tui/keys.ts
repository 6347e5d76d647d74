import type { AppSnapshot } from '../runner/snapshot.ts'
import { layoutFor } from './place/layout.ts'
import { isPane, type Place } from './place/place.ts'
import type { SurfaceState } from './place/surface-state.ts'
import type { ChoiceList } from './surface/choice-list.ts'

/** What a key does. One name means one thing on every screen. */
export type Command =
  | 'mark-number'
  | 'carry-out'
  | 'leave-terminal'
  | 'next-pane'
  | 'mark-previous'
  | 'mark-next'
  | 'page-up'
  | 'page-down'
  | 'to-start'
  | 'to-end'
  | 'edit-first'
  | 'terminal'
  | 'hints'
  | 'checks'
  | 'next-step'
  | 'previous-step'
  | 'find'
  | 'details'
  | 'settings'
  | 'copy'
  | 'lesson'
  | 'zoom'
  | 'editor'
  | 'reset'
  | 'lessons'
  | 'help'
  | 'back'
  | 'leave'
  | 'interrupt'
  | 'repaint'
  | 'suspend'

export interface KeyContext {
  readonly place: Place
  readonly snapshot: AppSnapshot
  readonly state: SurfaceState
  /** The list of the place, if it has one. */
  readonly list: ChoiceList | undefined
  /** Whether this program can be sent to the background. */
  readonly canSuspend: boolean
}

/** What a keys row says about a key: least important entries (low rank) are dropped first, rank 9 never. */
export interface FooterEntry {
  readonly keys?: string
  readonly label: string
  readonly rank: number
}

export interface KeyBinding {
  readonly command: Command
  /** Names that the key decoder gives. */
  readonly keys: readonly string[]
  /** As people read it. */
  readonly shown: string
  readonly about: string
  /** Where it works, in words, for the page of keys. */
  readonly where: string
  /** Typed as `:word` at a prompt of the terminal and in plain text. */
  readonly word?: string
  /** Why the key cannot work now; `undefined` where it can. */
  readonly refuses: (context: KeyContext) => string | undefined
  readonly footer: (context: KeyContext) => FooterEntry | undefined
}

/** Why the keys of a lesson do nothing at a place that is not one of its panes. */
const NOT_HERE: Readonly<Record<Place, string | undefined>> = {
  tiny: 'The window is too small for that. 1 and Enter go on in plain text.',
  start: 'No lesson is open yet. Enter starts with the marked cluster.',
  opening: 'The cluster is being opened. Enter shows the lesson meanwhile.',
  reading: 'The cluster is being opened. Esc goes back to it.',
  lessons: 'No lesson is open. Enter opens the marked one.',
  error: 'Choose a way on first: a number, then Enter.',
  predict: 'A prediction is open. Esc goes back and does not run the command.',
  quiz: 'A question is open. Esc goes back.',
  answered: 'Enter goes on from here first.',
  dialog: 'A question is open. Esc goes back.',
  outcome: 'Enter goes on from the outcome first.',
  debrief: undefined,
  hints: undefined,
  help: undefined,
  copy: undefined,
  editor: undefined,
  details: undefined,
  lesson: undefined,
  terminal: undefined,
  checks: undefined,
}

/** Keys of the lesson also work from screens that were opened from it, and close them. */
function lessonOnly({ place, snapshot }: KeyContext): string | undefined {
  return snapshot.place === 'lesson'
    ? (behindQuestion(snapshot) ?? NOT_HERE[place])
    : NOT_HERE[placeName(snapshot)]
}

function behindQuestion(snapshot: Extract<AppSnapshot, { place: 'lesson' }>): string | undefined {
  const { question, outcomeOpen } = snapshot.run
  if (question !== undefined) return question.kind === 'predict' ? NOT_HERE.predict : NOT_HERE.quiz
  return outcomeOpen ? NOT_HERE.outcome : undefined
}

function placeName(snapshot: AppSnapshot): Place {
  if (snapshot.place === 'start-cluster')
    return snapshot.start.question === undefined ? 'start' : 'dialog'
  return snapshot.place
}

function always(): undefined {
  return undefined
}

/** Keys row texts by place. */
type Labels = Readonly<Partial<Record<Place, string | FooterEntry>>>

function labelled(labels: Labels, rank: number): KeyBinding['footer'] {
  return ({ place }) => {
    const entry = labels[place]
    return typeof entry === 'string' ? { label: entry, rank } : entry
  }
}

const QUESTIONS = ['predict', 'quiz', 'answered', 'dialog'] as const

const ENTER_LABELS: Labels = {
  start: 'start',
  opening: 'read the lesson',
  lessons: 'open',
  error: 'do it',
  predict: 'send and run',
  quiz: 'send',
  answered: 'go on',
  dialog: 'do it',
  outcome: 'go on',
  hints: 'open',
  help: 'do it',
  copy: 'copy',
  editor: 'open',
  tiny: 'do it',
}

const LESSON_ENTER: Readonly<Record<string, string>> = {
  run: 'run',
  answer: 'answer',
  continue: 'go on',
  check: 'check',
  'next-step': 'next step',
}

/** The one table of keys. Its order is the order of the keys row and of the help screen. */
export const KEY_TABLE: readonly KeyBinding[] = [
  {
    command: 'mark-number',
    keys: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    shown: 'a number',
    about: 'mark a choice; 12 is 1 2',
    where: 'lists',
    refuses: (context) =>
      context.list !== undefined ? undefined : 'There is nothing to choose here.',
    footer: (context) => {
      const { list } = context
      if (list === undefined || list.count === 0 || context.place === 'checks') return undefined
      if (context.place === 'help') return { keys: 'number or arrows', label: 'mark', rank: 5 }
      const keys =
        context.place === 'lessons' ? 'number' : list.count === 1 ? '1' : `1-${list.count}`
      return { keys, label: context.place === 'lessons' ? 'marks' : 'mark', rank: 6 }
    },
  },
  {
    command: 'carry-out',
    keys: ['enter'],
    shown: 'Enter',
    about: 'do what the Now line says',
    where: 'lesson, lists',
    refuses: ({ place }) =>
      place === 'details' ? 'There is nothing to do here. Esc goes back.' : undefined,
    footer: (context) => {
      const { place, snapshot } = context
      if (place === 'lesson' && snapshot.place === 'lesson') {
        const label = LESSON_ENTER[snapshot.run.enter]
        return label === undefined ? undefined : { label, rank: 9 }
      }
      if (place === 'debrief' && snapshot.place === 'lesson') {
        const next = snapshot.run.debrief?.next
        return { label: next === undefined ? 'lessons' : 'next lesson', rank: 9 }
      }
      return labelled(ENTER_LABELS, 9)(context)
    },
  },
  {
    command: 'leave-terminal',
    keys: ['shift-tab'],
    shown: 'Shift-Tab',
    about: 'leave the terminal; previous pane',
    where: 'everywhere',
    refuses: ({ place }) => (isPane(place) ? undefined : 'There is one pane here. Esc goes back.'),
    footer: labelled({ terminal: 'lesson' }, 9),
  },
  {
    command: 'next-pane',
    keys: ['tab'],
    shown: 'Tab',
    about: 'next pane; in the terminal complete the word',
    where: 'everywhere',
    refuses: ({ place }) => (isPane(place) ? undefined : 'There is one pane here. Esc goes back.'),
    footer: labelled({ terminal: 'complete' }, 4),
  },
  {
    command: 'mark-previous',
    keys: ['up', 'k'],
    shown: 'Up k',
    about: 'mark the choice above; scroll where there is none',
    where: 'lesson, lists',
    refuses: always,
    footer: labelled({ checks: { keys: 'Up Down', label: 'move', rank: 6 } }, 6),
  },
  {
    command: 'mark-next',
    keys: ['down', 'j'],
    shown: 'Down j',
    about: 'mark the choice below; scroll where there is none',
    where: 'lesson, lists',
    refuses: always,
    footer: always,
  },
  {
    command: 'page-up',
    keys: ['page-up'],
    shown: 'PgUp',
    about: 'scroll back by a page',
    where: 'all panes',
    refuses: always,
    footer: labelled({ terminal: 'scroll' }, 3),
  },
  {
    command: 'page-down',
    keys: ['page-down', 'space'],
    shown: 'Space PgDn',
    about: 'scroll on by a page; in the terminal only PgDn',
    where: 'all panes',
    refuses: always,
    footer: labelled({ details: 'scroll', reading: 'scroll' }, 4),
  },
  {
    command: 'to-start',
    keys: ['home'],
    shown: 'Home',
    about: 'to the first line',
    where: 'all panes but the terminal',
    refuses: always,
    footer: always,
  },
  {
    command: 'to-end',
    keys: ['end'],
    shown: 'End',
    about: 'to the last line',
    where: 'all panes but the terminal',
    refuses: always,
    footer: always,
  },
  {
    command: 'edit-first',
    keys: ['e'],
    shown: 'e',
    about: 'put the next command at the prompt, do not run it',
    where: 'lesson',
    word: 'edit',
    refuses: lessonOnly,
    footer: (context) =>
      context.place === 'lesson' &&
      context.snapshot.place === 'lesson' &&
      context.snapshot.run.enter === 'run'
        ? { label: 'edit first', rank: 1 }
        : undefined,
  },
  {
    command: 'terminal',
    keys: ['t'],
    shown: 't',
    about: 'go to the terminal',
    where: 'lesson',
    word: 'terminal',
    refuses: lessonOnly,
    footer: labelled({ lesson: 'terminal' }, 8),
  },
  {
    command: 'hints',
    keys: ['h'],
    shown: 'h',
    about: 'hints for this step',
    where: 'lesson',
    word: 'hint',
    refuses: (context) => {
      const reason = lessonOnly(context)
      if (reason !== undefined || context.snapshot.place !== 'lesson') return reason
      return context.snapshot.run.hints.length === 0 ? 'This step has no hints.' : undefined
    },
    footer: labelled(
      { lesson: 'hint', checks: 'hint', terminal: { keys: ':hint', label: '', rank: 2 } },
      6,
    ),
  },
  {
    command: 'checks',
    keys: ['c'],
    shown: 'c',
    about: 'checks; there c runs them again',
    where: 'lesson',
    word: 'checks',
    refuses: lessonOnly,
    footer: labelled({ lesson: 'checks', checks: 'run again' }, 5),
  },
  {
    command: 'next-step',
    keys: ['n'],
    shown: 'n',
    about: 'next step',
    where: 'lesson',
    word: 'next',
    refuses: (context) => lessonOnly(context),
    footer: labelled({ lesson: 'next' }, 4),
  },
  {
    command: 'previous-step',
    keys: ['p'],
    shown: 'p',
    about: 'previous step; nothing is undone by reading',
    where: 'lesson',
    word: 'back',
    refuses: (context) => {
      const reason = lessonOnly(context)
      if (reason !== undefined || context.snapshot.place !== 'lesson') return reason
      return context.snapshot.run.step.number <= 1 ? 'This is the first step.' : undefined
    },
    footer: always,
  },
  {
    command: 'find',
    keys: ['/'],
    shown: '/',
    about: 'find in a list or a text',
    where: 'lesson, lists',
    refuses: ({ place }) =>
      place === 'lesson' ||
      place === 'lessons' ||
      place === 'help' ||
      place === 'details' ||
      place === 'reading'
        ? undefined
        : (NOT_HERE[place] ?? 'There is nothing to search here.'),
    footer: labelled({ lessons: 'find' }, 5),
  },
  {
    command: 'details',
    keys: ['d'],
    shown: 'd',
    about: 'details: what the lab did, how to fix it',
    where: 'start, opening, errors',
    word: 'details',
    refuses: ({ snapshot }) =>
      snapshot.place === 'lesson' || snapshot.place === 'lessons'
        ? 'Details are for the start, the opening of a cluster and errors.'
        : undefined,
    footer: labelled({ start: 'details', opening: 'details', error: 'details' }, 4),
  },
  {
    command: 'settings',
    keys: ['s'],
    shown: 's',
    about: 'settings: where the lessons run',
    where: 'lists of clusters and lessons, lesson',
    word: 'settings',
    refuses: (context) =>
      context.snapshot.place === 'start-cluster' ? undefined : lessonsOrLesson(context),
    footer: labelled({ lessons: 'settings' }, 3),
  },
  {
    command: 'copy',
    keys: ['y'],
    shown: 'y',
    about: 'copy: command, output, reasons, folder',
    where: 'lesson, errors',
    word: 'copy',
    refuses: ({ snapshot }) =>
      snapshot.place === 'lesson' || snapshot.place === 'error'
        ? undefined
        : 'There is nothing to copy here.',
    footer: labelled(
      {
        outcome: 'copy',
        answered: 'copy',
        hints: 'copy',
        error: 'copy',
        debrief: 'copy as Markdown',
      },
      3,
    ),
  },
  {
    command: 'lesson',
    keys: ['l'],
    shown: 'l',
    about: 'the text of the lesson',
    where: 'lesson',
    word: 'lesson',
    refuses: (context) =>
      context.snapshot.place === 'opening' && context.snapshot.opening.lesson !== undefined
        ? undefined
        : lessonOnly(context),
    footer: always,
  },
  {
    command: 'zoom',
    keys: ['z'],
    shown: 'z',
    about: 'zoom this pane to the whole window, and back',
    where: 'lesson',
    word: 'zoom',
    refuses: (context) => {
      const reason = lessonOnly(context)
      if (reason !== undefined) return reason
      if (!isPane(context.place)) return 'This screen has the whole window already.'
      return layoutFor(context.state.size).kind === 'split'
        ? undefined
        : 'This pane has the whole window already.'
    },
    footer: labelled({}, 0),
  },
  {
    command: 'editor',
    keys: ['v'],
    shown: 'v',
    about: 'open the file of this step in your editor',
    where: 'lesson',
    word: 'file',
    refuses: (context) => {
      const reason = lessonOnly(context)
      if (reason !== undefined || context.snapshot.place !== 'lesson') return reason
      return (context.snapshot.run.files?.length ?? 0) > 0 ? undefined : 'This step has no file.'
    },
    footer: (context) =>
      context.place === 'lesson' &&
      context.snapshot.place === 'lesson' &&
      (context.snapshot.run.files?.length ?? 0) > 0
        ? { label: 'file', rank: 2 }
        : undefined,
  },
  {
    command: 'reset',
    keys: ['r'],
    shown: 'r',
    about: 'start this step or lesson again',
    where: 'lesson',
    word: 'reset',
    refuses: lessonOnly,
    footer: always,
  },
  {
    command: 'lessons',
    keys: ['g'],
    shown: 'g',
    about: 'list of lessons',
    where: 'lesson, start',
    word: 'lessons',
    refuses: lessonsOrLesson,
    footer: labelled({ debrief: 'lessons' }, 5),
  },
  {
    command: 'help',
    keys: ['?'],
    shown: '?',
    about: 'all keys',
    where: 'everywhere',
    word: 'help',
    refuses: ({ place }) => (place === 'tiny' ? NOT_HERE.tiny : undefined),
    footer: ({ place }) =>
      place === 'terminal'
        ? { keys: ':help', label: '', rank: 9 }
        : place === 'help' || place === 'tiny'
          ? undefined
          : { label: 'all keys', rank: 9 },
  },
  {
    command: 'back',
    keys: ['escape'],
    shown: 'Esc',
    about: 'back one level; loses nothing',
    where: 'everywhere',
    refuses: ({ place }) =>
      place === 'lessons' || place === 'debrief' || place === 'error' || place === 'tiny'
        ? 'There is no level above this one. q leaves.'
        : undefined,
    footer: ({ place, snapshot }) => {
      if ((QUESTIONS as readonly Place[]).includes(place)) {
        const question = snapshot.place === 'lesson' ? snapshot.run.question : undefined
        const start = snapshot.place === 'start-cluster' ? snapshot.start.question : undefined
        return { label: (question ?? start)?.escape ?? 'back', rank: 9 }
      }
      if (place === 'checks') return { label: 'lesson', rank: 9 }
      if (['hints', 'help', 'copy', 'editor', 'details', 'reading', 'outcome'].includes(place)) {
        return { label: 'back', rank: place === 'outcome' ? 2 : 9 }
      }
      return undefined
    },
  },
  {
    command: 'leave',
    keys: ['q'],
    shown: 'q',
    about: 'leave',
    where: 'lesson, lists',
    word: 'quit',
    refuses: ({ place }) =>
      (QUESTIONS as readonly Place[]).includes(place)
        ? 'A question is open. Esc goes back, Ctrl-C leaves.'
        : undefined,
    footer: labelled(
      { start: 'quit', lessons: 'quit', lesson: 'leave', debrief: 'quit', error: 'quit' },
      9,
    ),
  },
  {
    command: 'interrupt',
    keys: ['ctrl-c'],
    shown: 'Ctrl-C',
    about: 'stop what runs; where nothing runs, leave',
    where: 'everywhere',
    refuses: always,
    footer: ({ place, snapshot }) => {
      if (place === 'opening') return { label: 'stop and clean up', rank: 8 }
      if (place === 'terminal') return { label: 'stop', rank: 5 }
      if (
        place === 'dialog' &&
        snapshot.place === 'lesson' &&
        snapshot.run.question?.kind === 'leave'
      ) {
        return { label: 'leave at once', rank: 7 }
      }
      return undefined
    },
  },
  {
    command: 'repaint',
    keys: ['ctrl-l'],
    shown: 'Ctrl-L',
    about: 'paint everything again; in the terminal also clear it',
    where: 'everywhere',
    refuses: always,
    footer: always,
  },
  {
    command: 'suspend',
    keys: ['ctrl-z'],
    shown: 'Ctrl-Z',
    about: 'put the program into the background',
    where: 'lesson',
    refuses: ({ canSuspend }) =>
      canSuspend ? undefined : 'This terminal cannot put the program into the background.',
    footer: always,
  },
]

function lessonsOrLesson(context: KeyContext): string | undefined {
  const { snapshot } = context
  if (snapshot.place === 'lesson') return lessonOnly(context)
  return snapshot.place === 'lessons' ? undefined : NOT_HERE[placeName(snapshot)]
}

const BY_KEY: ReadonlyMap<string, KeyBinding> = new Map(
  KEY_TABLE.flatMap((binding) => binding.keys.map((key) => [key, binding] as const)),
)
const BY_WORD: ReadonlyMap<string, KeyBinding> = new Map(
  KEY_TABLE.flatMap((binding) =>
    binding.word === undefined ? [] : [[binding.word, binding] as const],
  ),
)

/** The binding of a key name of the decoder. */
export function bindingOfKey(name: string): KeyBinding | undefined {
  return BY_KEY.get(name)
}

/** The binding of a `:word`, with or without its colon. */
export function bindingOfWord(word: string): KeyBinding | undefined {
  return BY_WORD.get(word.replace(/^:/, ''))
}

/** The whole table as Markdown, for the page of keys. */
export function keysMarkdown(): string {
  const rows = KEY_TABLE.map((binding) => {
    const word = binding.word === undefined ? '' : `\`:${binding.word}\``
    return `| ${binding.shown} | ${binding.about} | ${binding.where} | ${word} |`
  })
  return ['| key | what it does | where | word |', '|---|---|---|---|', ...rows, ''].join('\n')
}
