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

/** `?dryRun=All`. */
export function dryRunOf(query: URLSearchParams): boolean {
  const values = query.getAll('dryRun').filter((value) => value !== '')
  for (const value of values) {
    if (value !== 'All') {
      throw errors.badRequest(
        `invalid query parameter dryRun: Unsupported value: ${JSON.stringify(value)}: supported values: "All"`,
      )
    }
  }
  return values.length > 0
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
    throw errors.badRequest(`unable to parse requirement: ${error.message}`)
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
          info.kind === 'Pod' || info.group !== ''
            ? `field label not supported: ${field}`
            : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
        )
      }
    }
    return selector
  } catch (error) {
    if (!(error instanceof FieldSelectorSyntaxError)) throw error
    throw errors.badRequest(error.message)
  }
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
