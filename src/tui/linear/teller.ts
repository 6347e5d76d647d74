import type { AppSnapshot, RunSnapshot } from '../../runner/snapshot.ts'
import { questionKey } from '../place/place.ts'
import type { PlainPart } from './plain-markdown.ts'
import {
  actionSentence,
  answerSentences,
  clusterSentence,
  debriefSentences,
  errorSentences,
  hintSentences,
  lastOf,
  lessonListSentences,
  nextSentence,
  outcomeSentences,
  questionSentences,
  runIntro,
  startIntro,
  stepSentences,
} from './sentences.ts'

const say = (text: string): PlainPart => ({ kind: 'sentence', text })

/** Turns snapshots into what is new to say, so that nothing is said twice. */
export interface Teller {
  /** What `now` has that was not said yet. */
  tell(now: AppSnapshot): PlainPart[]
  /** Lines that were written otherwise, a command's output, so that `Last` does not repeat them. */
  heard(lines: readonly string[]): void
}

export function createTeller(): Teller {
  let before: AppSnapshot | undefined
  let saidId = 0
  let next = ''
  let heard: readonly string[] = []

  const remember = (lines: readonly string[]) => {
    heard = [...heard, ...lines.map(plain)].slice(-60)
  }

  const tell = (now: AppSnapshot): PlainPart[] => {
    const old = before
    before = now
    switch (now.place) {
      case 'start-cluster':
        return tellStart(old, now)
      case 'opening':
        return tellOpening(old, now)
      case 'lessons':
        return old?.place === 'lessons' ? tellLast(old, now) : lessonListSentences(now.list)
      case 'error':
        return old?.place === 'error' && old.error.sentence === now.error.sentence
          ? tellLast(old, now)
          : errorSentences(now.error)
      case 'lesson':
        return tellRun(old, now)
    }
  }

  const tellLast = (old: AppSnapshot | undefined, now: AppSnapshot): PlainPart[] => {
    const last = lastOf(now)
    if (last === '' || (old !== undefined && lastOf(old) === last) || heard.includes(plain(last)))
      return []
    remember([last])
    return [say(last)]
  }

  const tellStart = (
    old: AppSnapshot | undefined,
    now: Extract<AppSnapshot, { place: 'start-cluster' }>,
  ) => {
    const known = old?.place === 'start-cluster' ? old.start : undefined
    const clusters = now.start.clusters.flatMap((cluster, index) =>
      cluster.word === undefined || known?.clusters[index]?.word === cluster.word
        ? []
        : clusterSentence(cluster, index),
    )
    const { question } = now.start
    const asked =
      question !== undefined && question.id !== known?.question?.id
        ? questionSentences(question)
        : []
    return [...(known === undefined ? startIntro() : []), ...clusters, ...asked]
  }

  const tellOpening = (
    old: AppSnapshot | undefined,
    now: Extract<AppSnapshot, { place: 'opening' }>,
  ) => {
    const known = old?.place === 'opening' ? old.opening.actions : undefined
    const actions = now.opening.actions.filter(
      (action) =>
        action.state !== 'waiting' &&
        known?.find((other) => other.id === action.id)?.state !== action.state,
    )
    return [
      ...(known === undefined
        ? [say(`Opening the cluster: ${now.opening.title}. :lesson reads the lesson meanwhile.`)]
        : []),
      ...actions.map(actionSentence),
    ]
  }

  const tellRun = (
    old: AppSnapshot | undefined,
    now: Extract<AppSnapshot, { place: 'lesson' }>,
  ): PlainPart[] => {
    const { run } = now
    const known =
      old?.place === 'lesson' && old.run.lesson.id === run.lesson.id ? old.run : undefined
    if (known === undefined) {
      // What was said before this surface looked stays unsaid; the place where the learner is comes instead.
      saidId = run.said.at(-1)?.id ?? 0
      next = ''
    }
    const fresh = run.said.filter((entry) => entry.id > saidId)
    saidId = fresh.at(-1)?.id ?? saidId
    const steps = known?.step.number !== run.step.number
    const news: PlainPart[] = [
      ...(known === undefined ? runIntro(run) : []),
      ...fresh.map((entry) => say(entry.text)),
      ...tellOutcome(known, run),
      ...(steps && run.debrief === undefined ? stepSentences(run.blocks) : []),
      ...tellHints(known, run),
      ...tellDebrief(known, run),
      ...tellQuestion(known, run),
    ]
    if (news.length === 0 && known !== undefined && old !== undefined)
      news.push(...tellLast(old, now))
    else if (news.length > 0) remember([lastOf(now)])
    return [...news, ...tellNext(run)]
  }

  const tellNext = (run: RunSnapshot): PlainPart[] => {
    if (run.console.busy || run.enter === 'none' || isAsked(run)) {
      next = ''
      return []
    }
    const sentence = nextSentence(run)
    if (sentence === next || sentence === '') return []
    next = sentence
    return [say(sentence)]
  }

  return {
    tell,
    heard: (lines) => remember(lines),
  }
}

/** A question that still wants a choice says itself what to do. */
function isAsked(run: RunSnapshot): boolean {
  return (
    run.question !== undefined &&
    !('answered' in run.question && run.question.answered !== undefined)
  )
}

function tellOutcome(known: RunSnapshot | undefined, run: RunSnapshot): PlainPart[] {
  if (run.outcome === undefined || !run.outcomeOpen || known?.outcomeOpen === true) return []
  return outcomeSentences(run.outcome)
}

function tellHints(known: RunSnapshot | undefined, run: RunSnapshot): PlainPart[] {
  if (known === undefined || known.step.number !== run.step.number) return []
  return run.hints.flatMap((hint, index) =>
    hint.state === 'open' && known.hints[index]?.state !== 'open' ? hintSentences(hint, index) : [],
  )
}

function tellDebrief(known: RunSnapshot | undefined, run: RunSnapshot): PlainPart[] {
  return run.debrief === undefined || known?.debrief !== undefined
    ? []
    : debriefSentences(run.debrief, run)
}

function tellQuestion(known: RunSnapshot | undefined, run: RunSnapshot): PlainPart[] {
  const { question } = run
  if (question === undefined) return []
  const old = known?.question
  const same = old !== undefined && questionKey(old) === questionKey(question)
  const answer = 'answered' in question ? question.answered : undefined
  const oldAnswer = same && 'answered' in old ? old.answered : undefined
  const changed = answer !== undefined && JSON.stringify(answer) !== JSON.stringify(oldAnswer)
  return [
    ...(same ? [] : questionSentences(question)),
    ...(changed ? answerSentences(question) : []),
  ]
}

function plain(text: string): string {
  return text.replace(/[.\s]+/g, ' ').trim()
}
