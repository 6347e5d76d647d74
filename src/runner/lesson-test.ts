import type { KubeClient } from '../kube/client.ts'
import { KubeStatusError } from '../kube/client.ts'
import type { AnyKubeObject, NetworkPolicy } from '../kube/objects.ts'
import type { Check, Lesson, LessonStep, WrongAnswer } from '../lessons/model.ts'
import { defaultNetworkPolicy } from '../policy/validate.ts'
import { checksMutants, mutantSummary, testMutants } from './mutant-test.ts'
import { type PlayOptions, playStep } from './play.ts'
import type { Grader } from './ports.ts'

/** One thing that `lesson test` found out, good or bad. */
export type LessonTestEvent =
  | { readonly kind: 'step-started'; readonly number: number; readonly title: string }
  | { readonly kind: 'held'; readonly what: string }
  | { readonly kind: 'broken'; readonly what: string; readonly detail: string }

export interface LessonTestOptions extends Omit<PlayOptions, 'onEvent'> {
  readonly client: KubeClient
  readonly grader: Grader
  readonly onEvent: (event: LessonTestEvent) => void
}

/**
 * Plays a lesson as its author wants it held: before a step its set of checks fails, after it every check passes,
 * each listed wrong answer fails the check that it names with the sentence that it deserves, and so does every policy that is one
 * slip away from the solution and means something else. Resolves with the number of broken expectations.
 */
export async function testLesson(options: LessonTestOptions): Promise<number> {
  const { run } = options
  let broken = 0
  const tell = (event: LessonTestEvent) => {
    if (event.kind === 'broken') broken++
    options.onEvent(event)
  }
  const play: PlayOptions = { ...options, onEvent: () => {} }
  for (const step of run.state.lesson.steps) {
    options.signal.throwIfAborted()
    tell({ kind: 'step-started', number: step.number, title: step.title })
    await run.idle()
    await failsBefore(options, step, tell)
    const before = await ownPolicies(options)
    await playStep(play)
    await run.idle()
    passesAfter(options, step, tell)
    await mutantsFail(options, step, before, tell)
    for (const answer of step.wrongAnswers) await wrongAnswerFails(options, step, answer, tell)
    run.send({ kind: 'next-step' })
    await run.idle()
  }
  return broken
}

type Tell = (event: LessonTestEvent) => void

function checksOf(step: LessonStep): readonly Check[] {
  return step.blocks.flatMap((block) => (block.kind === 'check' ? block.checks : []))
}

/** Output checks speak of items that have not run, so they say nothing before the step. */
async function failsBefore(
  options: LessonTestOptions,
  step: LessonStep,
  tell: Tell,
): Promise<void> {
  const checks = checksOf(step).filter((check) => !check.guard && check.kind !== 'output')
  if (checks.length === 0) return
  const results = await options.grader.checks(checks, {}, options.signal)
  const what = `step ${step.number}: its checks do not pass before it`
  if (results.some((result) => result.state !== 'passed')) tell({ kind: 'held', what })
  else
    tell({
      kind: 'broken',
      what,
      detail: `all of them pass already: ${checks.map((check) => check.id).join(', ')}`,
    })
}

function passesAfter(options: LessonTestOptions, step: LessonStep, tell: Tell): void {
  for (const check of checksOf(step)) {
    const result = options.run.state.achieved.checks[check.id]
    const what = `step ${step.number}: ${check.id} passes after it`
    if (result?.state === 'passed') tell({ kind: 'held', what })
    else if (result?.state === 'inconclusive')
      tell({ kind: 'held', what: `${what} (inconclusive here: ${result.sentence})` })
    else
      tell({
        kind: 'broken',
        what,
        detail: result === undefined ? 'it did not run' : `${result.state}: ${result.sentence}`,
      })
  }
}

/** What the step changed or added is its solution; what an earlier step left there has been through this. */
async function mutantsFail(
  options: LessonTestOptions,
  step: LessonStep,
  before: readonly NetworkPolicy[],
  tell: Tell,
): Promise<void> {
  const known = new Set(before.map(contentOf))
  const after = await ownPolicies(options)
  const solution = after.filter((policy) => !known.has(contentOf(policy)))
  if (solution.length === 0 || !checksMutants(step)) return
  const { client, grader, signal } = options
  const { lesson } = options.run.state
  const report = await testMutants({ client, grader, lesson, step, solution, signal })
  const what = `step ${step.number}: ${mutantSummary(report)}`
  if (report.survivors.length === 0) return tell({ kind: 'held', what })
  tell({
    kind: 'broken',
    what,
    detail: report.survivors
      .map(({ mutation, difference, policy }) => {
        return `no check fails for "${mutation.operator}" in ${policy}, which ${difference}`
      })
      .join('\n           '),
  })
}

/** The policies that the lesson's steps made, as a person would write them. */
async function ownPolicies({
  client,
  run,
  signal,
}: LessonTestOptions): Promise<readonly NetworkPolicy[]> {
  const { lesson } = run.state
  const policies = await policiesOf(client, lesson, signal)
  return policies.filter((policy) => !ofWorld(lesson, policy)).map(withoutServerFields)
}

function contentOf(policy: NetworkPolicy): string {
  const { metadata, spec } = defaultNetworkPolicy(policy)
  return JSON.stringify([metadata.namespace, metadata.name, spec])
}

async function wrongAnswerFails(
  options: LessonTestOptions,
  step: LessonStep,
  answer: WrongAnswer,
  tell: Tell,
): Promise<void> {
  const { client, signal } = options
  const lesson = options.run.state.lesson
  const check = checksOf(step).find((each) => each.id === answer.check)
  const what = `step ${step.number}: ${answer.file} (${answer.mistake}) fails ${answer.check}`
  if (check === undefined)
    return tell({ kind: 'broken', what, detail: 'that check is not of this step' })
  const before = await policiesOf(client, lesson, signal)
  try {
    for (const policy of before) if (!ofWorld(lesson, policy)) await remove(client, policy, signal)
    const refusal = await applyAll(client, answer.objects, signal)
    if (refusal !== undefined) {
      if (refusal.includes(answer.says)) tell({ kind: 'held', what: `${what}, by the API server` })
      else tell({ kind: 'broken', what, detail: `the API server says: ${refusal}` })
      return
    }
    const [result] = await options.grader.checks([check], {}, signal)
    if (result?.state !== 'failed')
      tell({
        kind: 'broken',
        what,
        detail: `it is ${result?.state ?? 'not run'}: ${result?.sentence ?? ''}`,
      })
    else if (!result.sentence.includes(answer.says))
      tell({ kind: 'broken', what, detail: `it says: ${result.sentence}` })
    else if (result.mistake !== undefined && result.mistake !== answer.mistake)
      tell({ kind: 'broken', what, detail: `it is taken for ${result.mistake}` })
    else tell({ kind: 'held', what })
  } finally {
    for (const policy of await policiesOf(client, lesson, signal))
      if (!ofWorld(lesson, policy)) await remove(client, policy, signal)
    await applyAll(
      client,
      before.filter((policy) => !ofWorld(lesson, policy)).map(withoutServerFields),
      signal,
    )
  }
}

async function policiesOf(
  client: KubeClient,
  lesson: Lesson,
  signal: AbortSignal,
): Promise<readonly NetworkPolicy[]> {
  const lists = await Promise.all(
    lesson.needs.namespaces.map((namespace) =>
      client.list<NetworkPolicy>(
        { apiVersion: 'networking.k8s.io/v1', plural: 'networkpolicies', namespace },
        { signal },
      ),
    ),
  )
  // Items of a list carry no kind of their own.
  return lists.flatMap((list) =>
    list.items.map((item) => ({
      ...item,
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy' as const,
    })),
  )
}

function ofWorld(lesson: Lesson, policy: NetworkPolicy): boolean {
  return lesson.world.some(
    (object) =>
      object.kind === 'NetworkPolicy' &&
      object.metadata.name === policy.metadata.name &&
      (object.metadata.namespace ?? 'default') === policy.metadata.namespace,
  )
}

async function remove(
  client: KubeClient,
  policy: NetworkPolicy,
  signal: AbortSignal,
): Promise<void> {
  const { namespace, name } = policy.metadata
  await client.delete(
    { apiVersion: policy.apiVersion, plural: 'networkpolicies', namespace, name },
    { signal },
  )
}

/** Creates objects; returns the server's words where it refuses one as invalid. */
async function applyAll(
  client: KubeClient,
  objects: readonly (AnyKubeObject | NetworkPolicy)[],
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const object of objects) {
    const namespace = object.metadata.namespace ?? client.namespace
    try {
      await client.create(
        { ...object, metadata: { ...object.metadata, namespace } },
        { signal, fieldValidation: 'Strict' },
      )
    } catch (error) {
      if (
        error instanceof KubeStatusError &&
        (error.reason === 'Invalid' || error.reason === 'BadRequest')
      )
        return error.message
      throw error
    }
  }
  return undefined
}

function withoutServerFields(policy: NetworkPolicy): NetworkPolicy {
  const { name, namespace, labels, annotations } = policy.metadata
  return {
    ...policy,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  }
}
