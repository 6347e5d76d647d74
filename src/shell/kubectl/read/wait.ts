import { KubeStatusError } from '../../../kube/client.ts'
import { groupResource } from '../../../kube/kinds.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import {
  ALL_NAMESPACES_FLAG,
  FIELD_SELECTOR_FLAG,
  FILE_FLAGS,
  PRINT_FLAGS,
  SELECTOR_FLAG,
} from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { Flags, ParsedFlags } from '../flags.ts'
import { KubectlError, throwCollected } from '../kubectl-error.ts'
import { createChangeReporter } from '../objects/report-change.ts'
import { waitForObject } from '../pods/pod-waiting.ts'
import { parseJsonPath, relaxJsonPath, valueText } from '../print/json-path.ts'
import { resolveTargets, type Target, targetsOf } from '../targets.ts'
import { number, record, records, text } from '../values.ts'

/** Waits until objects are as asked (`kubectl/pkg/cmd/wait`). */
export const waitCommand: KubectlCommand = {
  name: 'wait',
  summary: 'Wait for a specific condition on one or many resources',
  usage:
    "kubectl wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
  words: 'objects',
  flags: [
    ...PRINT_FLAGS,
    ...FILE_FLAGS,
    SELECTOR_FLAG,
    FIELD_SELECTOR_FLAG,
    ALL_NAMESPACES_FLAG,
    { name: 'all', type: 'bool' },
    { name: 'for', type: 'string', values: ['condition=', 'create', 'delete', 'jsonpath='] },
    { name: 'local', type: 'bool', refused: 'Wait for objects of the cluster.' },
    { name: 'timeout', type: 'duration', default: '30s' },
  ],
  run: runWait,
}

/** Gives the sentence's end once it holds: `condition met`, `deleted`. */
type Goal = (object: AnyKubeObject | undefined, target: Target) => string | undefined

async function runWait(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  const goal = parseGoal(flags.string('for'))
  const report = createChangeReporter(context, flags, 'none')
  const deleting = isDelete(flags)
  const creating = flags.string('for').toLowerCase() === 'create'
  const timeoutMs = timeoutOf(flags)
  const targets = await targetsOf(
    context,
    await resolveTargets(context, {
      args: positionals,
      filenames: flags.list('filename'),
      recursive: flags.bool('recursive'),
      labelSelector: flags.string('selector'),
      fieldSelector: flags.string('field-selector'),
      all: flags.bool('all'),
      allNamespaces: flags.bool('all-namespaces'),
    }),
  )
  if (targets.length === 0) {
    if (deleting) return 0
    throw new KubectlError('no matching resources found')
  }
  const errors: unknown[] = []
  const started = context.clock.now()
  for (const target of targets) {
    const left = Math.max(0, timeoutMs - (context.clock.now() - started))
    // The first that takes all the time leaves none for the others.
    if (left === 0 && errors.length > 0) {
      errors.push(timedOut(target))
      continue
    }
    let last: AnyKubeObject | undefined = target.object
    let seen = false
    try {
      const said = await waitForObject<AnyKubeObject, string>(
        context,
        target,
        { timeoutMs: left, signal: context.signal },
        (object) => {
          last = object ?? last
          seen = seen || object !== undefined
          const met = goal(object, target)
          if (met === undefined && object === undefined && !creating) throw notFound(target)
          return met
        },
      )
      // What was gone already is not worth a word.
      if (deleting && !seen && target.object === undefined) continue
      const { kind } = target
      const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`
      report(
        { ...(last ?? { metadata: { name: target.name } }), apiVersion, kind: kind.kind },
        said,
      )
    } catch (error) {
      context.signal.throwIfAborted()
      if (!(error instanceof KubectlError || error instanceof KubeStatusError)) throw error
      errors.push(isTimeout(error) && !creating ? timedOut(target) : error)
    }
  }
  throwCollected(errors)
  return 0
}

function isTimeout(error: Error): boolean {
  return error.message === 'timed out waiting for the condition'
}

function timedOut(target: Target): KubectlError {
  return new KubectlError(
    `timed out waiting for the condition on ${target.kind.plural}/${target.name}`,
  )
}

function isDelete(flags: Flags): boolean {
  return flags.string('for').toLowerCase() === 'delete'
}

/** 0 asks once, a negative time is a week. */
function timeoutOf(flags: Flags): number {
  const timeout = flags.duration('timeout')
  return timeout < 0 ? 168 * 3_600_000 : timeout
}

function notFound(target: Target): KubeStatusError {
  return new KubeStatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason: 'NotFound',
    code: 404,
    message: `${groupResource(target.kind)} ${JSON.stringify(target.name)} not found`,
  })
}

/** @throws KubectlError for a condition that cannot be read */
function parseGoal(text: string): Goal {
  const lower = text.toLowerCase()
  if (lower === 'delete') return (object) => (object === undefined ? 'condition met' : undefined)
  if (lower === 'create') return (object) => (object === undefined ? undefined : 'condition met')
  if (text.startsWith('condition=')) {
    const [name = '', value = 'True'] = text.slice('condition='.length).split('=')
    return (object) => (hasCondition(object, name, value) ? 'condition met' : undefined)
  }
  if (text.startsWith('jsonpath=')) return jsonPathGoal(text.slice('jsonpath='.length))
  throw new KubectlError(`unrecognized condition: ${JSON.stringify(text)}`)
}

function hasCondition(object: AnyKubeObject | undefined, name: string, value: string): boolean {
  if (object === undefined) return false
  const status = record(object.status)
  const condition = records(status.conditions).find(
    (one) => text(one.type).toLowerCase() === name.toLowerCase(),
  )
  if (condition === undefined) return false
  // A condition of an older generation says nothing about what the object is now.
  const observed = number(condition.observedGeneration) || number(status.observedGeneration)
  if (observed !== 0 && observed < (object.metadata.generation ?? 0)) return false
  return text(condition.status).toLowerCase() === value.toLowerCase()
}

function jsonPathGoal(text: string): Goal {
  const close = text.lastIndexOf('}')
  const equals = text.indexOf('=', close === -1 ? 0 : close)
  const expression = equals === -1 ? text : text.slice(0, equals)
  const wanted = equals === -1 ? undefined : text.slice(equals + 1)
  if (expression === '') throw new KubectlError('jsonpath expression cannot be empty')
  if (wanted === '') {
    throw new KubectlError(
      "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
    )
  }
  const path = parseJsonPath(relaxJsonPath(expression.replace(/^'(.*)'$/, '$1')))
  return (object) => {
    if (object === undefined) return undefined
    const found = path.find(object)
    const met =
      wanted === undefined ? found.length > 0 : found.some((one) => valueText(one) === wanted)
    return met ? 'condition met' : undefined
  }
}
