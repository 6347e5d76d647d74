import { closest } from 'fastest-levenshtein'
import type { Check, Lesson, Prediction, Quiz, SourcePoint } from '../model.ts'
import type { Rule } from './rule.ts'

/** Ids are unique, and whatever is named by id exists. */
export const assertNames: Rule = ({ lesson, places, problems }) => {
  const seen = new Set<string>()
  const claim = (id: string, at: SourcePoint) => {
    if (seen.has(id))
      problems.add(
        at,
        'duplicate-id',
        `The id "${id}" is used twice. Every check, prediction, quiz and task has its own.`,
      )
    seen.add(id)
  }
  const fileNames = new Set<string>()
  for (const step of lesson.steps) {
    for (const block of step.blocks) {
      if (block.kind === 'check')
        for (const check of block.checks) claim(check.id, places.of(check, ['id'], check.at))
      if (block.kind === 'quiz') claim(block.quiz.id, places.of(block.quiz, ['id'], block.at))
      if (block.kind === 'task') claim(block.task.id, places.of(block.task, ['id'], block.at))
      if (block.kind === 'console') {
        for (const { prediction } of block.items)
          if (prediction !== undefined)
            claim(prediction.id, places.of(prediction, ['id'], prediction.at))
      }
      if (block.kind === 'file') {
        if (fileNames.has(block.name))
          problems.add(
            block.at,
            'duplicate-file',
            `The file "${block.name}" is written twice: the second would undo what the learner did. Show an excerpt without the name instead.`,
          )
        fileNames.add(block.name)
      }
    }
  }
  assertReferences(lesson, places, problems)
}

function assertReferences(
  lesson: Lesson,
  places: Parameters<Rule>[0]['places'],
  problems: Parameters<Rule>[0]['problems'],
): void {
  const checks = checksOf(lesson)
  const predictions = predictionsOf(lesson)
  const known = checks.map((check) => check.id)
  for (const check of checks) {
    if (
      check.after !== undefined &&
      !predictions.some((prediction) => prediction.id === check.after)
    ) {
      problems.add(
        places.of(check, ['after'], check.at),
        'unknown-prediction',
        `There is no prediction "${check.after}".${nearest(
          check.after,
          predictions.map((one) => one.id),
        )}`,
      )
    }
  }
  for (const step of lesson.steps) {
    const own = step.blocks
      .flatMap((block) => (block.kind === 'check' ? block.checks : []))
      .map((check) => check.id)
    for (const answer of step.wrongAnswers) {
      const at = places.of(answer, ['check'], step.at)
      if (!known.includes(answer.check))
        problems.add(
          at,
          'unknown-check',
          `There is no check "${answer.check}".${nearest(answer.check, own)}`,
        )
      else if (!own.includes(answer.check))
        problems.add(
          at,
          'unknown-check',
          `The check "${answer.check}" belongs to another step. Name a check of this step.`,
        )
    }
  }
  for (const [index, claim] of lesson.shown.entries()) {
    for (const [number, check] of claim.checks.entries()) {
      if (!known.includes(check)) {
        problems.add(
          places.of(lesson, ['shown', index, 'checks', number], lesson.steps[0]?.at ?? NOWHERE),
          'unknown-check',
          `There is no check "${check}".${nearest(check, known)}`,
        )
      }
    }
  }
}

const NOWHERE: SourcePoint = { file: 'lesson.md', line: 1, column: 1 }

function nearest(word: string, known: readonly string[]): string {
  return known.length === 0 ? '' : ` Did you mean "${closest(word, known)}"?`
}

export function checksOf(lesson: Lesson): readonly Check[] {
  return lesson.steps.flatMap((step) =>
    step.blocks.flatMap((block) => (block.kind === 'check' ? block.checks : [])),
  )
}

export function predictionsOf(lesson: Lesson): readonly Prediction[] {
  return lesson.steps.flatMap((step) =>
    step.blocks.flatMap((block) =>
      block.kind === 'console'
        ? block.items.flatMap((item) => (item.prediction === undefined ? [] : [item.prediction]))
        : [],
    ),
  )
}

export function quizzesOf(
  lesson: Lesson,
): readonly { readonly quiz: Quiz; readonly at: SourcePoint }[] {
  return lesson.steps.flatMap((step) =>
    step.blocks.flatMap((block) =>
      block.kind === 'quiz' ? [{ quiz: block.quiz, at: block.at }] : [],
    ),
  )
}
