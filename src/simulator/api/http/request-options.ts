import type { ApiRequest } from '../request.ts'
import { errors } from '../status.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'

type OptionsKind =
  | 'ListOptions'
  | 'CreateOptions'
  | 'UpdateOptions'
  | 'PatchOptions'
  | 'DeleteOptions'

/**
 * Refuses a request for what its query asks: the options are an object of meta.k8s.io, and are reported as one.
 * @throws ApiError 422 where anything was found
 */
export function refuseOptions(kind: OptionsKind, found: readonly FieldError[]): void {
  if (found.length === 0) return
  const info = {
    group: 'meta.k8s.io',
    version: 'v1',
    kind,
    plural: '',
    singular: '',
    shortNames: [],
    namespaced: false,
    categories: [],
    verbs: [],
    subresources: [],
  }
  throw errors.invalid(info, '', found)
}

/**
 * The query of a list or a watch: models ValidateListOptions of k8s.io/apimachinery pkg/apis/meta/internalversion.
 * @throws ApiError 422
 */
export function checkListOptions(
  query: URLSearchParams,
  options: { readonly watch: boolean },
): void {
  const at = 'resourceVersionMatch'
  const match = query.get(at) ?? ''
  const hasContinue = (query.get('continue') ?? '') !== ''
  const initial = query.get('sendInitialEvents')
  const found: FieldError[] = []
  const forbidden = (field: string, words: string) => {
    found.push(fieldError.forbidden(field, words))
  }
  if (options.watch) {
    if (initial !== null && match !== 'NotOlderThan') {
      forbidden(at, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
    }
    if (match !== '') {
      if (initial === null) {
        forbidden(
          at,
          'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
        )
      }
      if (match !== 'NotOlderThan') {
        found.push(fieldError.notSupported(at, match, ['NotOlderThan']))
      }
      if (hasContinue) forbidden(at, 'resourceVersionMatch is forbidden when continue is provided')
    }
  } else {
    const revision = query.get('resourceVersion') ?? ''
    if (match !== '') {
      if (revision === '') {
        forbidden(at, 'resourceVersionMatch is forbidden unless resourceVersion is provided')
      }
      if (hasContinue) forbidden(at, 'resourceVersionMatch is forbidden when continue is provided')
      if (match !== 'Exact' && match !== 'NotOlderThan') {
        found.push(fieldError.notSupported(at, match, ['Exact', 'NotOlderThan', '']))
      }
      if (match === 'Exact' && revision === '0') {
        forbidden(at, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
      }
    }
    if (initial !== null) {
      forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')
    }
  }
  refuseOptions('ListOptions', found)
}

const FIELD_VALIDATION = ['', 'Ignore', 'Strict', 'Warn']
const MANAGER_LIMIT = 128

/**
 * The query of a write: models Validate…Options of k8s.io/apimachinery pkg/apis/meta/v1/validation.
 * @throws ApiError 422
 */
export function checkWriteOptions(
  request: ApiRequest,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  patch?: { readonly isApply: boolean },
): void {
  const { query } = request
  const manager = query.get('fieldManager') ?? ''
  const validation = query.get('fieldValidation') ?? ''
  const found: FieldError[] = []
  if (patch?.isApply === true && manager === '') {
    found.push(fieldError.required('fieldManager', 'is required for apply patch'))
  }
  if (patch?.isApply === false && query.get('force') !== null) {
    found.push(fieldError.forbidden('force', 'may not be specified for non-apply patch'))
  }
  if (Buffer.byteLength(manager) > MANAGER_LIMIT) {
    found.push(fieldError.tooLong('fieldManager', MANAGER_LIMIT))
  }
  for (const [position, sign] of [...manager].entries()) {
    if (/[\p{C}\p{Zl}\p{Zp}]/u.test(sign)) {
      const code = (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
      found.push(
        fieldError.invalid(
          'fieldManager',
          manager,
          `invalid character U+${code} (at position ${position})`,
        ),
      )
    }
  }
  found.push(...dryRunErrors(query))
  if (!FIELD_VALIDATION.includes(validation)) {
    found.push(fieldError.notSupported('fieldValidation', validation, FIELD_VALIDATION))
  }
  refuseOptions(kind, found)
}

/** `?dryRun=` may be `All` and nothing else. */
export function dryRunErrors(query: URLSearchParams): readonly FieldError[] {
  const values = query.getAll('dryRun').filter((value) => value !== '')
  return values.every((value) => value === 'All')
    ? []
    : [fieldError.notSupported('dryRun', values, ['All'])]
}
