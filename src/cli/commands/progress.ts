import { join } from 'node:path'
import { findLesson } from '../../lessons/find-lesson.ts'
import { loadCatalogue } from '../../lessons/load-catalogue.ts'
import { setAside } from '../../platform/atomic-file.ts'
import { achieved } from '../../progress/achieved.ts'
import { createProgressStore } from '../../progress/progress-store.ts'
import { findLab } from '../wire/lab.ts'

/** Shows, exports or resets what was reached. A reset keeps the old file beside its place. */
export async function progress(
  what: string,
  word: string | undefined,
  options: { readonly json?: boolean },
): Promise<number> {
  const lab = findLab()
  const folder = join(lab.home.data, 'progress')
  const store = createProgressStore(folder, Date.now)
  const catalogue = await loadCatalogue(lab.lessonsFolder)
  const entries = word === undefined ? catalogue : [findLesson(catalogue, word)]
  const loaded = await Promise.all(
    entries.map(async (entry) => ({ entry, ...(await store.load(entry.id)) })),
  )
  for (const { problem } of loaded) if (problem !== undefined) process.stderr.write(`${problem}\n`)
  if (what === 'export') {
    process.stdout.write(
      `${JSON.stringify(
        loaded.map((each) => each.progress),
        null,
        2,
      )}\n`,
    )
    return 0
  }
  if (what === 'reset') {
    for (const { entry, progress: kept } of loaded) {
      if (kept.records.length === 0 && kept.best === undefined) continue
      const as = await setAside(join(folder, `${entry.id}.json`), 'reset', Date.now())
      process.stdout.write(`${entry.title}: starts anew; the old progress is kept as ${as}\n`)
    }
    return 0
  }
  const rows = loaded.map(({ entry, progress: kept }) => {
    const so = achieved(kept.records)
    return {
      id: entry.id,
      title: entry.title,
      step: so.step,
      checksPassed: Object.values(so.checks).filter((check) => check.state === 'passed').length,
      finished: so.finished !== undefined,
      first: kept.first,
      best: kept.best,
    }
  })
  if (options.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
  else {
    for (const row of rows) {
      const best =
        row.best === undefined
          ? ''
          : `, best ${row.best.earned} of ${row.best.total} points${row.best.passed ? ', passed' : ''}`
      const state = row.finished ? 'done' : row.step === undefined ? 'new' : `at step ${row.step}`
      process.stdout.write(`${row.title}: ${state}, ${row.checksPassed} checks passed${best}\n`)
    }
  }
  return 0
}
