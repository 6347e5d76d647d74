import type { PlayEvent } from '../../runner/play.ts'
import type { CheckEvent, Reporter, ReporterStreams } from './reporter.ts'

/** Plain lines as things happen: step, command, output, check with its evidence, grade. */
export function createPrettyReporter({ out }: ReporterStreams): Reporter {
  const line = (text = '') => out(`${text}\n`)
  return {
    lessonStarted: (lesson) => {
      line(lesson.title)
      line(`on ${lesson.cluster}; it enforces policies, entering and leaving`)
    },
    event: (event) => {
      for (const text of lines(event)) line(text)
    },
    end: () => {},
  }
}

function lines(event: PlayEvent): readonly string[] {
  switch (event.kind) {
    case 'step-started':
      return ['', `Step ${event.number} of ${event.count}: ${event.title}`, '']
    case 'file-written':
      return [`  wrote ${event.name}`]
    case 'command-finished':
      return [`${event.place === 'lab' ? 'lab$' : '/ #'} ${event.line}`, ...event.output]
    case 'check-finished':
      return checkLines(event)
    case 'problem-met':
      return [`problem: ${event.message}`]
    case 'finished':
      return [
        '',
        `${event.passed ? 'passed' : 'failed'}, ${event.earned} of ${event.total} points; predictions and questions were not asked`,
      ]
  }
}

/** `ok 3/3 …` or `failed 0/4 …` with wanted, seen and control below. */
export function checkLines(check: CheckEvent): readonly string[] {
  const word = {
    passed: 'ok',
    failed: 'failed',
    inconclusive: 'inconclusive',
    disagrees: 'disagrees',
  }[check.state]
  const head = `${word} ${check.earned}/${check.points} ${check.title}`
  if (check.state === 'passed') return [head]
  return [
    head,
    ...detail('wanted', check.wanted),
    ...detail('seen', check.seen),
    ...detail('control', check.control),
    `    ${check.sentence}`,
  ]
}

function detail(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`    ${name.padEnd(8)} ${value}`]
}
