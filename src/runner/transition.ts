import type { Check, ConsoleItem } from '../lessons/model.ts'
import type { RunEvent } from './events.ts'
import { onAction } from './on-action.ts'
import { ADVICE_ASKED, changedPolicies, tellAdvice } from './policy-advice.ts'
import {
  allChecks,
  findPrediction,
  nextEntry,
  type RunState,
  readsBeforeNext,
  stepEntries,
} from './state.ts'
import { line, marked, outcomeMark, plain } from './status-line.ts'
import { checkWhatIsDue, itemOf, Step, startComparing, type Transition, tick } from './step.ts'
import { partsOf } from './typed-line.ts'

/**
 * What an event makes of a run: the next state and what has to be done. Pure; `now` is the time of the event in
 * milliseconds since the epoch.
 */
export function transition(state: RunState, event: RunEvent, now: number): Transition {
  const step = new Step(state, now)
  switch (event.kind) {
    case 'action':
      onAction(step, event.action)
      break
    case 'line-entered':
      onLineEntered(step, event)
      break
    case 'command-started':
      step.set({
        console: {
          ...step.state.console,
          busy: true,
          starting: undefined,
          line: event.line,
          place: event.place,
          item: itemOf(step.state, event.line, event.place)?.id,
        },
      })
      break
    case 'command-finished':
      onCommandFinished(step, event)
      break
    case 'line-settled':
      step.set({ console: { ...step.state.console, starting: undefined } })
      break
    case 'prompt-changed':
      step.set({
        console: {
          ...step.state.console,
          place: event.place,
          busy: event.prompt === undefined ? step.state.console.busy : false,
        },
      })
      break
    case 'session-opened':
      onSessionOpened(step, event)
      break
    case 'session-closed':
      onSessionClosed(step)
      break
    case 'word-typed':
      onWord(step, event.word)
      break
    case 'empty-line-entered':
      // At an empty prompt Enter means what it means in the lesson, unless there is something to read there first.
      if (!readsBeforeNext(step.state)) onAction(step, { kind: 'enter' })
      break
    case 'nothing-to-interrupt':
      onNothingToInterrupt(step)
      break
    case 'probe-finished':
      onProbeFinished(step, event)
      break
    case 'checks-finished':
      onChecksFinished(step, event)
      break
    case 'checks-stopped':
      step.set({ checks: { running: [] }, last: plain(event.why) })
      break
    case 'policies-linted':
      onPoliciesLinted(step, event)
      break
    case 'file-changed':
      onFileChanged(step, event)
      break
    case 'files-written':
      step.set({ last: plain(`written to your folder: ${event.names.join(', ')}`) })
      break
    case 'reset-finished':
      step.set({ last: plain('the lesson starts again; your old files are kept as name.1.yaml') })
      break
    case 'step-restarted':
      onStepRestarted(step, event.step)
      break
    case 'run-graded':
      step.record({
        kind: 'run-finished',
        passed: event.passed,
        earned: event.earned,
        total: event.total,
      })
      step.set({
        finished: true,
        last: plain(`the lesson is finished, ${event.earned} of ${event.total} points, saved`),
      })
      step.say(`The lesson is finished. ${event.earned} of ${event.total} points.`)
      break
    case 'told':
      step.set({ last: plain(event.text) })
      step.say(event.text)
      break
    case 'problem-met':
      step.record({ kind: 'environment-problem', code: event.code, message: event.message })
      step.set({ last: plain(event.message) })
      step.say(event.message)
      break
  }
  tellAdvice(step, state)
  return step.done()
}

function onLineEntered(step: Step, event: Extract<RunEvent, { kind: 'line-entered' }>): void {
  const { state } = step
  const items = partsOf(state, event.line, event.place).flatMap(({ item }) =>
    item?.prediction === undefined ? [] : [item],
  )
  const isOpen = ({ prediction }: ConsoleItem) =>
    prediction !== undefined && state.achieved.predictions[prediction.id] === undefined
  const item = items.find(isOpen) ?? items[0]
  const prediction = item?.prediction
  if (!state.asks || item === undefined || prediction === undefined || !isOpen(item)) {
    if (state.asks && prediction !== undefined) startComparing(step, prediction.id, false)
    step.do({ kind: 'release-line', token: event.token, verdict: 'run' })
    return
  }
  step.set({
    question: {
      kind: 'predict',
      prediction: prediction.id,
      item: item.id,
      token: event.token,
      line: event.line,
      place: event.place,
    },
  })
}

function onCommandFinished(
  step: Step,
  event: Extract<RunEvent, { kind: 'command-finished' }>,
): void {
  const parts = partsOf(step.state, event.line, event.place)
  step.set({ console: { ...step.state.console, busy: false, line: undefined, item: undefined } })
  step.set({ last: summary(event) })
  for (const { item, proved } of parts) {
    if (item === undefined) continue
    const worked =
      event.place === 'pod' ||
      (event.exitCode === 0 && proved) ||
      (parts.length === 1 && expectedFailure(item, event.output))
    if (worked) tick(step, item)
  }
  if (
    event.place === 'lab' &&
    event.exitCode === 0 &&
    /^\s*kubectl\s+(apply|create|replace|delete|label|patch|scale)\b/.test(event.line)
  ) {
    step.record({ kind: 'policy-applied', line: event.line })
  }
  const comparing = step.state.comparing
  if (
    comparing !== undefined &&
    parts.some(({ item }) => item?.prediction?.id === comparing.prediction)
  ) {
    step.set({
      comparing: { ...comparing, commandDone: true },
      outputs: { ...step.state.outputs, [comparing.prediction]: event.output },
    })
    finishComparing(step)
  }
  if (event.place === 'lab') {
    step.do({ kind: 'save-cluster' })
    const names = changedPolicies(event.line, event.output)
    if (step.state.asks && names.length > 0) {
      step.set({ advice: ADVICE_ASKED })
      step.do({ kind: 'lint-policies', names })
    }
  }
  checkWhatIsDue(step, { again: event.place === 'lab' && event.exitCode === 0 })
}

/** A lab line that is meant to fail counts when it failed as the lesson shows. */
function expectedFailure(item: ConsoleItem, output: readonly string[]): boolean {
  const first = item.expected.find((text) => text !== '...' && text !== '')
  if (first === undefined) return false
  const start = first.split('[..]')[0] ?? first
  return output.some((text) => text.startsWith(start))
}

/** More lines than these are counted, not quoted: the last one of a page says nothing. */
const QUOTED_LINES = 4

function summary(event: Extract<RunEvent, { kind: 'command-finished' }>): RunState['last'] {
  const rows = event.output.map((row) => row.trim()).filter((row) => row !== '')
  const [program = ''] = event.line.trim().split(/\s+/)
  const failed = event.exitCode !== undefined && event.exitCode !== 0
  const last = rows.at(-1)
  if (last === undefined) {
    return plain(
      failed
        ? `${program} ended with exit code ${event.exitCode}`
        : `${program} is done; it printed nothing`,
    )
  }
  return plain(
    rows.length > QUOTED_LINES && !failed ? `${program} printed ${rows.length} lines` : last,
  )
}

function onSessionOpened(step: Step, event: Extract<RunEvent, { kind: 'session-opened' }>): void {
  step.set({ console: { ...step.state.console, session: event.session, busy: false } })
  const item = itemOf(step.state, event.session.openedBy, 'lab')
  if (item !== undefined) tick(step, item)
  step.set({ last: plain(`the shell of pod ${event.session.pod} is open`) })
  step.say(`You are in pod ${event.session.pod}.`)
  step.do({ kind: 'save-cluster' })
  checkWhatIsDue(step, { again: false })
}

function onSessionClosed(step: Step): void {
  const session = step.state.console.session
  step.set({
    console: {
      ...step.state.console,
      session: undefined,
      place: 'lab',
      busy: false,
      item: undefined,
      line: undefined,
    },
  })
  const next = nextEntry(step.state)
  if (next?.kind === 'console' && next.item.place === 'pod' && next.item.command.trim() === 'exit')
    tick(step, next.item)
  if (session !== undefined) {
    step.set({ last: plain(`the shell of pod ${session.pod} is closed`) })
    step.say(`You left pod ${session.pod}.`)
  }
  checkWhatIsDue(step, { again: true })
}

function onStepRestarted(step: Step, id: string): void {
  const restarted = step.state.lesson.steps.find((each) => each.id === id)
  if (restarted === undefined) return
  const entries = stepEntries(restarted)
  step.record({
    kind: 'step-restarted',
    step: id,
    items: entries.flatMap((entry) => (entry.kind === 'console' ? [entry.id] : [])),
    checks: entries.flatMap((entry) =>
      entry.kind === 'checks' ? entry.checks.map((check) => check.id) : [],
    ),
  })
  step.set({
    outcome: undefined,
    changedFiles: new Set(),
    passedTasks: new Set(),
    last: plain('this step starts again; your old files are kept as name.1.yaml'),
  })
  step.do({ kind: 'enter-step', step: id })
}

function onWord(step: Step, word: string): void {
  if (word === 'lab' || word === 'pod') {
    if (word === 'pod' && step.state.console.session === undefined)
      step.set({ last: plain('no shell of a pod is open') })
    else step.do({ kind: 'switch-place', place: word })
  }
}

function onNothingToInterrupt(step: Step): void {
  const before = step.state.interruptedAt
  if (before !== undefined && step.now - before <= 2000) {
    step.set({ interruptedAt: undefined, question: { kind: 'leave' } })
    return
  }
  step.set({ interruptedAt: step.now, last: plain('Nothing runs here. Again to leave.') })
  step.say('Nothing runs here. Again to leave.')
}

function onProbeFinished(step: Step, event: Extract<RunEvent, { kind: 'probe-finished' }>): void {
  const { result } = event
  step.set({ probes: { ...step.state.probes, [event.prediction]: result } })
  step.record({
    kind: 'probe-finished',
    prediction: event.prediction,
    observed: result.kind === 'observed' ? result.facts.outcome : 'inconclusive',
    engine: result.kind === 'observed' ? result.engine?.outcome : undefined,
    control: result.control?.outcome,
    seconds: result.kind === 'observed' ? result.facts.seconds : 0,
  })
  const comparing = step.state.comparing
  if (comparing?.prediction === event.prediction) {
    step.set({ comparing: { ...comparing, probeDone: true } })
    finishComparing(step)
  }
}

/** Command and probe are both over: the outcome opens, with the question for the reason in front of it. */
function finishComparing(step: Step): void {
  const comparing = step.state.comparing
  if (comparing === undefined || !comparing.commandDone || !comparing.probeDone) return
  const found = findPrediction(step.state.lesson, comparing.prediction)
  step.set({ comparing: undefined, outcome: { prediction: comparing.prediction, open: true } })
  const result = step.state.probes[comparing.prediction]
  if (result !== undefined) {
    const predicted = step.state.achieved.predictions[comparing.prediction]
    const target = found === undefined ? '' : targetOf(found.prediction.probe)
    if (result.kind === 'observed') {
      step.set({
        last: line(
          `${result.fromPod} to ${target}   `,
          marked(outcomeMark(result.facts.outcome), result.facts.outcome),
          ` after ${result.facts.seconds.toFixed(1)} s`,
          ...(predicted === undefined ? [] : [`   you said ${predicted}`]),
        ),
      })
    } else {
      step.set({
        last: line(`${target}   `, marked('untried', 'inconclusive'), `   ${result.reason}`),
      })
    }
  }
  const because = found?.prediction.because
  const closed = (step.state.achieved.because[comparing.prediction] ?? []).some(
    (pick) => pick.closed,
  )
  if (because !== undefined && !closed && result?.kind === 'observed') {
    step.set({ question: { kind: 'because', prediction: comparing.prediction } })
  }
}

/** The far end of a probe in words: `web:80`. */
export function targetOf(probe: {
  readonly to: string
  readonly port?: number | undefined
}): string {
  const name = probe.to.replace(/^service\//, '').replace(/^pod\//, '')
  return probe.port === undefined ? name : `${name}:${probe.port}`
}

function onChecksFinished(step: Step, event: Extract<RunEvent, { kind: 'checks-finished' }>): void {
  const { advice } = step.state
  step.set({ checks: { running: [] }, advice: advice && { ...advice, checked: true } })
  const byId = new Map(allChecks(step.state.lesson).map((check) => [check.id, check]))
  for (const result of event.results) {
    const check = byId.get(result.check)
    if (check === undefined) continue
    sayCheck(step, check, result)
    step.record({
      kind: 'check-finished',
      check: result.check,
      state: result.state,
      earned: result.earned,
      points: result.points,
      sentence: result.sentence,
      ...(result.mistake === undefined ? {} : { mistake: result.mistake }),
      ...(result.wanted === undefined ? {} : { wanted: result.wanted }),
      ...(result.seen === undefined ? {} : { seen: result.seen }),
      ...(result.control === undefined ? {} : { control: result.control }),
    })
  }
  const failed = event.results.filter((result) => result.state === 'failed')
  const passed = event.results.filter((result) => result.state === 'passed')
  const other = event.results.length - failed.length - passed.length
  const seconds = Math.max(0, ...event.results.map((result) => result.seconds))
  step.set({
    last: line(
      `${event.results.length === 1 ? '1 check' : `${event.results.length} checks`} ran in ${seconds.toFixed(1)} s: `,
      marked('good', `${passed.length} passed`),
      ...(failed.length === 0 ? [] : [', ', marked('bad', `${failed.length} failed`)]),
      ...(other === 0 ? [] : [', ', marked('untried', `${other} inconclusive`)]),
    ),
  })
  if (failed.length === 0) checkWhatIsDue(step, { again: false })
}

function sayCheck(
  step: Step,
  check: Check,
  result: {
    readonly state: string
    readonly earned: number
    readonly points: number
    readonly sentence: string
  },
): void {
  const points = result.points === 0 ? '' : `, ${result.earned} of ${result.points} points`
  step.say(
    `Check ${result.state}${points}: ${check.title}. ${result.state === 'passed' ? '' : result.sentence}`.trim(),
  )
}

function onPoliciesLinted(step: Step, event: Extract<RunEvent, { kind: 'policies-linted' }>): void {
  const [remark, ...others] = event.remarks
  const { advice = ADVICE_ASKED } = step.state
  step.set({ advice: remark && { ...advice, remark, others: others.length } })
}

function onFileChanged(step: Step, event: Extract<RunEvent, { kind: 'file-changed' }>): void {
  const changed = new Set(step.state.changedFiles)
  if (event.differs) changed.add(event.name)
  else changed.delete(event.name)
  step.set({
    changedFiles: changed,
    last: plain(`${event.name} changed; it is not yet in the cluster`),
  })
}
