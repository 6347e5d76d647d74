import { checksOf } from './names.ts'
import type { Rule } from './rule.ts'

/** The points add up to more than nothing, and to what the front matter says. */
export const assertPoints: Rule = ({ lesson, places, problems }) => {
  const { result, reason, prediction, recall } = lesson.points
  const total = result + reason + prediction + recall
  const at = lesson.steps[0]?.at ?? { file: 'lesson.md', line: 1, column: 1 }
  if (total === 0)
    problems.add(
      places.of(lesson, [], at),
      'points',
      'The lesson gives no points. Give points to its checks, predictions or questions.',
    )
  if (checksOf(lesson).length > 0 && result === 0)
    problems.add(
      places.of(lesson, [], at),
      'points',
      'No check gives points. Give points to the checks that matter.',
    )
  const said = saidTotal(places.sourceOf(lesson)?.value)
  if (said !== undefined && said !== total) {
    problems.add(
      places.of(lesson, ['points'], at),
      'points',
      `The parts add up to ${total} points: ${result} for checks, ${reason} for reasons, ${prediction} for predictions, ${recall} for questions. Write that, or change a part.`,
    )
  }
}

function saidTotal(front: unknown): number | undefined {
  if (front === null || typeof front !== 'object' || !('points' in front)) return undefined
  return typeof front.points === 'number' ? front.points : undefined
}
