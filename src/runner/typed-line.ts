import type { ConsoleItem } from '../lessons/model.ts'
import { LineSyntaxError } from '../shell/line/line-syntax-error.ts'
import { parseLine } from '../shell/line/parse-line.ts'
import type { ConsolePlace } from '../shell/ports.ts'
import type { RunState } from './state.ts'
import { itemOf } from './step.ts'

/** One command of a line that a learner typed. */
interface TypedPart {
  readonly item: ConsoleItem | undefined
  /** It has worked where the line's exit code is 0: everything behind it ran only because it did. */
  readonly proved: boolean
}

/** The commands of a typed line, each with the item of this step that it carries out. A pod's line counts as one. */
export function partsOf(state: RunState, line: string, place: ConsolePlace): readonly TypedPart[] {
  const commands = place === 'lab' ? chain(line) : []
  if (commands.length < 2) return [{ item: itemOf(state, line, place), proved: true }]
  return commands.map(({ source, runs }, index) => ({
    item: itemOf(state, source, place),
    proved:
      runs !== 'after-failure' &&
      commands.slice(index + 1).every((later) => later.runs === 'after-success'),
  }))
}

function chain(line: string) {
  try {
    return parseLine(line)
  } catch (error) {
    if (error instanceof LineSyntaxError) return []
    throw error
  }
}
