import type { Check } from '../../lessons/model.ts'
import type { CheckView } from '../snapshot.ts'
import { currentStep, type RunState, waitsForPrediction } from '../state.ts'

/** The checks of the step that is shown. */
export function checkViews(state: RunState): readonly CheckView[] {
  return currentStep(state)
    .blocks.flatMap((block) => (block.kind === 'check' ? block.checks : []))
    .map((check) => checkView(state, check))
}

function checkView(state: RunState, check: Check): CheckView {
  const result = state.achieved.checks[check.id]
  const running = state.checks.running.includes(check.id)
  const base = { id: check.id, title: check.title, points: check.points }
  if (running || result === undefined) {
    return {
      ...base,
      state: running ? 'running' : 'later',
      earned: result?.earned ?? 0,
      at: undefined,
      note: running
        ? undefined
        : waitsForPrediction(state, check)
          ? 'waits for your prediction'
          : 'after the items above it',
      wanted: undefined,
      seen: undefined,
      control: undefined,
      sentence: undefined,
    }
  }
  return {
    ...base,
    points: result.points,
    state: result.state,
    earned: result.earned,
    at: clockTime(result.at),
    note: undefined,
    wanted: result.wanted,
    seen: result.seen,
    control: result.control,
    sentence: result.sentence,
  }
}

/** `10:42:33` of the learner's own day. */
function clockTime(iso: string): string {
  const date = new Date(iso)
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}
