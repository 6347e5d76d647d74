import { currentStep, type RunState, stepEntries } from './state.ts'
import { line, marked } from './status-line.ts'
import type { Step } from './step.ts'

/** What lint has to say of policies that the learner just changed: asked for, then answered, gone once it was told. */
export interface PolicyAdvice {
  /** The most telling finding. */
  readonly remark?: PolicyRemark
  /** How many findings there are beside it. */
  readonly others: number
  /** The checks that the same command set off are over: their line in `Last` is not to be lost. */
  readonly checked: boolean
  /** Linear surfaces have heard it. */
  readonly said: boolean
}

export const ADVICE_ASKED: PolicyAdvice = { others: 0, checked: false, said: false }

/** One finding, as two of its sentences; what to do about it is what the command `lint` is for. */
export interface PolicyRemark {
  readonly policy: string
  readonly text: string
}

const CHANGING = /^\s*kubectl\s+(apply|create|replace|edit|patch)\b/
const CHANGED =
  /^networkpolicy\.networking\.k8s\.io\/(\S+) (?:created|configured|replaced|edited|patched|serverside-applied)$/

/** The policies that a line of the lab has changed, by what kubectl answered. */
export function changedPolicies(line: string, output: readonly string[]): readonly string[] {
  if (!CHANGING.test(line)) return []
  const names = output.flatMap((row) => CHANGED.exec(row.trim())?.[1] ?? [])
  return [...new Set(names)]
}

/**
 * Tells the remark once, in `Last` and to linear surfaces, after the event that changed `before` into this state. While a
 * prediction of this step is open it waits: what a policy does is the answer to that.
 */
export function tellAdvice(step: Step, before: RunState): void {
  const { advice, last, checks } = step.state
  const remark = advice?.remark
  if (advice === undefined || remark === undefined || isSpoiler(step.state)) return
  const isNew = before.advice?.remark === undefined
  // What was held back goes along with something that is told anyway.
  if (!isNew && last === before.last) return
  if (!advice.said) {
    const more = advice.others === 0 ? '' : ` And ${advice.others} more.`
    step.say(`Worth a look, ${remark.policy}: ${remark.text}${more} The command lint tells more.`)
  }
  if (isNew && !advice.checked) {
    step.set({ last: line(marked('careful', remark.policy), `: ${remark.text}`) })
    step.set({ advice: checks.running.length > 0 ? { ...advice, said: true } : undefined })
    return
  }
  const note = marked('careful', `lint: look at ${remark.policy}`)
  step.set({ last: line(...last.parts, '   ', note), advice: undefined })
}

/** A prediction is still to be made, its probe is under way, or its reason is asked for. */
function isSpoiler(state: RunState): boolean {
  if (state.comparing !== undefined || state.question !== undefined) return true
  return stepEntries(currentStep(state)).some(
    (entry) =>
      entry.kind === 'console' &&
      entry.item.prediction !== undefined &&
      state.achieved.predictions[entry.item.prediction.id] === undefined,
  )
}
