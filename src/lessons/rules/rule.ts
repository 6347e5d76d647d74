import type { LessonFiles } from '../lesson-files.ts'
import type { Lesson } from '../model.ts'
import type { Places } from '../places.ts'
import type { Problems } from '../problems.ts'

/** What a rule looks at. */
export interface RuleContext {
  readonly lesson: Lesson
  readonly files: LessonFiles
  readonly places: Places
  readonly problems: Problems
}

/** Judges one aspect of a parsed lesson and adds what it finds to `problems`. */
export type Rule = (context: RuleContext) => void
