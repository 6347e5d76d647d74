import type { NetworkPolicy } from '../kube/objects.ts'
import type { FlowExpectation } from '../lessons/model.ts'
import { compare } from '../policy/compare.ts'
import { describeDifference, describeSide, flowText } from '../policy/describe.ts'
import { prepare } from '../policy/evaluate.ts'
import type { Difference, PolicyState } from '../policy/types.ts'
import { defaultNetworkPolicy } from '../policy/validate.ts'
import type { CheckContext, CheckOf, Finding } from './check-context.ts'
import { isEqual } from './deep-equal.ts'
import { resolveFlow } from './flow.ts'
import { recognise } from './mistake.ts'

/** The policies of some namespaces mean the same as a reference, or decide flows as listed. */
export async function checkPolicy(
  check: CheckOf<'policy'>,
  context: CheckContext,
): Promise<Finding> {
  const { policy: state } = await context.state.read(context.signal)
  const finding =
    check.sameAs === undefined
      ? checkFlows(check.flows ?? [], state)
      : checkMeaning(check.namespaces, check.sameAs.policies, state)
  if (finding.state === 'passed') return { ...finding, sentence: check.success }
  if (finding.state === 'inconclusive') return finding
  const mistake = recognise(check, { denySignature: context.denySignature, state })
  if (mistake === undefined) return finding
  return { ...finding, sentence: mistake.sentence, mistake: mistake.id }
}

/** Slips that leave what was asked in place and open more. */
const TOO_WIDE: readonly string[] = [
  'and-or',
  'any-ns',
  'cidr-pods',
  'dns-wide',
  'except-given-back',
  'label-logic',
  'outside-opened',
  'peer-missing',
  'port-number',
  'port-wide',
  'protocol',
  'range',
  'reply-rule',
  'rule-product',
  'rule-split',
  'too-wide-peer',
]

function checkMeaning(
  namespaces: readonly string[],
  reference: readonly NetworkPolicy[],
  state: PolicyState,
): Finding {
  const others = state.policies.filter(
    ({ metadata }) => !namespaces.includes(metadata.namespace ?? 'default'),
  )
  const home = namespaces[0] ?? 'default'
  // A reference file may leave the namespace to the command that applies it.
  const placed = reference.map((policy) => ({
    ...policy,
    metadata: { ...policy.metadata, namespace: policy.metadata.namespace ?? home },
  }))
  const { same, differences } = compare({ ...state, policies: [...others, ...placed] }, state)
  if (same) return { state: 'passed', sentence: '' }
  const first = mostTelling(differences)
  if (first === undefined) return { state: 'passed', sentence: '' }
  const { flow, kind } = first
  return {
    state: 'failed',
    sentence: `Your policies do not mean the same as what was asked: this ${describeDifference(first)}.`,
    mistake: first.mistake,
    wanted: `${kind === 'opened' ? 'denied' : 'allowed'}, ${flowText(flow)}`,
    seen: kind === 'opened' ? 'allowed' : 'denied',
    tooWide: differences.every((one) => one.kind === 'opened' && TOO_WIDE.includes(one.mistake)),
  }
}

/** Feedback goes from what should work and does not to what is too open. */
function mostTelling(differences: readonly Difference[]): Difference | undefined {
  const ofWorld = differences.filter(({ witness }) => !witness)
  const list = ofWorld.length > 0 ? ofWorld : differences
  return list.find(({ kind }) => kind === 'closed') ?? list[0]
}

function checkFlows(expectations: readonly FlowExpectation[], state: PolicyState): Finding {
  const prepared = prepare(state)
  const wrong: { readonly expectation: FlowExpectation; readonly finding: Finding }[] = []
  for (const expectation of expectations) {
    const resolved = resolveFlow(expectation, state)
    if (resolved.kind === 'unknown') return { state: 'inconclusive', sentence: resolved.reason }
    const verdict = prepared.evaluate(resolved.flow)
    if (verdict.allowed === (expectation.verdict === 'allow')) continue
    const { egress, ingress, flow } = verdict
    const side = verdict.allowed || !egress.allowed ? egress : ingress
    const is = verdict.allowed ? 'allowed' : 'denied'
    const should = verdict.allowed ? 'denied' : 'allowed'
    const sentence = `${flowText(flow)} is ${is} and should be ${should}: ${describeSide(side, flow).text}.`
    wrong.push({
      expectation,
      finding: {
        state: 'failed',
        sentence,
        wanted: `${should}, ${flowText(flow)}`,
        seen: is,
      },
    })
  }
  const first = wrong.find(({ expectation }) => expectation.verdict === 'allow') ?? wrong[0]
  if (first === undefined) return { state: 'passed', sentence: '' }
  const allowsAll = wrong.every(({ expectation }) => expectation.verdict === 'deny')
  const someDenied = expectations.some(
    (one) => one.verdict === 'deny' && !wrong.some(({ expectation }) => expectation === one),
  )
  return { ...first.finding, tooWide: allowsAll && someDenied }
}

/** The named policies are what the world made them. */
export async function checkUnchanged(
  check: CheckOf<'unchanged'>,
  context: CheckContext,
): Promise<Finding> {
  const { policy: state } = await context.state.read(context.signal)
  for (const { namespace, name } of check.policies) {
    const is = (object: { kind: string; metadata: { namespace?: string; name: string } }) =>
      object.kind === 'NetworkPolicy' &&
      (object.metadata.namespace ?? 'default') === namespace &&
      object.metadata.name === name
    const made = context.lesson.world.find(is)
    if (made === undefined || !isPolicy(made)) {
      const sentence = `The world of this lesson has no policy ${namespace}/${name}.`
      return { state: 'inconclusive', sentence }
    }
    const there = state.policies.find(({ metadata }) => is({ kind: 'NetworkPolicy', metadata }))
    const isSame =
      there !== undefined &&
      isEqual(defaultNetworkPolicy(there).spec, defaultNetworkPolicy(made).spec)
    if (isSame) continue
    const mistake = recognise(check, { denySignature: context.denySignature, state })
    const seen = there === undefined ? 'gone' : 'changed'
    return {
      state: 'failed',
      sentence:
        mistake?.sentence ??
        `Policy ${namespace}/${name} is ${seen}. This task is solved without touching it; bring it back by resetting the lesson.`,
      ...(mistake === undefined ? {} : { mistake: mistake.id }),
      wanted: `${namespace}/${name} as it was`,
      seen,
    }
  }
  return { state: 'passed', sentence: check.success }
}

function isPolicy(object: { kind: string }): object is NetworkPolicy {
  return object.kind === 'NetworkPolicy'
}
