import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { Writer } from './managed-fields.ts'
import { mergePatch } from './merge-patch.ts'

/** TEMPORARY first version. */
export function applyTo(
  previous: AnyKubeObject | undefined,
  applied: AnyKubeObject,
  _options: Writer & { readonly force: boolean },
): AnyKubeObject {
  return mergePatch(previous, applied) as AnyKubeObject
}
