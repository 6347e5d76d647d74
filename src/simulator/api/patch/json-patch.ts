import fastJsonPatch, { type Operation } from 'fast-json-patch'
import { cloneJson } from '../json-value.ts'
import { isPlainObject } from '../schema/decode.ts'
import { ApiError, errors } from '../status.ts'

const OPERATIONS: ReadonlySet<unknown> = new Set([
  'add',
  'remove',
  'replace',
  'move',
  'copy',
  'test',
])
/** As k8s.io/apiserver: more operations than this are refused. */
const OPERATION_LIMIT = 10_000

/**
 * RFC 6902.
 * @throws ApiError 400 for a patch that cannot be read, 422 for one that cannot be applied
 */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) {
    throw errors.badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    )
  }
  if (patch.length > OPERATION_LIMIT) throw errors.tooManyOperations(OPERATION_LIMIT, patch.length)
  const operations = patch.map(readOperation)
  try {
    return fastJsonPatch.applyPatch(cloneJson(target), operations, true, true, true).newDocument
  } catch (error) {
    if (error instanceof ApiError) throw error
    throw errors.unprocessablePatch()
  }
}

function readOperation(entry: unknown): Operation {
  if (!isPlainObject(entry) || !OPERATIONS.has(entry.op)) {
    const op = isPlainObject(entry) ? String(entry.op ?? '') : ''
    throw errors.badRequest(`error decoding patch: unexpected kind: ${op === '' ? 'unknown' : op}`)
  }
  for (const field of ['path', 'from'] as const) {
    const value = entry[field]
    const needed = field === 'path' || entry.op === 'move' || entry.op === 'copy'
    if (needed && typeof value !== 'string') {
      throw errors.badRequest(`error decoding patch: ${field} must be a JSON pointer`)
    }
  }
  return {
    op: entry.op,
    path: entry.path,
    from: entry.from,
    value: cloneJson(entry.value),
  } as Operation
}
