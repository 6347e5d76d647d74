import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { FlagSpec, Flags } from '../flags.ts'
import { KubectlError, notInLab } from '../kubectl-error.ts'
import { isRecord, record, text } from '../values.ts'
import { mergePatch } from './merge-patch.ts'

export const OVERRIDE_FLAGS: readonly FlagSpec[] = [
  { name: 'overrides', type: 'string' },
  { name: 'override-type', type: 'string', default: 'merge', values: ['merge'] },
]

/** `--overrides`: a JSON merge patch over the object that kubectl made. @throws KubectlError */
export function applyOverrides(flags: Flags, object: AnyKubeObject): AnyKubeObject {
  const overrides = flags.string('overrides')
  if (overrides === '') return object
  const type = flags.string('override-type')
  if (type !== 'merge') {
    throw notInLab(`--override-type=${type}`, 'Use merge, its default.')
  }
  let patch: unknown
  try {
    patch = JSON.parse(overrides)
  } catch {
    throw new KubectlError('Invalid JSON Patch')
  }
  const merged = mergePatch(object, patch)
  if (!isRecord(merged)) throw new KubectlError('--overrides must be a JSON object')
  const metadata = record(merged.metadata)
  return {
    ...merged,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { ...metadata, name: text(metadata.name) },
  }
}
