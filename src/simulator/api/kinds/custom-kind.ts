import type {
  CustomResourceDefinition,
  CustomResourceVersion,
  JsonSchema,
  PrinterColumn,
} from '../../../kube/custom-resource-definition.ts'
import { apiVersionOf, type KindInfo, type SubresourceInfo } from '../../../kube/kinds.ts'
import type { AnyKubeObject, KubeObject } from '../../../kube/objects.ts'
import { sameJson } from '../../../kube/same-json.ts'
import { finalizerWarnings } from '../strategies/finalizer-warnings.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { ageOf, type Cell, type Column, nameColumn } from '../tables/column.ts'
import type { FieldError } from '../validation/field-error.ts'
import { customSchema, customSchemaName } from './custom-open-api.ts'
import { firstAt, type JsonPath, parseJsonPath } from './json-path.ts'
import { decodeBySchema } from './prune.ts'
import { scaleSpecErrors, scaleStatusErrors } from './scale-errors.ts'
import { schemaErrors } from './schema-errors.ts'
import { structOfSchema } from './schema-type.ts'
import type { ScalePaths, ServedKind } from './served-kind.ts'

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']

/** What a definition adds: the version that is stored, and those that are served. Neither before it is established. */
export interface CustomKinds {
  readonly stored: ServedKind | undefined
  readonly served: readonly ServedKind[]
}

/**
 * What an established CustomResourceDefinition adds, the version that is stored first. Others are served without conversion, as
 * with the strategy `None`: they differ in `apiVersion` and in what their schema lets through.
 */
export function customKinds(definition: CustomResourceDefinition): CustomKinds {
  const isEstablished = definition.status?.conditions?.some(
    ({ type, status }) => type === 'Established' && status === 'True',
  )
  if (isEstablished !== true) return { stored: undefined, served: [] }
  const versions = [...(definition.spec.versions ?? [])].sort((a, b) =>
    compareVersions(a.name, b.name),
  )
  const storage = versions.find(({ storage }) => storage === true)
  if (storage === undefined) return { stored: undefined, served: [] }
  const storageVersion = apiVersionOf({ group: definition.spec.group ?? '', version: storage.name })
  const make = (version: CustomResourceVersion) => servedKind(definition, version, storageVersion)
  return {
    stored: make(storage),
    served: versions.filter(({ served }) => served === true).map(make),
  }
}

function servedKind(
  definition: CustomResourceDefinition,
  version: CustomResourceVersion,
  storageVersion: string,
): ServedKind {
  const { group = '', scope } = definition.spec
  const names = definition.status?.acceptedNames ?? definition.spec.names ?? {}
  const { kind = '', plural = '', singular = kind.toLowerCase() } = names
  const schema: JsonSchema = version.schema?.openAPIV3Schema ?? { type: 'object' }
  const { status, scale } = version.subresources ?? {}
  const info: KindInfo = {
    group,
    version: version.name,
    kind,
    plural,
    singular,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: scope === 'Namespaced',
    verbs: VERBS,
    subresources: [
      ...(status === undefined ? [] : [STATUS]),
      ...(scale === undefined ? [] : [SCALE]),
    ],
  }
  const apiVersion = apiVersionOf(info)
  const struct = structOfSchema(kind, schema)
  const decode: ServedKind['decode'] = (value, options) =>
    decodeBySchema({ kind, version: version.name }, schema, value, options)
  // What is stored may lack a default that came later, and hold what this version does not know: that is seen when it is read.
  const shown = new WeakMap<AnyKubeObject, AnyKubeObject>()
  return {
    stored: `${plural}.${group}`,
    info,
    struct,
    strategy: strategyOf(schema, { hasStatus: status !== undefined, version }),
    ...(isTerminating(definition) ? { isTerminating: true as const } : {}),
    columns: [nameColumn, ...columnsOf(version.additionalPrinterColumns)],
    listKind: names.listKind ?? `${kind}List`,
    itemsNameKind: true,
    decode,
    fromStorage: (object) => {
      let found = shown.get(object)
      if (found === undefined) {
        const read = renamed(decode(object).value, object, apiVersion)
        found = sameJson(read, object) ? object : read
        shown.set(object, found)
      }
      return found
    },
    toStorage: (object) =>
      object.apiVersion === storageVersion ? object : { ...object, apiVersion: storageVersion },
    ...(scale === undefined ? {} : { scalePaths: scalePathsOf(scale) }),
    ...(version.deprecated === true
      ? { warning: version.deprecationWarning ?? deprecationOf(definition, version) }
      : {}),
    openApi: {
      name: customSchemaName(info),
      schema: () => customSchema(info, schema),
    },
  }
}

function isTerminating({ status }: CustomResourceDefinition): boolean {
  return (status?.conditions ?? []).some(
    (condition) => condition.type === 'Terminating' && condition.status === 'True',
  )
}

/** Models defaultDeprecationWarning of pkg/apiserver/customresource_handler.go. */
function deprecationOf(
  { spec }: CustomResourceDefinition,
  { name }: CustomResourceVersion,
): string {
  const named = (version: string) => `${spec.group ?? ''}/${version} ${spec.names?.kind ?? ''}`
  const [better] = (spec.versions ?? [])
    .filter((other) => other.served === true && other.deprecated !== true)
    .map((other) => other.name)
    .filter((other) => compareVersions(other, name) < 0)
    .sort(compareVersions)
  return `${named(name)} is deprecated${better === undefined ? '' : `; use ${named(better)}`}`
}

const STATUS: SubresourceInfo = { name: 'status', verbs: ['get', 'patch', 'update'] }
const SCALE: SubresourceInfo = {
  name: 'scale',
  verbs: ['get', 'patch', 'update'],
  kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
}

function renamed(
  value: Readonly<Record<string, unknown>>,
  object: AnyKubeObject,
  apiVersion: string,
): AnyKubeObject {
  return { ...value, kind: object.kind, metadata: object.metadata, apiVersion }
}

function strategyOf(
  schema: JsonSchema,
  options: { readonly hasStatus: boolean; readonly version: CustomResourceVersion },
): Strategy {
  const content = (object: KubeObject): Record<string, unknown> => {
    const {
      apiVersion: _version,
      kind: _kind,
      metadata: _metadata,
      ...rest
    } = object as AnyKubeObject
    return rest
  }
  const selectable = (options.version.selectableFields ?? []).flatMap(({ jsonPath }) => {
    const path = parseJsonPath(jsonPath)
    return path === undefined ? [] : [[jsonPath.replace(/^\./, ''), path] as const]
  })
  const { scale } = options.version.subresources ?? {}
  return {
    nameRule: 'subdomain',
    freeFinalizers: true,
    statusKeepsMetadata: true,
    counted: true,
    ...(options.hasStatus
      ? {
          initialStatus: () => undefined,
          validateStatus: (object, previous) => [
            ...statusErrors(schema, content(object).status, content(previous).status),
            ...scaleStatusErrors(scale, object),
          ],
        }
      : { ownsStatus: true }),
    validate: (object, previous) => [
      ...(previous === undefined
        ? schemaErrors(schema, content(object), '')
        : schemaErrors(schema, content(object), '', content(previous))),
      ...scaleSpecErrors(scale, object),
      ...scaleStatusErrors(scale, object),
    ],
    warnings: finalizerWarnings,
    fields: (object) =>
      Object.fromEntries(
        selectable.map(([name, path]) => [name, fieldText(firstAt(path, object))]),
      ),
  }
}

/** The server looks at a status by itself, and names its fields without `status` in the sentence. */
function statusErrors(
  schema: JsonSchema,
  status: unknown,
  previous: unknown,
): readonly FieldError[] {
  const own = schema.properties?.status
  if (own === undefined || status === undefined) return []
  const found =
    previous === undefined ? schemaErrors(own, status, '') : schemaErrors(own, status, '', previous)
  return found.map((error) => ({
    ...error,
    field:
      error.field === '<nil>'
        ? error.field
        : error.field === ''
          ? 'status'
          : `status.${error.field}`,
  }))
}

function fieldText(value: unknown): string {
  return value === undefined || value === null ? '' : String(value)
}

const AGE: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
}

function columnsOf(columns: readonly PrinterColumn[] = []): readonly Column[] {
  const given = columns.length === 0 ? [AGE] : columns
  return given.map((column): Column => {
    const path = parseJsonPath(column.jsonPath)
    return {
      name: column.name,
      type: columnType(column.type),
      format: column.format ?? '',
      description:
        column.description ??
        `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
      ...(column.priority !== undefined && column.priority > 0 ? { wide: true } : {}),
      cell: (object, now) =>
        path === undefined ? null : cellOf(column.type, valueAt(path, object), now),
    }
  })
}

const COLUMN_TYPES = ['integer', 'number', 'string', 'boolean', 'date'] as const
function columnType(type: string): (typeof COLUMN_TYPES)[number] {
  return COLUMN_TYPES.find((known) => known === type) ?? 'string'
}

function valueAt(path: JsonPath, object: KubeObject): unknown {
  return firstAt(path, object)
}

/** `cellForJSONValue` of pkg/registry/customresource/tableconvertor. */
function cellOf(type: string, value: unknown, now: number): Cell {
  if (value === undefined || value === null) return null
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date': {
      if (typeof value !== 'string') return null
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : ageOf(value, now)
    }
    default:
      return typeof value === 'string' ? value : JSON.stringify(value)
  }
}

function scalePathsOf(scale: {
  readonly specReplicasPath?: string
  readonly statusReplicasPath?: string
  readonly labelSelectorPath?: string
}): ScalePaths {
  const fields = (text: string | undefined) => (text ?? '').split('.').filter((part) => part !== '')
  return {
    replicas: fields(scale.specReplicasPath),
    statusReplicas: fields(scale.statusReplicasPath),
    ...(scale.labelSelectorPath === undefined ? {} : { selector: fields(scale.labelSelectorPath) }),
  }
}

/** Kubernetes' order of versions: `v2`, `v1`, `v1beta2`, `v1beta1`, `v1alpha1`, then the rest by name. */
export function compareVersions(a: string, b: string): number {
  const parts = (text: string) => /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(text)
  const [left, right] = [parts(a), parts(b)]
  if (left === null || right === null) {
    if (left !== null) return -1
    if (right !== null) return 1
    return a < b ? -1 : a > b ? 1 : 0
  }
  const stage = (found: RegExpExecArray) =>
    found[2] === undefined ? 2 : found[2] === 'beta' ? 1 : 0
  return (
    stage(right) - stage(left) ||
    Number(right[1]) - Number(left[1]) ||
    Number(right[3] ?? 0) - Number(left[3] ?? 0)
  )
}
