import type { RunSnapshot } from '../snapshot.ts'
import type { LeaveOption } from '../state.ts'
import type { AppCore } from './app-core.ts'

/** The lines that the normal screen gets after the program: where the learner stopped, what is kept, how to go on. */
export function farewell(
  core: AppCore,
  run: RunSnapshot | undefined,
  done: LeaveOption['id'] | undefined,
): readonly string[] {
  if (run === undefined) return []
  const { cluster } = core
  const what = cluster?.leaveChoices.find((each) => each.id === done)
  const became = what === undefined ? 'closed' : `${what.label.toLowerCase()}; ${what.sentence}`
  return [
    `You stopped at step ${run.step.number} of ${run.step.count}, ${run.step.title}.`,
    `Your files: ${run.workFolder}`,
    `The ${cluster?.title ?? 'cluster'}: ${became}`,
    `Go on with: netpol-lab start ${run.lesson.id}${notRemembered(core)}`,
  ]
}

/** Flags that the next start needs, because a choice on the command line is not remembered. */
function notRemembered({ chosen, settings }: AppCore): string {
  if (chosen === undefined || settings.cluster === chosen.kind) return ''
  const context = chosen.context === undefined ? '' : ` --context ${chosen.context}`
  return ` --cluster ${chosen.kind}${context}`
}
