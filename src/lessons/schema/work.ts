import * as z from 'zod'
import { id, localFile, mistakeId, text } from './common.ts'

/** Something that the learner writes: a block `yaml task`. */
export const taskSchema = z.strictObject({
  id,
  text,
  file: text.describe('a file name such as allow-dns.yaml').optional(),
})

/** Answers that have to fail: a block `yaml wrong`. */
export const wrongSchema = z
  .array(z.strictObject({ mistake: mistakeId, file: localFile, check: id, says: text }))
  .min(1)
  .describe('a list of wrong answers')

/** What solves a step: a block `yaml solution`. */
export const solutionSchema = z.strictObject({
  files: z
    .array(
      z.strictObject({ name: text.describe('a file name of the work folder'), from: localFile }),
    )
    .default([]),
  commands: z.array(text).default([]),
})
