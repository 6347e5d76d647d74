import { FieldSelectorSyntaxError, parseFieldSelector } from '../../../kube/field-selector.ts'
import { parseLabelSelector, SelectorSyntaxError } from '../../../kube/label-selector.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { ServedKind } from '../kinds/served-kind.ts'
import { errors } from '../status.ts'

/** Booleans in queries go by value: kubectl leaves false ones out, client-node writes `stdin=false`. */
export function booleanOf(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)
  return value !== null && !['false', '0', 'f', 'F', 'FALSE', 'False'].includes(value)
}

/**
 * A whole number of a query.
 * @throws ApiError 400
 */
export function numberOf(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null || value === '') return undefined
  if (!/^-?\d{1,18}$/.test(value)) {
    throw errors.badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`)
  }
  return Number(value)
}

/** `?dryRun=All`. Any other value was refused with the rest of the options. */
export function dryRunOf(query: URLSearchParams): boolean {
  return query.getAll('dryRun').includes('All')
}

/**
 * A resourceVersion of a query: absent and empty mean the newest state.
 * @throws ApiError 400
 */
export function revisionOf(query: URLSearchParams): number | undefined {
  const value = query.get('resourceVersion')
  if (value === null || value === '') return undefined
  if (!/^\d{1,15}$/.test(value)) {
    throw errors.badRequest(
      `Invalid value: ${JSON.stringify(value)}: strconv.ParseUint: parsing ${JSON.stringify(value)}: invalid syntax`,
    )
  }
  return Number(value)
}

/**
 * The test of `?labelSelector=` and `?fieldSelector=` together.
 * @throws ApiError 400 for a selector that cannot be read or a field that the kind does not offer
 */
export function selectionOf(
  query: URLSearchParams,
  served: ServedKind,
): { readonly selects: boolean; matches(object: AnyKubeObject): boolean } {
  const labels = query.get('labelSelector') ?? ''
  const fields = query.get('fieldSelector') ?? ''
  if (labels === '' && fields === '') return { selects: false, matches: () => true }
  const labelSelector = readLabels(labels)
  const fieldSelector = readFields(fields, served)
  return {
    selects: true,
    matches: (object) =>
      labelSelector.matches(object.metadata.labels) &&
      fieldSelector.matches((field) => fieldValues(served, object)[field] ?? ''),
  }
}

function readLabels(text: string) {
  try {
    return parseLabelSelector(text)
  } catch (error) {
    if (!(error instanceof SelectorSyntaxError)) throw error
    throw errors.badRequest(error.message)
  }
}

function readFields(text: string, served: ServedKind) {
  const { info } = served
  try {
    const selector = parseFieldSelector(text)
    const known = fieldValues(served, {
      apiVersion: '',
      kind: info.kind,
      metadata: { name: '' },
      spec: {},
    })
    for (const { field } of selector.requirements) {
      if (!Object.hasOwn(known, field)) {
        throw errors.badRequest(
          served.itemsNameKind
            ? `field label not supported: ${field}`
            : fieldRefusal(info.kind, field),
        )
      }
    }
    return selector
  } catch (error) {
    if (!(error instanceof FieldSelectorSyntaxError)) throw error
    throw errors.badRequest(error.message)
  }
}

/** Kinds whose own conversion of field labels refuses; the others share one text. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'Event',
  'Namespace',
  'Node',
  'Pod',
  'Secret',
  'Service',
])

function fieldRefusal(kind: string, field: string): string {
  if (OWN_FIELDS.has(kind)) return `field label not supported: ${field}`
  if (kind === 'Job') return `field label ${JSON.stringify(field)} not supported for Job`
  return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
}

function fieldValues(
  { info, strategy }: ServedKind,
  object: AnyKubeObject,
): Readonly<Record<string, string>> {
  return {
    'metadata.name': object.metadata.name,
    ...(info.namespaced ? { 'metadata.namespace': object.metadata.namespace ?? '' } : {}),
    ...strategy.fields?.(object),
  }
}
