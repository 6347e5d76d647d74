import { access, mkdir } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { LabError } from '../../base/errors.ts'
import { createGrader } from '../../grading/grader.ts'
import { findLesson } from '../../lessons/find-lesson.ts'
import { loadCatalogue } from '../../lessons/load-catalogue.ts'
import { loadLesson, openLesson } from '../../lessons/load-lesson.ts'
import { formatProblem } from '../../lessons/problems.ts'
import { writeFileAtomically } from '../../platform/atomic-file.ts'
import { openSignals } from '../../platform/signals.ts'
import { createMemoryProgress, noProgress } from '../../progress/progress-store.ts'
import { testLesson } from '../../runner/lesson-test.ts'
import { parseClusterKind } from '../wire/cluster-kind.ts'
import { findLab, type Lab } from '../wire/lab.ts'
import { composeRun } from '../wire/open-run.ts'
import { openUnattended } from '../wire/unattended.ts'
import { lessonTemplate } from './lesson-template.ts'

/** Checks lesson folders without running anything. Problems go to stdout, one a line. */
export async function checkLessons(words: readonly string[]): Promise<number> {
  const folders = await foldersOf(findLab(), words)
  let count = 0
  for (const folder of folders) {
    const shownAs = shown(folder)
    const loaded = await loadLesson(folder, { shownAs })
    const problems = 'problems' in loaded ? loaded.problems : []
    count += problems.length
    for (const problem of problems) process.stdout.write(`${formatProblem(problem)}\n`)
    if (problems.length === 0) process.stdout.write(`ok ${shownAs}\n`)
  }
  if (count === 0) return 0
  process.stderr.write(
    `netpol-lab: ${count} ${count === 1 ? 'problem' : 'problems'}; nothing was run.\n`,
  )
  return 1
}

/** Plays lessons as their authors want them held. */
export async function testLessons(
  words: readonly string[],
  options: { readonly cluster?: string },
): Promise<number> {
  const lab = findLab()
  const kind = parseClusterKind(options.cluster ?? 'simulated', '--cluster')
  const folders = await foldersOf(lab, words)
  const lessons = await Promise.all(
    folders.map((folder) => openLesson(folder, { shownAs: shown(folder) })),
  )
  const signals = openSignals({ source: process, onSecondSignal: () => process.exit(130) })
  const line = (text: string) => process.stdout.write(`${text}\n`)
  let broken = 0
  let held = 0
  try {
    for (const lesson of lessons) {
      line(lesson.title)
      const place = await openUnattended(lab, {
        kind,
        context: undefined,
        consent: false,
        images: lesson.needs.images,
        signal: signals.signal,
      })
      const takeBack = signals.onClose(() => place.close())
      const session = await composeRun({
        ...place,
        lesson,
        progress: createMemoryProgress(),
        resume: noProgress(lesson.id),
        asks: false,
        nextLesson: undefined,
        size: { columns: 200, rows: 50 },
        signal: signals.signal,
        onAction: () => {},
      })
      broken += await testLesson({
        run: session,
        files: session.files,
        clock: place.clock,
        client: place.cluster.client,
        grader: createGrader({
          client: place.cluster.client,
          denySignature: place.denySignature,
          lesson,
        }),
        signal: signals.signal,
        onEvent: (event) => {
          if (event.kind === 'step-started') line(`step ${event.number}: ${event.title}`)
          else if (event.kind === 'held') {
            held++
            line(`  ok     ${event.what}`)
          } else line(`  broken ${event.what}\n           ${event.detail}`)
        },
      })
      await session.close()
      await place.close()
      takeBack()
    }
    line(`${held} held, ${broken} broken`)
    return broken === 0 ? 0 : 1
  } finally {
    await signals.close()
  }
}

/** Makes the folder of a new lesson. */
export async function newLesson(folder: string): Promise<number> {
  const match = /^(\d{2})-([a-z0-9][-a-z0-9]*)$/.exec(basename(resolve(folder)))
  if (match?.[2] === undefined) {
    throw new LabError(
      'ERR_USAGE',
      `A lesson's folder is called by a number and an id, as lessons/29-my-lesson; ${folder} is not.`,
    )
  }
  if (await exists(join(folder, 'lesson.md'))) {
    throw new LabError('ERR_USAGE', `There is a lesson in ${folder} already.`, {
      next: [`Check it with: netpol-lab lesson check ${folder}`],
    })
  }
  await mkdir(folder, { recursive: true })
  for (const [name, text] of Object.entries(lessonTemplate(match[2]))) {
    await writeFileAtomically(join(folder, name), text, { mode: 0o644 })
  }
  process.stdout.write(
    `${folder} is there. Next: netpol-lab lesson check ${folder}, then netpol-lab lesson test ${folder}\n`,
  )
  return 0
}

/** A word is a folder where there is one, else a number or id of the catalogue. */
async function foldersOf(lab: Lab, words: readonly string[]): Promise<readonly string[]> {
  const catalogue = await loadCatalogue(lab.lessonsFolder)
  if (words.length === 0) return catalogue.map((entry) => entry.folder)
  return Promise.all(
    words.map(async (word) =>
      (await exists(join(word, 'lesson.md'))) ? resolve(word) : findLesson(catalogue, word).folder,
    ),
  )
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** As a person would type it from here. */
function shown(folder: string): string {
  const near = relative(process.cwd(), folder)
  return near === '' ? '.' : near.startsWith('..') ? folder : near
}
