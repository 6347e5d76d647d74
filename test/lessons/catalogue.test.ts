import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LabError } from '../../src/base/errors.ts'
import { findLesson } from '../../src/lessons/find-lesson.ts'
import { type LessonEntry, loadCatalogue } from '../../src/lessons/load-catalogue.ts'
import { SMALL_LESSON } from './small-lesson.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpol-lab-catalogue-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function add(name: string, text: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true })
  await writeFile(join(folder, name, 'lesson.md'), text)
}

describe('the list of lessons', () => {
  test('is read from front matter, in the order of the numbers', async () => {
    await add('12-later', SMALL_LESSON)
    await add('01-small', SMALL_LESSON)
    expect(await loadCatalogue(folder)).toEqual([
      {
        number: 1,
        id: 'small',
        title: 'A small lesson',
        summary: 'One of everything.',
        level: 'beginner',
        minutes: 5,
        points: 10,
        stepCount: 2,
        folder: join(folder, '01-small'),
      },
      expect.objectContaining({ number: 12, id: 'later' }),
    ])
  })

  test('counts no headings that stand in code', async () => {
    await add(
      '01-small',
      `${SMALL_LESSON}\n\`\`\`\`md\n## not a step\n\`\`\`\n## nor this\n\`\`\`\`\n\n~~~\n## nor that\n~~~\n`,
    )
    expect((await loadCatalogue(folder))[0]?.stepCount).toBe(2)
  })

  test('leaves out what is no lesson', async () => {
    await add('01-small', SMALL_LESSON)
    await add('02-broken', '---\na: [\n---\n')
    await add('03-bare', '# No front matter\n')
    await add('drafts', SMALL_LESSON)
    await mkdir(join(folder, '04-empty'))
    await writeFile(join(folder, '05-file'), 'x')
    expect((await loadCatalogue(folder)).map((entry) => entry.id)).toEqual(['small'])
  })

  test('is empty where there is no folder', async () => {
    expect(await loadCatalogue(join(folder, 'none'))).toEqual([])
  })

  test('needs none of the heavy parsers', async () => {
    const { build } = await import('esbuild')
    const { metafile } = await build({
      entryPoints: [
        join(import.meta.dirname, '../../src/lessons/load-catalogue.ts'),
        join(import.meta.dirname, '../../src/lessons/find-lesson.ts'),
      ],
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      outdir: folder,
      logLevel: 'silent',
    })
    expect(
      Object.keys(metafile.inputs).filter((input) =>
        /node_modules\/(zod|mdast|micromark)/.test(input),
      ),
    ).toEqual([])
  })
})

describe('finding a lesson', () => {
  const entry = (number: number, id: string): LessonEntry => ({
    number,
    id,
    title: id,
    summary: '',
    level: 'core',
    minutes: 1,
    points: 100,
    stepCount: 1,
    folder: id,
  })
  const catalogue = [entry(1, 'open-by-default'), entry(8, 'deny-egress')]

  test.each(['8', '08', 'deny-egress', '08-deny-egress', ' Deny-Egress '])(
    '%j is lesson 8',
    (word) => {
      expect(findLesson(catalogue, word).number).toBe(8)
    },
  )

  test.each([
    ['deny-egres', 'The nearest is deny-egress.'],
    ['8-deny-egress', 'The nearest is 08-deny-egress.'],
    ['99', 'There are: 1 open-by-default, 8 deny-egress.'],
    ['quantum', 'There are: 1 open-by-default, 8 deny-egress.'],
  ])('%j is none: %s', (word, next) => {
    const thrown = catchError(() => findLesson(catalogue, word))
    expect(thrown).toMatchObject({ code: 'ERR_UNKNOWN_LESSON', exitCode: 2, next: [next] })
    expect(thrown.message).toContain(word)
  })
})

function catchError(run: () => unknown): LabError {
  try {
    run()
  } catch (error) {
    if (error instanceof LabError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
