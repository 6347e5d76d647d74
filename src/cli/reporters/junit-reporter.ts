import {
  type CheckEvent,
  type Reporter,
  type ReporterStreams,
  ResultCollector,
} from './reporter.ts'

/** JUnit XML at the end: a suite a lesson, a case a check. */
export function createJunitReporter({ out }: ReporterStreams): Reporter {
  const collector = new ResultCollector()
  return {
    lessonStarted: (lesson) => collector.lessonStarted(lesson),
    event: (event) => collector.event(event),
    end: () => {
      out('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n')
      for (const lesson of collector.results) {
        const failed = lesson.checks.filter((check) => check.state === 'failed').length
        const skipped = lesson.checks.filter(
          (check) => check.state === 'inconclusive' || check.state === 'disagrees',
        ).length
        out(
          `  <testsuite name="${xmlText(lesson.id)}" tests="${lesson.checks.length}" failures="${failed}" skipped="${skipped}" errors="${lesson.problems.length}">\n`,
        )
        for (const check of lesson.checks) out(testCase(lesson.id, check))
        out('  </testsuite>\n')
      }
      out('</testsuites>\n')
    },
  }
}

function testCase(lesson: string, check: CheckEvent): string {
  const open = `    <testcase classname="${xmlText(lesson)}" name="${xmlText(check.title)}"`
  if (check.state === 'passed') return `${open}/>\n`
  const text = [
    check.sentence,
    evidence('wanted', check.wanted),
    evidence('seen', check.seen),
    evidence('control', check.control),
  ]
    .filter((row) => row !== '')
    .join('\n')
  const inner =
    check.state === 'failed'
      ? `<failure message="${xmlText(check.sentence)}">${xmlText(text)}</failure>`
      : `<skipped message="${xmlText(check.sentence)}"/>`
  return `${open}>${inner}</testcase>\n`
}

function evidence(name: string, value: string | undefined): string {
  return value === undefined ? '' : `${name}: ${value}`
}

function xmlText(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      // Characters that XML 1.0 cannot hold at all.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
  )
}
