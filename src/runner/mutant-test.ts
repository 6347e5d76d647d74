import { runCheck } from '../grading/check.ts'
import { type ClusterState, readClusterState } from '../grading/cluster-state.ts'
import type { KubeClient } from '../kube/client.ts'
import type { NetworkPolicy } from '../kube/objects.ts'
import type { Check, Lesson, LessonStep } from '../lessons/model.ts'
import { compare } from '../policy/compare.ts'
import { describeDifference } from '../policy/describe.ts'
import { type Mutation, mutate } from '../policy/mutate.ts'
import type { PolicyState } from '../policy/types.ts'
import type { Grader } from './ports.ts'

/** What became of the mutants of one step's solution. */
export interface MutantReport {
  readonly killed: number
  /** They differ on one side only, and the other side shuts those flows anyway. */
  readonly masked: number
  readonly equal: number
  /** They mean something else, and every check of the step lets them pass. */
  readonly survivors: readonly Survivor[]
}

export interface Survivor {
  readonly policy: string
  readonly mutation: Mutation
  /** The flow that shows the difference, as a clause. */
  readonly difference: string
}

export interface MutantTestOptions {
  readonly client: KubeClient
  readonly grader: Grader
  readonly lesson: Lesson
  readonly step: LessonStep
  /** The policies that solve the step, as they stand in the cluster. */
  readonly solution: readonly NetworkPolicy[]
  readonly signal: AbortSignal
}

/**
 * Changes each policy of a step's solution by one slip and holds the result against the step's checks: a slip that changes the
 * meaning has to fail one. Checks of policies are decided in the engine; only what they let pass is tried in the cluster, which is
 * left as it was.
 */
export async function testMutants(options: MutantTestOptions): Promise<MutantReport> {
  const { lesson, client, solution, signal } = options
  const state = await readClusterState(client, signal)
  const namespaces = [...new Set([...lesson.needs.namespaces, 'kube-system'])]
  const world = {
    pods: state.policy.pods,
    namespaces: state.policy.namespaces.filter(({ name }) => namespaces.includes(name)),
  }
  const report = { killed: 0, masked: 0, equal: 0 }
  const survivors: Survivor[] = []
  for (const policy of solution) {
    for (const mutation of mutate(policy, world)) {
      signal.throwIfAborted()
      const mutated = replaced(state.policy, policy, mutation.policies)
      const { same, differences, masked } = compare(state.policy, mutated)
      const [first] = differences
      if (same || first === undefined) {
        report[masked.length > 0 ? 'masked' : 'equal']++
      } else if (
        (await failsInEngine(options, { ...state, policy: mutated })) ||
        (await failsInCluster(options, policy, mutation.policies))
      ) {
        report.killed++
      } else {
        const { name } = policy.metadata
        survivors.push({ policy: name, mutation, difference: describeDifference(first) })
      }
    }
  }
  return { ...report, survivors }
}

/** `57 mutants: 55 killed, 1 masked, 1 equal, 0 survived`. */
export function mutantSummary({ killed, masked, equal, survivors }: MutantReport): string {
  const count = killed + masked + equal + survivors.length
  return `${count} mutants: ${killed} killed, ${masked} masked, ${equal} equal, ${survivors.length} survived`
}

/** Whether a step has a check that a mutant could fail: output checks speak of lines that ran once. */
export function checksMutants(step: LessonStep): boolean {
  return checksOf(step).length > 0
}

function checksOf(step: LessonStep): readonly Check[] {
  return step.blocks
    .flatMap((block) => (block.kind === 'check' ? block.checks : []))
    .filter((check) => check.kind !== 'output')
}

function isDecidedInEngine(check: Check): boolean {
  return check.kind === 'policy' || check.kind === 'unchanged'
}

async function failsInEngine(
  { lesson, step, client, signal }: MutantTestOptions,
  state: ClusterState,
): Promise<boolean> {
  const reader = { read: () => Promise.resolve(state), forget: () => {} }
  for (const check of checksOf(step).filter(isDecidedInEngine)) {
    const result = await runCheck(check, {
      client,
      signal,
      lesson,
      state: reader,
      resolvers: new Map(),
      outputs: {},
      // Only probes look at it.
      denySignature: 'timeout',
    })
    if (result.state === 'failed') return true
  }
  return false
}

async function failsInCluster(
  { step, client, grader, signal }: MutantTestOptions,
  policy: NetworkPolicy,
  instead: readonly NetworkPolicy[],
): Promise<boolean> {
  const checks = checksOf(step).filter((check) => !isDecidedInEngine(check))
  if (checks.length === 0) return false
  const put = (one: NetworkPolicy) =>
    client.create<NetworkPolicy>(one, { signal, fieldValidation: 'Strict' })
  const take = ({ apiVersion, metadata: { namespace, name } }: NetworkPolicy) =>
    client.delete({ apiVersion, plural: 'networkpolicies', namespace, name }, { signal })
  const made: NetworkPolicy[] = []
  await take(policy)
  try {
    for (const one of instead) {
      await put(one)
      made.push(one)
    }
    const results = await grader.checks(checks, {}, signal)
    return results.some(({ state }) => state === 'failed')
  } finally {
    for (const one of made) await take(one)
    await put(policy)
  }
}

function replaced(
  state: PolicyState,
  { metadata: { name, namespace = 'default' } }: NetworkPolicy,
  instead: readonly NetworkPolicy[],
): PolicyState {
  const others = state.policies.filter(
    ({ metadata }) => metadata.name !== name || (metadata.namespace ?? 'default') !== namespace,
  )
  return { ...state, policies: [...others, ...instead] }
}
