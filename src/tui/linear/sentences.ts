import type { OpeningAction } from '../../cluster/provider.ts'
import type {
  AppSnapshot,
  ChoiceQuestion,
  DebriefView,
  ErrorSnapshot,
  HintView,
  LessonListSnapshot,
  OutcomeView,
  Question,
  RunSnapshot,
  StartSnapshot,
  StatusLine,
  ViewBlock,
} from '../../runner/snapshot.ts'
import { isSettled } from '../place/place.ts'
import { wordTo } from '../way-to.ts'
import { type PlainPart, plainMarkdown } from './plain-markdown.ts'

const say = (text: string): PlainPart => ({ kind: 'sentence', text })

/** The words of a status line; in plain text a sign is nothing without them. */
export function statusText(line: StatusLine): string {
  return line.parts
    .map((part) => (typeof part === 'string' ? part : 'wayTo' in part ? wordTo(part) : part.word))
    .join('')
    .replace(/\s+/g, ' ')
    .trim()
}

export function stop(text: string): string {
  const trimmed = text.trim()
  return trimmed === '' || /[.:?!]$/.test(trimmed) ? trimmed : `${trimmed}.`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export function startIntro(): PlainPart[] {
  return [say('Where should the lessons run?')]
}

/** One kind of cluster, once it was looked for. */
export function clusterSentence(
  cluster: StartSnapshot['clusters'][number],
  index: number,
): PlainPart[] {
  const fixes = cluster.fixes.map((fix) =>
    fix.command === undefined ? fix.label : `${fix.label}: ${fix.command}`,
  )
  const about = cluster.found === '' ? cluster.about : cluster.found
  const first = cluster.isDefault ? ' The default here.' : ''
  return [
    say(`${index + 1} ${cluster.title}: ${cluster.word ?? 'looking'}. ${stop(about)}${first}`),
    ...fixes.map((fix) => say(`To fix it: ${stop(fix)}`)),
  ]
}

export function lessonListSentences(list: LessonListSnapshot): PlainPart[] {
  return [
    say(`Lessons, on the ${list.cluster}.`),
    ...list.lessons.map((lesson) => {
      const resume = lesson.resume === undefined ? '' : ` ${lesson.resume}`
      return say(
        `${lesson.number} ${lesson.title}: ${lesson.state}, ${lesson.earned} of ${lesson.total} points, ${lesson.minutes} min.${resume}`,
      )
    }),
  ]
}

export function actionSentence(action: OpeningAction): PlainPart {
  const seconds =
    action.state !== 'running' && action.seconds !== undefined
      ? `, ${action.seconds.toFixed(1)} s`
      : ''
  return say(`${capital(action.state)}: ${action.title}${seconds}.`)
}

/** Where the learner is: said when a lesson opens. */
export function runIntro(run: RunSnapshot): PlainPart[] {
  const { lesson, step, score } = run
  return [
    say(`Cluster: ${run.cluster}.`),
    say(
      `Lesson ${lesson.number}, step ${step.number} of ${step.count}: ${step.title}. ${score.earned} of ${score.total} points.`,
    ),
  ]
}

/** The text of a step, without what there is to do: that is said when it is next. */
export function stepSentences(blocks: readonly ViewBlock[]): PlainPart[] {
  return blocks.flatMap(blockSentences)
}

function blockSentences(block: ViewBlock): PlainPart[] {
  switch (block.kind) {
    case 'prose':
      return plainMarkdown([block.node])
    case 'excerpt': {
      const text = block.text.replace(/\n$/, '')
      const { title, firstLine } = block
      const last = (firstLine ?? 1) + text.split('\n').length - 1
      const range = firstLine === undefined ? '' : `, lines ${firstLine} to ${last}`
      return [...(title === undefined ? [] : [say(`${title}${range}:`)]), { kind: 'code', text }]
    }
    case 'items':
      return []
  }
}

/** What the empty line does now. */
export function nextSentence(run: RunSnapshot): string {
  const item = run.blocks
    .flatMap((block) => (block.kind === 'items' ? block.items : []))
    .find((candidate) => candidate.state === 'next')
  const now = statusText(run.now)
  // While the lab still looks at something, or a shell has to be opened first, only the runner knows what comes next.
  if (
    run.enter !== 'run' ||
    item === undefined ||
    item.prompt === '' ||
    !now.startsWith('Enter runs')
  )
    return now
  if (item.prompt === 'lab$') return `Next, in the lab: ${item.text}`
  return run.console.session === undefined
    ? now
    : `Next, in pod ${run.console.session}: ${item.text}`
}

export function questionSentences(question: Question | ChoiceQuestion): PlainPart[] {
  const lead: PlainPart[] =
    'kind' in question && question.kind === 'predict'
      ? [say(`${stop(question.command)} From ${question.from}. To ${stop(question.to)}`)]
      : [
          say(
            'position' in question && question.position !== ''
              ? `${question.title} ${stop(question.position)}`
              : stop(question.title),
          ),
        ]
  const excerpt: PlainPart[] =
    question.excerpt === undefined
      ? []
      : [{ kind: 'code', text: question.excerpt.replace(/\n$/, '') }]
  return [
    ...lead,
    ...question.text.map((text) => say(text)),
    ...excerpt,
    ...choiceSentences(question.choices),
  ]
}

/** Short choices on one line, others on a line each. */
export function choiceSentences(
  choices: readonly { readonly label: string; readonly note: string }[],
): PlainPart[] {
  const labels = choices.map((choice, index) => `${index + 1} ${stop(choice.label)}`)
  if (choices.every((choice) => choice.label.length <= 14)) return [say(labels.join(' '))]
  return choices.map((choice, index) =>
    say(
      choice.note === ''
        ? (labels[index] ?? '')
        : `${index + 1} ${choice.label}: ${stop(choice.note)}`,
    ),
  )
}

/** What became of an answer. */
export function answerSentences(question: Question): PlainPart[] {
  if (!('answered' in question) || question.answered === undefined) return []
  const { chosen, right, reasons, points } = question.answered
  const said = question.choices[chosen]?.label ?? ''
  const verdict =
    chosen === right
      ? `Right: ${stop(said)}`
      : isSettled(question)
        ? `Not right: ${stop(said)} Right is ${right + 1}: ${stop(question.choices[right]?.label ?? '')}`
        : `Not right: ${stop(said)}`
  return [
    say(verdict),
    ...reasons.filter((reason) => reason !== '').map((reason) => say(reason)),
    say(points),
  ]
}

/** The outcome of a probe: the most important word first, times last. */
export function outcomeSentences(outcome: OutcomeView): PlainPart[] {
  const predicted = outcome.predicted === undefined ? '' : `, predicted ${outcome.predicted}`
  return [
    say(
      `${capital(outcome.verdict)}. Observed ${outcome.observed}${predicted}. ${capital(stop(outcome.after))}`,
    ),
    ...outcome.evidence.map((row) => {
      const facts = [row.what.replace(/\s+/g, ' '), row.note].filter((text) => text !== '')
      return say(`${capital(row.label)} ${row.word}: ${stop(facts.join(', '))}`)
    }),
    ...outcome.why.map((row) => say(`Why: ${row.side} ${row.word}. ${stop(row.text)}`)),
    ...(outcome.rule === undefined ? [] : [say(outcome.rule)]),
    ...(outcome.newSince === undefined ? [] : [say(outcome.newSince)]),
  ]
}

export function hintSentences(hint: HintView, index: number): PlainPart[] {
  return [say(`Hint ${index + 1}, ${stop(hint.title)}`), ...plainMarkdown(hint.blocks)]
}

export function checkSentences(run: RunSnapshot): PlainPart[] {
  if (run.checks.length === 0) return [say('This step has no checks.')]
  return run.checks.map((check) => {
    const note = check.note === undefined ? '' : ` It ${check.note}.`
    const sentence =
      check.state === 'failed' && check.sentence !== undefined ? ` ${check.sentence}` : ''
    return say(
      `Check ${check.state}, ${check.earned} of ${check.points} points: ${stop(check.title)}${note}${sentence}`,
    )
  })
}

export function debriefSentences(debrief: DebriefView, run: RunSnapshot): PlainPart[] {
  return [
    say(
      `Lesson ${run.lesson.number} done: ${run.score.earned} of ${run.score.total} points. ${debrief.title}, ${debrief.where}, ${debrief.minutes} min.`,
    ),
    ...debrief.parts.map((part) =>
      say([part.name, part.value, part.note].filter((text) => text !== '').join(' ') + '.'),
    ),
    ...debrief.shown.map((row) => say(`${capital(row.word)}: ${stop(row.text)}`)),
    ...debrief.again.map((text) => say(`Worth another look: ${stop(text)}`)),
    ...(debrief.idea === undefined ? [] : [say(debrief.idea)]),
    say(`Files: ${debrief.workFolder}`),
  ]
}

export function errorSentences(error: ErrorSnapshot): PlainPart[] {
  return [
    say(`${error.sentence} ${error.code}.`),
    ...error.facts.map((fact) =>
      say(`${fact.label}: ${stop(fact.text.replace(/\s*\n\s*/g, ' '))}`),
    ),
    ...(error.choices.length === 0 ? [] : [say('What you can do:')]),
    ...error.choices.map((choice, index) =>
      say(
        choice.note === ''
          ? `${index + 1} ${stop(choice.label)}`
          : `${index + 1} ${choice.label}: ${stop(choice.note)}`,
      ),
    ),
  ]
}

/** The runner's lines of a place. */
export function lastOf(snapshot: AppSnapshot): string {
  switch (snapshot.place) {
    case 'start-cluster':
      return statusText(snapshot.start.last)
    case 'opening':
      return statusText(snapshot.opening.last)
    case 'lessons':
      return statusText(snapshot.list.last)
    case 'lesson':
      return statusText(snapshot.run.last)
    case 'error':
      return statusText(snapshot.error.last)
  }
}
