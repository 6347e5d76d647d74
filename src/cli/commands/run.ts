import { findLesson } from '../../lessons/find-lesson.ts'
import { loadCatalogue } from '../../lessons/load-catalogue.ts'
import { openLesson } from '../../lessons/load-lesson.ts'
import { openSignals } from '../../platform/signals.ts'
import { createMemoryProgress, noProgress } from '../../progress/progress-store.ts'
import { playLesson } from '../../runner/play.ts'
import { REPORTERS, type ReporterName } from '../reporters/reporters.ts'
import { parseClusterKind } from '../wire/cluster-kind.ts'
import { findLab } from '../wire/lab.ts'
import { composeRun } from '../wire/open-run.ts'
import { openUnattended } from '../wire/unattended.ts'

export interface RunCommandOptions {
  readonly cluster?: string
  readonly context?: string
  readonly yes?: boolean
  readonly reporter: ReporterName
}

/** Plays lessons by themselves. Exit code 0 when every lesson passed, 1 when a check failed. */
export async function run(words: readonly string[], options: RunCommandOptions): Promise<number> {
  const lab = findLab()
  const kind = parseClusterKind(
    options.cluster ?? lab.environment.lab.cluster ?? 'simulated',
    options.cluster === undefined ? 'NETPOL_LAB_CLUSTER' : '--cluster',
  )
  const catalogue = await loadCatalogue(lab.lessonsFolder)
  const lessons = await Promise.all(
    words.map((word) => openLesson(findLesson(catalogue, word).folder)),
  )
  const signals = openSignals({ source: process, onSecondSignal: () => process.exit(130) })
  const reporter = REPORTERS[options.reporter]({
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  })
  let passed = true
  try {
    for (const lesson of lessons) {
      const place = await openUnattended(lab, {
        kind,
        context: options.context,
        consent: options.yes === true,
        images: lesson.needs.images,
        signal: signals.signal,
      })
      const takeBack = signals.onClose(() => place.close())
      reporter.lessonStarted({ id: lesson.id, title: lesson.title, cluster: place.cluster.title })
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
      const takeBackRun = signals.onClose(() => session.close())
      const result = await playLesson({
        run: session,
        files: session.files,
        clock: place.clock,
        signal: signals.signal,
        onEvent: (event) => reporter.event(event),
      })
      passed &&= result.passed
      await session.close()
      takeBackRun()
      await place.close()
      takeBack()
    }
    reporter.end()
    return passed ? 0 : 1
  } finally {
    await signals.close()
  }
}
