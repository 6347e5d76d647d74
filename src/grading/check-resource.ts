import { kindOf } from '../kube/kinds.ts'
import type { AnyKubeObject } from '../kube/objects.ts'
import type { CheckContext, CheckOf, Finding } from './check-context.ts'
import { isEqual } from './deep-equal.ts'
import { inMotion, waitWhile } from './in-motion.ts'
import { recognise, valueAt } from './mistake.ts'

/** An object of the cluster is there, is gone, or is as it should be. */
export async function checkResource(
  check: CheckOf<'resource'>,
  context: CheckContext,
): Promise<Finding> {
  const { resource, expect } = check
  const { apiVersion, kind, name } = resource
  const info = kindOf(resource)
  if (info === undefined) {
    const sentence = `This check asks for a ${kind} of ${apiVersion}, which the lab does not know.`
    return { state: 'inconclusive', sentence }
  }
  const namespace = info.namespaced ? (resource.namespace ?? 'default') : undefined
  const ref = { apiVersion, plural: info.plural, namespace, name }
  // What is on its way there is waited for; what stands still fails at once.
  const object = await waitWhile<AnyKubeObject>(
    context.client,
    ref,
    (one) => expect.kind !== 'exists' && inMotion(one) && !meets(expect, one),
    context.signal,
  )
  if (meets(expect, object)) return { state: 'passed', sentence: check.success }
  const wanted = wantedText(expect)
  const seen = seenText(expect, object)
  const { policy } = await context.state.read(context.signal)
  const mistake = recognise(check, { denySignature: context.denySignature, state: policy })
  const id = `${kind.toLowerCase()} ${namespace === undefined ? '' : `${namespace}/`}${name}`
  return {
    state: 'failed',
    sentence: mistake?.sentence ?? `Wanted for ${id}: ${wanted}. It is ${seen}.`,
    ...(mistake === undefined ? {} : { mistake: mistake.id }),
    wanted: `${id}: ${wanted}`,
    seen,
  }
}

type Expectation = CheckOf<'resource'>['expect']

function meets(expect: Expectation, object: AnyKubeObject | undefined): boolean {
  switch (expect.kind) {
    case 'exists':
      return object !== undefined
    case 'absent':
      return object === undefined
    case 'condition':
      return conditionOf(object, expect.type) === expect.status
    case 'field':
      return object !== undefined && isEqual(fieldOf(object, expect.path), expect.value)
  }
}

function conditionOf(object: AnyKubeObject | undefined, type: string): string | undefined {
  const conditions = valueAt(object, 'status.conditions')
  if (!Array.isArray(conditions)) return undefined
  const condition: unknown = conditions.find((one: unknown) => valueAt(one, 'type') === type)
  const status = valueAt(condition, 'status')
  return typeof status === 'string' ? status : undefined
}

/** Labels and annotations have dots in their keys: the rest of the path is one key there. */
function fieldOf(object: AnyKubeObject, path: string): unknown {
  const match = /^(metadata\.(?:labels|annotations)|spec\.selector)\.(.+)$/.exec(path)
  const [, parent, key] = match ?? []
  if (parent === undefined || key === undefined) return valueAt(object, path)
  const map = valueAt(object, parent)
  const own = Object.entries(map ?? {}).find(([name]) => name === key)
  return own === undefined ? valueAt(object, path) : own[1]
}

function wantedText(expect: Expectation): string {
  switch (expect.kind) {
    case 'exists':
      return 'it exists'
    case 'absent':
      return 'it is gone'
    case 'condition':
      return `condition ${expect.type} is ${expect.status}`
    case 'field':
      return `${expect.path} is ${JSON.stringify(expect.value)}`
  }
}

function seenText(expect: Expectation, object: AnyKubeObject | undefined): string {
  if (object === undefined) return 'not there'
  switch (expect.kind) {
    case 'exists':
    case 'absent':
      return 'still there'
    case 'condition':
      return conditionOf(object, expect.type) ?? 'without that condition'
    case 'field': {
      const value = fieldOf(object, expect.path)
      return value === undefined ? 'not set' : JSON.stringify(value)
    }
  }
}
