import { apiVersionOf, type KindInfo } from '../../../kube/kinds.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import { type ApiContext, timestamp } from '../context.ts'
import type { ServedKind } from '../kinds/served-kind.ts'
import type { Writer } from '../patch/managed-fields.ts'
import { BODY_LIMIT, type Body, readBody } from '../read-body.ts'
import type { ApiRequest } from '../request.ts'
import { type DecodeOptions, handledAs, isPlainObject } from '../schema/decode.ts'
import { duplicateFields } from '../schema/duplicate-fields.ts'
import type { StructType } from '../schema/schema.ts'
import { type ApiError, errors } from '../status.ts'

/** An object of a request, decoded. */
export interface DecodedObject {
  readonly object: AnyKubeObject
  readonly warnings: readonly string[]
}

/** Who writes: `?fieldManager=`, else the first word of the User-Agent. */
function fieldManagerOf(request: ApiRequest): string {
  const given = request.query.get('fieldManager')
  if (given !== null && given !== '') return given
  return request.headers['user-agent']?.split('/')[0]?.slice(0, 128) || 'unknown'
}

/** The same, as `metadata.managedFields` names it. */
export function writerOf(request: ApiRequest, context: ApiContext, subresource?: string): Writer {
  return {
    manager: fieldManagerOf(request),
    time: timestamp(context.clock.now()),
    ...(subresource === undefined ? {} : { subresource }),
  }
}

const BODY_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']

/**
 * The value of a body that is JSON, YAML or protobuf.
 * @throws ApiError 400, 413, 415
 */
export async function bodyOf(request: ApiRequest, expected: string): Promise<Body> {
  const contentType = request.headers['content-type'] ?? 'application/json'
  const type = contentType.split(';')[0]?.trim() ?? ''
  if (type === 'application/vnd.kubernetes.protobuf') return protobufBodyOf(request, expected)
  if (!BODY_TYPES.includes(type) && type !== '') throw errors.unsupportedMediaType(BODY_TYPES)
  return readBody(request.body, type, expected)
}

async function protobufBodyOf(request: ApiRequest, expected: string): Promise<Body> {
  if (request.body.byteLength > BODY_LIMIT) throw errors.tooLarge(BODY_LIMIT)
  // The numbers of all fields are loaded when the first client needs them.
  const [{ decodeProtobuf }, { WireError }] = await Promise.all([
    import('../schema/decode-protobuf.ts'),
    import('../schema/wire-reader.ts'),
  ])
  try {
    // A message cannot name a field twice, nor one that nobody knows.
    return { value: decodeProtobuf(request.body), text: '{}' }
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    throw errors.badRequest(
      `the object provided is unrecognized (must be of type ${expected}): ${error.message}`,
    )
  }
}

/**
 * Reads the object of a POST or PUT as the kind that the path wants, with field validation.
 * @throws ApiError 400 as the decoder of an API server words it
 */
export function decodeObject(
  request: ApiRequest,
  served: ServedKind,
  value: unknown,
  text: string,
  options?: DecodeOptions,
): DecodedObject {
  const { info, struct } = served
  const { kind } = info
  if (!isPlainObject(value)) {
    throw errors.badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    )
  }
  const apiVersion = apiVersionOf(info)
  const given = { apiVersion: value.apiVersion ?? apiVersion, kind: value.kind ?? kind }
  if (given.apiVersion !== apiVersion) {
    throw errors.badRequest(
      `the API version in the data (${String(given.apiVersion)}) does not match the expected API version (${apiVersion})`,
    )
  }
  if (given.kind !== kind) {
    throw errors.badRequest(
      `${String(given.kind)} in version ${JSON.stringify(info.version)} cannot be handled as a ${kind}: no kind ${JSON.stringify(String(given.kind))} is served at this path`,
    )
  }
  const { value: decoded, unknownFields } = served.decode(value, options)
  const warnings = checkFields(request, kind, info.version, unknownFields, text)
  const metadata = isPlainObject(decoded.metadata) ? decoded.metadata : {}
  return {
    object: {
      ...withSpec(struct, decoded),
      apiVersion,
      kind,
      metadata: { ...metadata, name: textOf(metadata.name) },
    },
    warnings,
  }
}

/** A spec that was left out is an empty one, as in Go. */
export function withSpec(
  struct: StructType,
  decoded: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const spec = struct.fields.get('spec')
  // A pointer may be absent; a custom resource has no zero values at all.
  const hasSpec = spec !== undefined && !spec.pointer
  return hasSpec && decoded.spec === undefined ? { ...decoded, spec: {} } : { ...decoded }
}

/**
 * `?fieldValidation=`: Strict refuses unknown and duplicate fields, Warn (the default) names them, Ignore drops them.
 * @throws ApiError 400
 */
export function checkFields(
  request: ApiRequest,
  kind: string,
  version: string,
  unknownFields: readonly string[],
  text: string,
  refuse: (why: string) => ApiError = (why) => handledAs(kind, version, why),
): readonly string[] {
  const mode = request.query.get('fieldValidation') ?? ''
  if (mode === 'Ignore') return []
  const problems = [
    ...duplicateFields(text).map((field) => `duplicate field ${JSON.stringify(field)}`),
    ...unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`),
  ]
  if (mode === 'Strict' && problems.length > 0) {
    throw refuse(`strict decoding error: ${problems.join(', ')}`)
  }
  return problems
}

/**
 * Puts the namespace and name of the path on an object, or refuses where the object says something else.
 * @throws ApiError 400
 */
export function placeObject(
  object: AnyKubeObject,
  info: KindInfo,
  namespace: string | undefined,
  name: string | undefined,
): AnyKubeObject {
  const { namespace: own, ...rest } = object.metadata
  if (namespace !== undefined && own !== undefined && own !== namespace) {
    throw errors.badRequest(
      `the namespace of the provided object does not match the namespace sent on the request`,
    )
  }
  if (name !== undefined && rest.name !== '' && rest.name !== name) {
    throw errors.badRequest(
      `the name of the object (${rest.name}) does not match the name on the URL (${name})`,
    )
  }
  return {
    ...object,
    metadata: {
      ...rest,
      name: name ?? rest.name,
      ...(info.namespaced ? { namespace: namespace ?? own ?? 'default' } : {}),
    },
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
