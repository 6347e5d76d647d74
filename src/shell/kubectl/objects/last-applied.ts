import type { AnyKubeObject } from '../../../kube/objects.ts'
import { toGoJsonLine } from '../print/go-json.ts'
import { isRecord } from '../values.ts'

/** Where client-side apply keeps what was applied last. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** The object with itself, less that annotation, written down in the annotation (`GetModifiedConfiguration`). */
export function withLastApplied(object: AnyKubeObject): AnyKubeObject {
  const { [LAST_APPLIED]: _old, ...annotations } = object.metadata.annotations ?? {}
  const plain = { ...object, metadata: { ...object.metadata, annotations } }
  const saved = `${toGoJsonLine(plain)}\n`
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...annotations, [LAST_APPLIED]: saved } },
  }
}

/** What was applied last, or `undefined` where the object was made another way. */
export function lastAppliedOf(object: AnyKubeObject): Record<string, unknown> | undefined {
  const saved = object.metadata.annotations?.[LAST_APPLIED]
  if (saved === undefined) return undefined
  try {
    const parsed: unknown = JSON.parse(saved)
    return isRecord(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}
