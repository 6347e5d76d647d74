import * as z from 'zod'
import { id, mistakeId, points, text } from './common.ts'
import { probeFields } from './probe.ts'

const choice = z.strictObject({
  text,
  right: z.boolean().default(false),
  why: text,
  mistake: mistakeId.optional(),
})
const choices = z.array(choice).min(2).max(6).describe('a list of 2 to 6 choices')

/** What a block `yaml predict` holds. The choices are a mapping from outcome to the words beside it. */
export const predictSchema = z.strictObject({
  id,
  ...probeFields,
  choices: z.record(z.string(), text).describe('a mapping from outcome to a few words'),
  points,
  because: z.strictObject({ question: text, points, choices }).optional(),
})

/** What a block `yaml quiz` holds. */
export const quizSchema = z.strictObject({
  id,
  question: text,
  excerpt: z.string().min(1).optional(),
  points,
  choices,
})

export type PredictFields = z.infer<typeof predictSchema>
export type QuizFields = z.infer<typeof quizSchema>
