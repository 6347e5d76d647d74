import { groupResource, type KindInfo } from '../../kube/kinds.ts'
import type { Status } from '../../kube/objects.ts'
import { type FieldError, fieldError } from './validation/field-error.ts'

/** A refusal by the API server; carries the `Status` that the client gets. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: Status
  /** Texts for `Warning` headers: what the request was warned of before it was refused. */
  readonly warnings: readonly string[]
  constructor(status: Status, warnings: readonly string[] = []) {
    super(status.message ?? status.reason ?? '')
    this.status = status
    this.warnings = warnings
  }
  get reason(): string {
    return this.status.reason ?? ''
  }
}

type Details = NonNullable<Status['details']>

function failure(code: number, reason: string, message: string, details?: Details): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  })
}

/** `details` of an error about one object: `kind` holds the plural, as Kubernetes does it. */
function about(info: Pick<KindInfo, 'group' | 'plural'>, name: string): Details {
  return {
    ...(name === '' ? {} : { name }),
    ...(info.group === '' ? {} : { group: info.group }),
    kind: info.plural,
  }
}

/** The refusals of k8s.io/apimachinery api/errors, word for word. */
export const errors = {
  notFound: (info: KindInfo, name: string) =>
    failure(404, 'NotFound', `${groupResource(info)} "${name}" not found`, about(info, name)),
  alreadyExists: (info: KindInfo, name: string) =>
    failure(
      409,
      'AlreadyExists',
      `${groupResource(info)} "${name}" already exists`,
      about(info, name),
    ),
  conflict: (info: KindInfo, name: string, why: string) =>
    failure(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${groupResource(info)} "${name}": ${why}`,
      about(info, name),
    ),
  forbidden: (
    info: Pick<KindInfo, 'group' | 'plural'>,
    name: string,
    why: string,
    causes?: Details['causes'],
  ) =>
    failure(403, 'Forbidden', `${forbiddenThing(info, name)} is forbidden: ${why}`, {
      ...about(info, name),
      ...(causes === undefined ? {} : { causes }),
    }),
  invalid: (info: KindInfo, name: string, found: readonly FieldError[]) =>
    invalid(info, name, found),
  forbiddenPath: (why: string) => failure(403, 'Forbidden', `forbidden: ${why}`, {}),
  badRequest: (message: string) => failure(400, 'BadRequest', message),
  unauthorized: () => failure(401, 'Unauthorized', 'Unauthorized'),
  /** A path that nothing is served at. */
  noSuchPath: () =>
    failure(404, 'NotFound', 'the server could not find the requested resource', {}),
  methodNotAllowed: () =>
    failure(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    ),
  /** A custom resource whose definition is being deleted. */
  definitionTerminating: (verb: string) =>
    failure(
      405,
      'MethodNotAllowed',
      `${verb} not allowed while custom resource definition is terminating`,
      {},
    ),
  notAcceptable: (accepted: readonly string[]) =>
    failure(
      406,
      'NotAcceptable',
      `only the following media types are accepted: ${accepted.join(', ')}`,
    ),
  unsupportedMediaType: (accepted: readonly string[]) =>
    failure(
      415,
      'UnsupportedMediaType',
      `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
    ),
  /** Something that Kubernetes has and the simulated cluster has not. */
  notSimulated: (code: 415 | 400 | 501, what: string) =>
    failure(
      code,
      code === 415 ? 'UnsupportedMediaType' : code === 400 ? 'BadRequest' : 'NotImplemented',
      `${what} (a limit of the simulated cluster)`,
    ),
  serviceUnavailable: (message: string) => failure(503, 'ServiceUnavailable', message),
  tooManyOperations: (limit: number, given: number) =>
    failure(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${limit}, got ${given}`,
    ),
  tooLarge: (limit: number) =>
    failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`),
  headersTooLarge: (limit: number) =>
    failure(431, 'BadRequest', `Request header fields too large: limit is ${limit}`),
  requestTimeout: () =>
    failure(408, 'Timeout', 'the request did not arrive within the time that this server waits'),
  /** A patch whose operations do not fit the object. Kubernetes does not say why. */
  unprocessablePatch: () =>
    failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {}),
  /** A patch that makes no object of the kind. */
  invalidPatch: (patch: string, why: string) => {
    const found = fieldError.invalid('patch', patch, why)
    const cause = { reason: found.reason, message: found.message, field: found.field }
    return failure(422, 'Invalid', ` "" is invalid: patch: ${found.message}`, { causes: [cause] })
  },
  /** @param token a continue token that goes on from there with the newest state */
  gone: (message: string, token?: string) => {
    const error = failure(410, 'Expired', message)
    return token === undefined
      ? error
      : new ApiError({ ...error.status, metadata: { continue: token } })
  },
  tooLargeResourceVersion: (wanted: number, current: number) =>
    failure(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    }),
  tooManyRequests: (
    message: string,
    retryAfterSeconds: number,
    causes?: NonNullable<Details['causes']>,
  ) =>
    failure(429, 'TooManyRequests', message, {
      ...(causes === undefined ? {} : { causes }),
      ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
    }),
  internal: (message: string) =>
    failure(500, 'InternalError', `Internal error occurred: ${message}`, {
      causes: [{ message }],
    }),
  /** Fields that other managers own (server-side apply). */
  applyConflict: (message: string, causes: NonNullable<Details['causes']>) =>
    failure(409, 'Conflict', message, { causes }),
}

/** `NewForbidden` names the object only where there is one. */
function forbiddenThing(info: Pick<KindInfo, 'group' | 'plural'>, name: string): string {
  return name === '' ? groupResource(info) : `${groupResource(info)} "${name}"`
}

/** `NewInvalid`: the causes joined as apimachinery's aggregate error joins them, doubles once. */
function invalid(info: KindInfo, name: string, found: readonly FieldError[]): ApiError {
  const messages = [...new Set(found.map((error) => `${error.field}: ${error.message}`))]
  const joined = messages.length === 1 ? messages[0] : `[${messages.join(', ')}]`
  const kind = info.group === '' ? info.kind : `${info.kind}.${info.group}`
  return failure(422, 'Invalid', `${kind} "${name}" is invalid: ${joined}`, {
    ...(name === '' ? {} : { name }),
    ...(info.group === '' ? {} : { group: info.group }),
    kind: info.kind,
    causes: found.map((error) => ({
      reason: error.reason,
      message: error.message,
      field: error.field,
    })),
  })
}
