import type { Because, Choice, Outcome, Prediction, Quiz, SourcePoint } from './model.ts'
import { OUTCOMES } from './model.ts'
import type { Problems } from './problems.ts'
import { toProbe } from './schema/probe.ts'
import type { PredictFields, QuizFields } from './schema/questions.ts'
import type { YamlSource } from './yaml-source.ts'

export function convertPrediction(
  fields: PredictFields,
  source: YamlSource,
  at: SourcePoint,
  problems: Problems,
): Prediction {
  const choices: { outcome: Outcome; text: string }[] = []
  for (const [word, text] of Object.entries(fields.choices)) {
    const outcome = OUTCOMES.find((one) => one === word)
    if (outcome === undefined) {
      problems.add(
        source.keyAt(['choices', word]),
        'unknown-outcome',
        `"${word}" is no outcome. Write one of ${OUTCOMES.join(', ')}.`,
      )
    } else choices.push({ outcome, text })
  }
  if (choices.length < 2)
    problems.add(
      source.at(['choices']),
      'choice-count',
      'Offer at least two outcomes to choose from.',
    )
  return {
    id: fields.id,
    probe: toProbe(fields),
    choices,
    ...(fields.because === undefined ? {} : { because: convertBecause(fields.because) }),
    points: fields.points,
    at,
  }
}

function convertBecause(fields: NonNullable<PredictFields['because']>): Because {
  return {
    question: fields.question,
    points: fields.points,
    choices: fields.choices.map(convertChoice),
  }
}

export function convertQuiz(fields: QuizFields): Quiz {
  return {
    id: fields.id,
    question: fields.question,
    ...(fields.excerpt === undefined ? {} : { excerpt: fields.excerpt.replace(/\n+$/, '') }),
    choices: fields.choices.map(convertChoice),
    points: fields.points,
  }
}

function convertChoice({ text, right, why, mistake }: QuizFields['choices'][number]): Choice {
  return { text, right, why, ...(mistake === undefined ? {} : { mistake }) }
}
