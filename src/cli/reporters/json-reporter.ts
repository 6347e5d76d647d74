import { type Reporter, type ReporterStreams, ResultCollector } from './reporter.ts'

/** One JSON document at the end: lessons with their checks and grades. */
export function createJsonReporter({ out }: ReporterStreams): Reporter {
  const collector = new ResultCollector()
  return {
    lessonStarted: (lesson) => collector.lessonStarted(lesson),
    event: (event) => collector.event(event),
    end: () => {
      const lessons = collector.results.map((lesson) => ({
        id: lesson.id,
        title: lesson.title,
        cluster: lesson.cluster,
        passed: lesson.finished?.passed ?? false,
        earned: lesson.finished?.earned ?? 0,
        total: lesson.finished?.total ?? 0,
        checks: lesson.checks.map(({ kind: _kind, ...check }) => check),
        problems: lesson.problems,
      }))
      out(`${JSON.stringify({ format: 1, lessons }, null, 2)}\n`)
    },
  }
}
