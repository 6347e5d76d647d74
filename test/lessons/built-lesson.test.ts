import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readLessons } from '../../scripts/build/read-lessons.ts'
import { digestOf, readBuiltLesson } from '../../src/lessons/built-lesson.ts'
import { loadLesson } from '../../src/lessons/load-lesson.ts'
import { readFolder } from '../../src/platform/read-folder.ts'

const lessons = join(import.meta.dirname, '../../lessons')
const name = '08-deny-egress'
/** What JSON has to escape is in it. */
const HERE = '/my "lessons"/08-deny-egress'

describe('a lesson that was read when the program was built', () => {
  it('is the lesson that its files are, with the folder as messages name it now', async () => {
    const built = await readLessons(lessons)
    const json = built[digestOf(name, await readFolder(join(lessons, name)))]
    const read = await loadLesson(join(lessons, name), { shownAs: HERE })
    if (json === undefined || !('lesson' in read)) throw new Error('It is not built.')
    expect({ ...readBuiltLesson(json, name, HERE), folder: '' }).toEqual({
      ...read.lesson,
      folder: '',
    })
  })

  it('is not taken for one whose name or files are others', async () => {
    const texts = await readFolder(join(lessons, name))
    const changed = new Map(texts).set('lesson.md', `${texts.get('lesson.md')} `)
    const more = new Map(texts).set('more.yaml', '')
    const digests = [
      digestOf(name, texts),
      digestOf('09-deny-egress', texts),
      digestOf(name, changed),
      digestOf(name, more),
    ]
    expect(new Set(digests).size).toBe(4)
  })
})
