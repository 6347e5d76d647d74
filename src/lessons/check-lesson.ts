import type { LessonFiles } from './lesson-files.ts'
import type { LessonProblem } from './model.ts'
import type { ParsedLesson } from './parse-lesson.ts'
import { Problems } from './problems.ts'
import { assertCommands } from './rules/commands.ts'
import { assertLinks } from './rules/links.ts'
import { assertNames } from './rules/names.ts'
import { assertObjects } from './rules/objects.ts'
import { assertPoints } from './rules/points.ts'
import { assertQuestions } from './rules/questions.ts'
import type { Rule } from './rules/rule.ts'

const RULES: readonly Rule[] = [
  assertNames,
  assertQuestions,
  assertPoints,
  assertObjects,
  assertCommands,
  assertLinks,
]

/**
 * What is wrong with a lesson beyond its form: parts that do not fit together, and whatever would take a lesson out of the
 * lab's cluster and the learner's folder. Pure; nothing is run. `lesson test` plays the lesson, which shows more.
 */
export function checkLesson(parsed: ParsedLesson, files: LessonFiles): readonly LessonProblem[] {
  if ('problems' in parsed) return parsed.problems
  const problems = new Problems()
  for (const rule of RULES) rule({ ...parsed, files, problems })
  return problems.list()
}
