import { assertNever } from '../base/errors.ts'
import { matchesExpected } from '../lessons/expected-output.ts'
import type { Check } from '../lessons/model.ts'
import { type CheckContext, type CheckOf, type Finding, findItem } from './check-context.ts'
import { checkPolicy, checkUnchanged } from './check-policy.ts'
import { checkProbe } from './check-probe.ts'
import { checkResource } from './check-resource.ts'
import { recognise } from './mistake.ts'
import type { CheckResult } from './types.ts'

export type { CheckContext } from './check-context.ts'

/** How many checks look at the cluster at a time: more would disturb the times that probes measure. */
const AT_ONCE = 4

/**
 * Runs one check. It never fails by throwing where the cluster answers: what cannot be shown is `inconclusive`.
 * @throws LabError where the cluster does not answer; the signal's reason when it aborts
 */
export async function runCheck(check: Check, context: CheckContext): Promise<CheckResult> {
  const { tooWide = false, ...finding } = await find(check, context)
  const full = finding.state === 'passed' ? check.points : 0
  const half = finding.state === 'failed' && tooWide ? Math.floor(check.points / 2) : 0
  return {
    check: check.id,
    points: check.points,
    earned: full + half,
    seconds: 0,
    ...finding,
  }
}

/** Runs a set of checks, several at a time; results come in the order of the checks. */
export async function runChecks(
  checks: readonly Check[],
  context: CheckContext,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = []
  const queue = [...checks.entries()]
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, check] = next
      context.signal.throwIfAborted()
      results[index] = await runCheck(check, context)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return results
}

function find(check: Check, context: CheckContext): Promise<Finding> {
  switch (check.kind) {
    case 'resource':
      return checkResource(check, context)
    case 'probe':
      return checkProbe(check, context)
    case 'policy':
      return checkPolicy(check, context)
    case 'unchanged':
      return checkUnchanged(check, context)
    case 'output':
      return checkOutput(check, context)
    default:
      return assertNever(check)
  }
}

/** A console line printed what the lesson says. */
async function checkOutput(check: CheckOf<'output'>, context: CheckContext): Promise<Finding> {
  const item = findItem(context.lesson, check.item)
  if (item === undefined) {
    return { state: 'inconclusive', sentence: `The lesson has no line ${check.item}.` }
  }
  const lines = context.outputs[check.item]
  const match = lines === undefined ? undefined : matchesExpected(item.expected, lines)
  if (match?.matched === true) return { state: 'passed', sentence: check.success }
  const { policy } = await context.state.read(context.signal)
  const mistake = recognise(check, { denySignature: context.denySignature, state: policy })
  const own =
    match === undefined
      ? `This has not run yet: ${item.command}`
      : `Line ${match.line} of its output is not as expected.`
  return {
    state: 'failed',
    sentence: mistake?.sentence ?? own,
    ...(mistake === undefined ? {} : { mistake: mistake.id }),
    ...(match === undefined
      ? {}
      : { wanted: match.expected ?? 'no more lines', seen: match.actual ?? 'no more lines' }),
  }
}
