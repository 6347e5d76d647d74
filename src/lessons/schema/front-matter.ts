import * as z from 'zod'
import { id, namespace, points, text } from './common.ts'

/** The front matter of lesson.md. */
export const frontMatterSchema = z.strictObject({
  format: z.literal(1).describe('1, the version of the lesson format'),
  id,
  title: text,
  shortTitle: text.max(24).describe('a text of at most 24 characters').optional(),
  summary: text,
  level: z.enum(['beginner', 'core', 'advanced']),
  minutes: z.int().min(1).max(60).describe('a whole number of minutes from 1 to 60'),
  /** The total of the lesson; has to be what its parts add up to. */
  points: points.optional(),
  objectives: z.array(text).min(1).describe('a list with at least one sentence'),
  source: z
    .strictObject({
      title: text,
      url: z.url().describe('an address that starts with https://').optional(),
    })
    .optional(),
  needs: z.strictObject({
    images: z.array(text).describe('a list of container images'),
    namespaces: z.array(namespace).min(1).describe('a list with at least one namespace'),
  }),
  shown: z
    .array(z.strictObject({ text, checks: z.array(id).min(1).describe('a list of check ids') }))
    .default([]),
})

export type FrontMatter = z.infer<typeof frontMatterSchema>
