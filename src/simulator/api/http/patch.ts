import type { KindInfo } from '../../../kube/kinds.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { ServedKind } from '../kinds/served-kind.ts'
import { jsonPatch } from '../patch/json-patch.ts'
import { mergePatch } from '../patch/merge-patch.ts'
import { strategicMergePatch } from '../patch/strategic-merge-patch.ts'
import { readBody } from '../read-body.ts'
import type { ApiRequest } from '../request.ts'
import { isPlainObject } from '../schema/decode.ts'
import type { StructType } from '../schema/schema.ts'
import { errors } from '../status.ts'

export const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
] as const
export type PatchType = (typeof PATCH_TYPES)[number]

/**
 * The kind of a PATCH by its content type.
 * @throws ApiError 415
 */
export function patchTypeOf(request: ApiRequest, served?: ServedKind): PatchType {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim()
  // Only Go types say how their lists merge.
  const known =
    served?.openApi === undefined
      ? PATCH_TYPES
      : PATCH_TYPES.filter((name) => name !== 'application/strategic-merge-patch+json')
  const found = known.find((name) => name === type)
  if (found === undefined) throw errors.unsupportedMediaType(known)
  return found
}

/**
 * The body of a PATCH.
 * @throws ApiError 400, 413
 */
export async function patchBodyOf(request: ApiRequest, type: PatchType, info: KindInfo) {
  // Of a strategic merge patch the server tells the decoder's words alone.
  const refuse = (why: string) =>
    errors.badRequest(
      type === 'application/strategic-merge-patch+json' ? why : `error decoding patch: ${why}`,
    )
  const body = await readBody(request.body, type, info.kind, refuse)
  if (type !== 'application/json-patch+json' && !isPlainObject(body.value)) {
    throw refuse(
      `json: cannot unmarshal ${Array.isArray(body.value) ? 'array' : typeof body.value} into Go value of type map[string]interface {}`,
    )
  }
  return body
}

/** The object after a JSON, merge or strategic merge patch; not yet decoded or validated. */
export function applyPatchTo(
  object: AnyKubeObject,
  struct: StructType,
  type: Exclude<PatchType, 'application/apply-patch+yaml'>,
  patch: unknown,
): unknown {
  switch (type) {
    case 'application/json-patch+json':
      return jsonPatch(object, patch)
    case 'application/merge-patch+json':
      return mergePatch(object, patch)
    case 'application/strategic-merge-patch+json':
      return strategicMergePatch(struct, object, patch)
  }
}
