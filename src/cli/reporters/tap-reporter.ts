import { type Reporter, type ReporterStreams, ResultCollector } from './reporter.ts'

/** TAP version 14: a line a check, with its evidence as YAML below what failed. */
export function createTapReporter({ out }: ReporterStreams): Reporter {
  const collector = new ResultCollector()
  return {
    lessonStarted: (lesson) => collector.lessonStarted(lesson),
    event: (event) => collector.event(event),
    end: () => {
      const rows = collector.results.flatMap((lesson) =>
        lesson.checks.map((check) => ({ lesson: lesson.id, check })),
      )
      out(`TAP version 14\n1..${rows.length}\n`)
      rows.forEach(({ lesson, check }, index) => {
        const skip =
          check.state === 'inconclusive' || check.state === 'disagrees'
            ? ` # SKIP ${check.sentence}`
            : ''
        out(
          `${check.state === 'failed' ? 'not ok' : 'ok'} ${index + 1} - ${lesson}: ${check.title.replaceAll('#', '\\#')}${skip}\n`,
        )
        if (check.state !== 'failed') return
        out('  ---\n')
        for (const [name, value] of [
          ['message', check.sentence],
          ['wanted', check.wanted],
          ['seen', check.seen],
          ['control', check.control],
        ] as const) {
          if (value !== undefined) out(`  ${name}: ${JSON.stringify(value)}\n`)
        }
        out('  ...\n')
      })
    },
  }
}
