import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lessonTemplate } from '../../src/cli/commands/lesson-template.ts'
import { checkLesson } from '../../src/lessons/check-lesson.ts'
import { parseLesson } from '../../src/lessons/parse-lesson.ts'
import { formatProblem } from '../../src/lessons/problems.ts'

function problemsOf(folder: string, texts: Readonly<Record<string, string>>): readonly string[] {
  const files = { folder, texts: new Map(Object.entries(texts)) }
  return checkLesson(parseLesson(files), files).map(formatProblem)
}

test('the lesson in the description of the format breaks no rule', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/lesson-format.md'), 'utf8')
  const lesson = /^````markdown\n([\s\S]*?)^````$/m.exec(page)?.[1] ?? ''
  const world = /^Its `world\.yaml`:\n\n```yaml\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? ''
  expect(problemsOf('lessons/30-close-web', { 'lesson.md': lesson, 'world.yaml': world })).toEqual(
    [],
  )
})

test('a new lesson breaks no rule', () => {
  expect(problemsOf('lessons/29-my-lesson', lessonTemplate('my-lesson'))).toEqual([])
})
