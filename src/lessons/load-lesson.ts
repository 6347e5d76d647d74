import { basename } from 'node:path'
import { LabError } from '../base/errors.ts'
import { isNodeError } from '../platform/node-error.ts'
import { readFolder } from '../platform/read-folder.ts'
import { digestOf, readBuiltLesson } from './built-lesson.ts'
import type { LessonFiles } from './lesson-files.ts'
import type { Lesson, LessonProblem } from './model.ts'
import { formatProblem } from './problems.ts'

export type LoadedLesson =
  | { readonly lesson: Lesson }
  | { readonly problems: readonly LessonProblem[] }

/**
 * Reads a lesson's folder and judges it. A lesson with a problem is never handed out, so nothing of it can run. `shownAs` is how
 * messages name the folder. Parsers are loaded on first use: the list of lessons needs none.
 *
 * @default shownAs folder
 */
export async function loadLesson(
  folder: string,
  { shownAs = folder }: { readonly shownAs?: string } = {},
): Promise<LoadedLesson> {
  const [texts, { BUILT_LESSONS }] = await Promise.all([
    textsOf(folder),
    import('./built-lessons.ts'),
  ])
  const name = basename(folder)
  const built = BUILT_LESSONS[digestOf(name, texts)]
  if (built !== undefined) return { lesson: { ...readBuiltLesson(built, name, shownAs), folder } }
  const [{ parseLesson }, { checkLesson }] = await Promise.all([
    import('./parse-lesson.ts'),
    import('./check-lesson.ts'),
  ])
  const files: LessonFiles = { folder: shownAs, texts }
  const parsed = parseLesson(files)
  const problems = checkLesson(parsed, files)
  if ('problems' in parsed || problems.length > 0) return { problems }
  return { lesson: { ...parsed.lesson, folder } }
}

/** A folder that is not there has no files, so that it is told as any other lesson without a lesson.md. */
async function textsOf(folder: string): Promise<ReadonlyMap<string, string>> {
  try {
    return await readFolder(folder)
  } catch (error) {
    if (isNodeError(error, 'ENOENT', 'ENOTDIR')) return new Map()
    throw error
  }
}

/** As `loadLesson`; rejects with `ERR_LESSON_INVALID`, one line a problem, where the lesson breaks a rule. */
export async function openLesson(
  folder: string,
  options: { readonly shownAs?: string } = {},
): Promise<Lesson> {
  const loaded = await loadLesson(folder, options)
  if ('lesson' in loaded) return loaded.lesson
  const count = loaded.problems.length
  throw new LabError(
    'ERR_LESSON_INVALID',
    `The lesson breaks ${count === 1 ? 'a rule' : `${count} rules`} of the lesson format, so it is not run.`,
    {
      why: loaded.problems.map(formatProblem).join('\n'),
      next: ['Repair the lines above and start again.'],
    },
  )
}
