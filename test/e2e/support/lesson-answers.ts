import { openLesson } from '../../../src/lessons/load-lesson.ts'
import type { Because, Choice, Lesson, Quiz } from '../../../src/lessons/model.ts'
import { LESSON_FOLDER } from '../program.ts'

/** What a question on the screen asks, and the number of its right choice. Numbers count from 1. */
export interface Asked {
  readonly kind: 'predict' | 'because' | 'quiz'
  readonly id: string
  readonly right: number
  readonly count: number
}

/** What somebody knows who knows the lesson. */
export interface LessonAnswers {
  readonly lesson: Lesson
  /** The question that a text holds, however it is wrapped. */
  find(kind: Asked['kind'], text: string): Asked
}

/** What each probe of the lesson ends with. */
const OUTCOMES: Readonly<Record<string, string>> = {
  'predict-way-in': 'connected',
  'predict-no-types': 'connected',
  'predict-web-name': 'dns-failure',
  'predict-example-name': 'dns-failure',
  'predict-web-address': 'timeout',
  'predict-web-blocked': 'timeout',
  'predict-example-blocked': 'timeout',
  'predict-ping': 'timeout',
  'predict-lighthouse': 'connected',
  'predict-dns-google': 'connected',
}

/** Reads the answers from the lesson itself, so that its wording is free to change. */
export async function readAnswers(): Promise<LessonAnswers> {
  const lesson = await openLesson(LESSON_FOLDER)
  const items = lesson.steps.flatMap((step) =>
    step.blocks.flatMap((block) => (block.kind === 'console' ? block.items : [])),
  )
  const predictions = items.flatMap((item) =>
    item.prediction === undefined ? [] : [{ ...item.prediction, command: item.command }],
  )
  const quizzes = lesson.steps.flatMap((step) =>
    step.blocks.flatMap((block) => (block.kind === 'quiz' ? [block.quiz] : [])),
  )
  return {
    lesson,
    find: (kind, heard) => {
      const has = (part: string) => solid(heard).includes(solid(part))
      switch (kind) {
        case 'predict': {
          // Two commands may begin alike, and a typed one is another one for the same connection.
          const named = predictions
            .filter((each) => has(each.command))
            .sort((a, b) => b.command.length - a.command.length)[0]
          const found =
            named ?? predictions.find((each) => each.choices.every(({ text }) => has(text)))
          if (found === undefined) break
          const right = found.choices.findIndex((each) => each.outcome === OUTCOMES[found.id])
          return { kind, id: found.id, right: right + 1, count: found.choices.length + 1 }
        }
        case 'because': {
          const found = predictions.find((each) => each.because && has(each.because.question))
          if (found?.because === undefined) break
          return asked(kind, found.id, found.because)
        }
        case 'quiz': {
          const found = quizzes.find((quiz) => hasQuiz(quiz, has))
          if (found === undefined) break
          return asked(kind, found.id, found)
        }
      }
      throw new Error(`No ${kind} of the lesson is in this text:\n${heard}`)
    },
  }
}

function hasQuiz(quiz: Quiz, has: (part: string) => boolean): boolean {
  return has(quiz.question) && (quiz.excerpt === undefined || has(quiz.excerpt))
}

function asked(kind: 'because' | 'quiz', id: string, from: Because | Quiz): Asked {
  return { kind, id, right: rightOf(from.choices), count: from.choices.length }
}

function rightOf(choices: readonly Choice[]): number {
  return choices.findIndex((choice) => choice.right) + 1
}

/** A text without the places where lines break. */
function solid(text: string): string {
  return text.replace(/\s+/g, '')
}
