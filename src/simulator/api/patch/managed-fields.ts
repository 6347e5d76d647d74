import type { AnyKubeObject } from '../../../kube/objects.ts'

export interface Writer {
  readonly manager: string
  /** RFC 3339. */
  readonly time: string
  readonly subresource?: string
}

/** TEMPORARY first version. */
export function withManager(
  _previous: AnyKubeObject | undefined,
  object: AnyKubeObject,
  _writer: Writer,
): AnyKubeObject {
  return object
}
