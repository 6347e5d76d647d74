import type { ExpectedOutcome } from '../lessons/model.ts'
import { describeSide } from '../policy/describe.ts'
import type { CheckContext, CheckOf, Finding } from './check-context.ts'
import { meetsOutcome, recognise } from './mistake.ts'
import { describeTarget, isSurprise, runProbe } from './probe.ts'
import type { ProbeFacts, ProbeResult } from './types.ts'

/** Outcomes that a broken far end would show as well: only a control makes them evidence. */
const NEEDS_CONTROL: readonly ExpectedOutcome[] = ['timeout', 'dns-failure', 'blocked']

/** A connection from a pod ends as expected. */
export async function checkProbe(check: CheckOf<'probe'>, context: CheckContext): Promise<Finding> {
  const { probe, expect } = check
  if (probe.control === undefined && NEEDS_CONTROL.includes(expect)) {
    const sentence =
      'This check names no control: a failure that nothing is compared with proves nothing.'
    return { state: 'inconclusive', sentence }
  }
  const { client, signal, state, resolvers, denySignature } = context
  const result = await runProbe(client, probe, { signal, state, resolvers, denySignature })
  if (result.kind === 'inconclusive') {
    const control = result.control === undefined ? {} : { control: outcomeText(result.control) }
    if (result.sourceMissing) return { state: 'failed', sentence: result.reason, ...control }
    return { state: 'inconclusive', sentence: result.reason, ...control }
  }
  const { outcome, seconds } = result.facts
  const target = describeTarget(probe)
  const evidence = {
    wanted: `${expect}, ${result.fromPod} to ${target}`,
    seen: outcomeText(result.facts),
    ...(result.control === undefined
      ? {}
      : { control: `${result.control.outcome}, ${result.controlPod ?? 'control'} to ${target}` }),
    seconds,
  }
  if (isSurprise(result)) {
    return { state: 'disagrees', sentence: disagreement(result), ...evidence }
  }
  if (meetsOutcome(outcome, expect, denySignature)) {
    return { state: 'passed', sentence: check.success, ...evidence }
  }
  const { policy } = await state.read(signal)
  const mistake = recognise(check, { outcome, denySignature, state: policy })
  return {
    state: 'failed',
    sentence: mistake?.sentence ?? explain(result, expect),
    ...(mistake === undefined ? {} : { mistake: mistake.id }),
    ...evidence,
  }
}

type Observed = Extract<ProbeResult, { kind: 'observed' }>

function outcomeText({ outcome, seconds }: ProbeFacts): string {
  return `${outcome} after ${seconds.toFixed(1)} s`
}

function disagreement({ probe, fromPod, facts, engine }: Observed): string {
  const flow = `${fromPod} to ${describeTarget(probe)}`
  return `The cluster disagrees with the specification: ${flow} should be ${engine?.outcome}, and it is ${facts.outcome}. Nobody is graded for this.`
}

/** What happened, and the side that decided it. */
function explain({ probe, fromPod, facts, engine }: Observed, expect: ExpectedOutcome): string {
  const flow = `${fromPod} to ${describeTarget(probe)}`
  const happened = `${flow} should be ${expect}, and it is ${facts.outcome}`
  const verdict = engine?.verdict
  if (verdict === undefined) return `${happened}.`
  const side = verdict.egress.allowed ? verdict.ingress : verdict.egress
  const why = describeSide(verdict.allowed ? verdict.egress : side, verdict.flow).text
  return `${happened}: ${why}.`
}
