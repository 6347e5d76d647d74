import { KINDS, type KindInfo } from '../../../kube/kinds.ts'
import { type ApiResponse, json } from '../request.ts'
import { type FieldType, fieldsOf, goName, structOf } from '../schema/schema.ts'

/** Changes with the tables: kubectl keeps a document on disk under its hash. */
const HASH = 'NETPOL-LAB-1'

function paths(): readonly string[] {
  return [...new Set(KINDS.map((info) => pathOf(info)))]
}

function pathOf(info: KindInfo): string {
  return info.group === '' ? `api/${info.version}` : `apis/${info.group}/${info.version}`
}

/** `/openapi/v3`: which documents there are. */
export function openApiIndex(): ApiResponse {
  return json(200, {
    paths: Object.fromEntries(
      paths().map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${HASH}` }]),
    ),
  })
}

/**
 * One document: for each kind the operations that kubectl looks for (a PATCH with `fieldValidation`, so that it leaves validation to
 * the server) and schemas of fields and types, for `kubectl explain`.
 */
export function openApiDocument(path: string): ApiResponse | undefined {
  const kinds = KINDS.filter((info) => pathOf(info) === path)
  if (kinds.length === 0) return undefined
  const schemas: Record<string, unknown> = {}
  for (const info of kinds) collect(structOf(info.kind), schemas, info)
  return json(
    200,
    {
      openapi: '3.0.0',
      info: { title: 'Kubernetes', version: 'v1.32.2' },
      paths: Object.fromEntries(kinds.map((info) => pathEntry(info))),
      components: { schemas },
    },
    { 'cache-control': 'public, immutable', etag: `"${HASH}"` },
  )
}

function pathEntry(info: KindInfo): [string, unknown] {
  const collection = `/${pathOf(info)}${info.namespaced ? '/namespaces/{namespace}' : ''}/${info.plural}`
  const gvk = { group: info.group, version: info.version, kind: info.kind }
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
    name,
    in: 'query',
    schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
  }))
  return [
    `${collection}/{name}`,
    {
      patch: {
        tags: [pathOf(info)],
        operationId: `patch${info.kind}`,
        parameters,
        responses: { '200': { description: 'OK' } },
        'x-kubernetes-action': 'patch',
        'x-kubernetes-group-version-kind': gvk,
      },
    },
  ]
}

function schemaName(struct: string): string {
  return `io.k8s.api.${goName(struct)}`
}

function collect(struct: string, schemas: Record<string, unknown>, info?: KindInfo): void {
  const name = schemaName(struct)
  if (Object.hasOwn(schemas, name)) return
  schemas[name] = {}
  const properties: Record<string, unknown> = {}
  for (const [field, type] of fieldsOf(struct) ?? []) properties[field] = schemaOf(type, schemas)
  schemas[name] = {
    type: 'object',
    properties,
    ...(info === undefined
      ? {}
      : {
          'x-kubernetes-group-version-kind': [
            { group: info.group, version: info.version, kind: info.kind },
          ],
        }),
  }
}

function schemaOf(type: FieldType, schemas: Record<string, unknown>): unknown {
  switch (type.type) {
    case 'list':
      return { type: 'array', items: schemaOf(type.items, schemas) }
    case 'map':
      return { type: 'object', additionalProperties: schemaOf(type.values, schemas) }
    case 'struct':
      collect(type.name, schemas)
      return { allOf: [{ $ref: `#/components/schemas/${schemaName(type.name)}` }] }
    case 'scalar':
      return scalarSchema(type.scalar)
  }
}

function scalarSchema(scalar: string): unknown {
  switch (scalar) {
    case 'int32':
    case 'int64':
      return { type: 'integer', format: scalar }
    case 'float64':
      return { type: 'number', format: 'double' }
    case 'bool':
      return { type: 'boolean' }
    case 'time':
    case 'microtime':
      return { type: 'string', format: 'date-time' }
    case 'intstr':
      return { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' }
    case 'bytes':
      return { type: 'string', format: 'byte' }
    case 'any':
      return { type: 'object' }
    default:
      return { type: 'string' }
  }
}
