import { join } from 'node:path'
import { buildFolder, digestOf } from '../../src/lessons/built-lesson.ts'
import { loadLesson } from '../../src/lessons/load-lesson.ts'
import { formatProblem } from '../../src/lessons/problems.ts'
import { listFolders, readFolder } from '../../src/platform/read-folder.ts'

/**
 * The lessons of a folder, read and judged: JSON by the digest of their files.
 *
 * @throws Error with file, line, column and rule of what is wrong in one
 */
export async function readLessons(folder: string): Promise<Record<string, string>> {
  const built: Record<string, string> = {}
  for (const name of await listFolders(folder)) {
    const place = join(folder, name)
    const shownAs = buildFolder(name)
    const loaded = await loadLesson(place, { shownAs })
    if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'))
    const digest = digestOf(name, await readFolder(place))
    built[digest] = JSON.stringify({ ...loaded.lesson, folder: shownAs })
  }
  return built
}
