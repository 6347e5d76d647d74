import type { AnyKubeObject } from '../../../kube/objects.ts'
import { sameJson } from '../../../kube/same-json.ts'
import type { ServedKind } from '../kinds/served-kind.ts'
import { isPlainObject } from '../schema/decode.ts'
import { ApiError } from '../status.ts'
import { type FieldPath, fieldValuesOf } from './field-set.ts'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/**
 * The fields that `kubectl apply --server-side` takes over from `kubectl apply` without a conflict: those of the last-applied
 * annotation that the object still has as they are there. Models apimachinery's lastappliedmanager.go.
 *
 * @param live the stored object in the version that is applied
 */
export function lastAppliedFields(
  live: AnyKubeObject,
  { decode, struct }: Pick<ServedKind, 'decode' | 'struct'>,
): ReadonlySet<FieldPath> {
  const given = parsed(live.metadata.annotations?.[LAST_APPLIED])
  if (given === undefined || given.apiVersion !== live.apiVersion) return new Set()
  try {
    const { value } = decode(given)
    const { metadata } = value
    const applied: AnyKubeObject = {
      ...value,
      apiVersion: live.apiVersion,
      kind: live.kind,
      metadata: { ...(isPlainObject(metadata) ? metadata : {}), name: live.metadata.name },
    }
    const now = fieldValuesOf(live, struct, 'applied')
    const fields = [...fieldValuesOf(applied, struct, 'applied')]
    return new Set(
      fields.filter(([path, own]) => sameJson(now.get(path), own)).map(([path]) => path),
    )
  } catch (error) {
    // An annotation that is no object of this kind gives nothing over.
    if (error instanceof ApiError) return new Set()
    throw error
  }
}

/**
 * The object with what kubectl applied in its last-applied annotation, where it has one: so `kubectl apply` can go on after
 * `kubectl apply --server-side`. Models apimachinery's lastappliedupdater.go.
 */
export function withLastApplied(object: AnyKubeObject, applied: AnyKubeObject): AnyKubeObject {
  const { annotations = {} } = object.metadata
  if ((annotations[LAST_APPLIED] ?? '') === '') return object
  const { managedFields: _owners, annotations: own, ...metadata } = applied.metadata
  const { [LAST_APPLIED]: _before, ...others } = own ?? {}
  const shown = {
    ...applied,
    metadata: { ...metadata, ...(own === undefined ? {} : { annotations: others }) },
  }
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { ...annotations, [LAST_APPLIED]: `${goJson(shown)}\n` },
    },
  }
}

/** JSON as Go writes maps: keys in order, and the signs of HTML as escapes. */
function goJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isPlainObject(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  ).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function parsed(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (text === undefined || text === '') return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isPlainObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
