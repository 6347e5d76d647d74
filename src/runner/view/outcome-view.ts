import type { ProbeFacts, ProbeResult } from '../../grading/types.ts'
import { OUTCOMES, type Outcome, type ProbeSpec } from '../../lessons/model.ts'
import { describeSide } from '../../policy/describe.ts'
import type { Verdict } from '../../policy/types.ts'
import type { OutcomeView } from '../snapshot.ts'
import { findPrediction, type RunState } from '../state.ts'
import { outcomeMark } from '../status-line.ts'
import { targetOf } from '../transition.ts'

/** Prediction, outcome, evidence and reasons side by side. */
export function outcomeView(state: RunState): OutcomeView | undefined {
  const id = state.outcome?.prediction
  if (id === undefined) return undefined
  const found = findPrediction(state.lesson, id)
  const result = state.probes[id]
  if (found === undefined || result === undefined) return undefined
  const predicted = asOutcome(state.achieved.predictions[id])
  const observed = result.kind === 'observed' ? result.facts.outcome : 'inconclusive'
  const session = state.console.session
  return {
    prompt: found.item.place === 'lab' ? 'lab$' : '/ #',
    command: found.item.command,
    where:
      found.item.place === 'pod' && session !== undefined
        ? `in pod ${session.pod}`
        : `from pod ${sourceOf(found.prediction.probe.from)}`,
    predicted,
    observed,
    after: result.kind === 'observed' ? `after ${result.facts.seconds.toFixed(1)} s` : '',
    verdict: verdictWords(predicted, observed, result),
    evidence: evidence(result, state.outputs[id] ?? []),
    why: [...reasons(result), ...becauseRow(state, id)],
    rule:
      result.kind === 'observed' && result.engine?.verdict !== undefined
        ? 'Both sides have to allow a connection.'
        : undefined,
    newSince: newSince(state, id),
  }
}

function asOutcome(text: string | undefined): Outcome | 'not sure' | undefined {
  if (text === 'not sure' || text === undefined) return text
  return OUTCOMES.find((outcome) => outcome === text)
}

function verdictWords(
  predicted: Outcome | 'not sure' | undefined,
  observed: Outcome | 'inconclusive',
  result: ProbeResult,
): string {
  if (result.kind === 'inconclusive') return 'nothing is graded'
  if (disagrees(result)) return 'the cluster disagrees with the specification'
  if (predicted === undefined || predicted === 'not sure') return 'no prediction'
  return predicted === observed ? 'as you predicted' : 'not as predicted'
}

/** Observed and computed differ: then nobody is graded, and it is said. */
export function disagrees(result: ProbeResult): boolean {
  return (
    result.kind === 'observed' &&
    result.engine !== undefined &&
    result.engine.outcome !== result.facts.outcome
  )
}

function evidence(result: ProbeResult, output: readonly string[]): OutcomeView['evidence'] {
  const target = targetOf(result.probe)
  const rows: OutcomeView['evidence'][number][] = []
  const control = result.control
  if (control !== undefined) {
    const pod =
      (result.kind === 'observed' ? result.controlPod : undefined) ?? sourceOf(result.probe.control)
    const good = control.outcome === 'connected'
    rows.push({
      label: 'control',
      what: `${pod} to ${target}`,
      mark: outcomeMark(control.outcome),
      word: control.outcome,
      note: good ? 'so the other end is up' : 'so nothing is proved',
    })
  }
  if (result.kind === 'inconclusive') {
    rows.push({
      label: 'probe',
      what: `${sourceOf(result.probe.from)} to ${target}`,
      mark: 'untried',
      word: 'inconclusive',
      note: result.reason,
    })
    return rows
  }
  rows.push(...nameRow(result.probe, result.facts))
  rows.push({
    label: 'probe',
    what: `${result.fromPod} to ${target}`,
    mark: outcomeMark(result.facts.outcome),
    word: result.facts.outcome,
    note: result.facts.outcome === 'connected' ? '' : lastWords(output),
  })
  return rows
}

/** What the tool said at the end, for people; nothing is judged by it. */
function lastWords(output: readonly string[]): string {
  const said = output
    .map((row) => row.trim())
    .filter((row) => row !== '' && !row.startsWith('command terminated'))
  return said.at(-1) ?? ''
}

function nameRow(probe: ProbeSpec, facts: ProbeFacts): OutcomeView['evidence'] {
  switch (facts.name.kind) {
    case 'answered':
      return [
        {
          label: 'name',
          what: `${probe.to} is ${facts.name.address}`,
          mark: 'good',
          word: 'answered',
          note: 'by the name server, 53/UDP',
        },
      ]
    case 'not-asked':
      return [
        {
          label: 'name',
          what: facts.name.address,
          mark: 'untried',
          word: 'not asked',
          note: 'an address needs no name server',
        },
      ]
    case 'no-such-name':
      return [
        {
          label: 'name',
          what: probe.to,
          mark: 'careful',
          word: 'no-such-name',
          note: 'the name server answered: there is none',
        },
      ]
    case 'unreachable':
      return [
        {
          label: 'name',
          what: probe.to,
          mark: 'careful',
          word: 'no answer',
          note: 'the name server was not reached',
        },
      ]
  }
}

function reasons(result: ProbeResult): OutcomeView['why'] {
  if (result.kind !== 'observed') return []
  const verdict = result.engine?.verdict
  if (verdict === undefined) return []
  const to = verdict.flow.to
  const destination = to.kind === 'address' ? to.address : workloadOf(to.name)
  return [
    { side: `Leaving ${result.fromPod}`, ...side(describeSide(verdict.egress, verdict.flow)) },
    { side: `Entering ${destination}`, ...side(entering(verdict, destination)) },
  ]
}

function entering(verdict: Verdict, destination: string) {
  const { to } = verdict.flow
  const described = describeSide(verdict.ingress, verdict.flow)
  if (to.kind === 'address') return described
  return { ...described, text: described.text.replaceAll(to.name, destination) }
}

/** Signs of generated names: no vowels and nothing that looks like one, as SafeEncodeString of k8s.io/apimachinery. */
const GENERATED = /-[bcdfghjklmnpqrstvwxz2456789]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/

/** A pod of a workload is called by the workload: what follows is chance. */
function workloadOf(pod: string): string {
  return pod.replace(GENERATED, '')
}

function side(described: { readonly word: string; readonly text: string }) {
  return {
    mark: described.word === 'allowed' ? ('good' as const) : ('bad' as const),
    word: described.word,
    text: described.text,
  }
}

function becauseRow(state: RunState, id: string): OutcomeView['why'] {
  const because = findPrediction(state.lesson, id)?.prediction.because
  const picks = state.achieved.because[id] ?? []
  const last = picks.at(-1)
  if (because === undefined || last === undefined) return []
  const right = because.choices.find((choice) => choice.right)
  return [
    {
      side: 'Because',
      mark: last.right ? 'good' : 'differs',
      word: last.right ? 'right' : 'not right',
      text: right?.text ?? '',
    },
  ]
}

/** What changed since the same probe was predicted and seen before: another prediction with the same ends. */
function newSince(state: RunState, id: string): string | undefined {
  const now = state.probes[id]
  const found = findPrediction(state.lesson, id)
  if (now?.kind !== 'observed' || found === undefined) return undefined
  const spec = found.prediction.probe
  const earlier = Object.entries(state.probes).findLast(([other, result]) => {
    const probe = result.probe
    return (
      other !== id &&
      result.kind === 'observed' &&
      probe.to === spec.to &&
      probe.port === spec.port &&
      probe.protocol === spec.protocol
    )
  })?.[1]
  if (earlier?.kind !== 'observed' || earlier.facts.outcome === now.facts.outcome) return undefined
  if (earlier.facts.outcome === 'dns-failure' && now.facts.outcome === 'timeout') {
    return 'New since the last try: the name is found. The connection still dies.'
  }
  return `New since the last try: it was ${earlier.facts.outcome}, now it is ${now.facts.outcome}.`
}

export function sourceOf(source: ProbeSpec['from'] | undefined): string {
  if (source === undefined) return ''
  return (
    source.pod ??
    Object.entries(source.labels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(',')
  )
}
