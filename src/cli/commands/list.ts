import { join } from 'node:path'
import { loadCatalogue } from '../../lessons/load-catalogue.ts'
import { achieved } from '../../progress/achieved.ts'
import { createProgressStore } from '../../progress/progress-store.ts'
import { findLab } from '../wire/lab.ts'

/** Prints the lessons with what was reached in each. */
export async function list(options: { readonly json?: boolean }): Promise<number> {
  const lab = findLab()
  const store = createProgressStore(join(lab.home.data, 'progress'), Date.now)
  const entries = await loadCatalogue(lab.lessonsFolder)
  const rows = await Promise.all(
    entries.map(async ({ folder: _folder, ...entry }) => {
      const { progress, problem } = await store.load(entry.id)
      if (problem !== undefined) process.stderr.write(`${problem}\n`)
      const so = achieved(progress.records)
      const state =
        so.finished !== undefined || progress.best !== undefined
          ? 'done'
          : so.startedAt !== undefined
            ? 'started'
            : 'new'
      return { ...entry, state, best: progress.best?.earned }
    }),
  )
  if (options.json) {
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
    return 0
  }
  const width = Math.max(...rows.map((row) => row.title.length))
  for (const row of rows) {
    const points = row.best === undefined ? '' : `  ${row.best}/${row.points} points`
    process.stdout.write(
      `${String(row.number).padStart(2)}  ${row.title.padEnd(width)}  ${row.state.padEnd(7)}  ${String(row.minutes).padStart(2)} min  ${row.id}${points}\n`,
    )
  }
  return 0
}
