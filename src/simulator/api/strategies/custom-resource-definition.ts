import type {
  CustomResourceDefinition,
  CustomResourceVersion,
  JsonSchema,
  PrinterColumn,
} from '../../../kube/custom-resource-definition.ts'
import { dnsSubdomainProblems } from '../../../kube/label-validation.ts'
import type { KubeObject, ObjectMeta } from '../../../kube/objects.ts'
import { sameJson } from '../../../kube/same-json.ts'
import { type FieldError, fieldError } from '../validation/field-error.ts'
import { GoText } from '../validation/go-value.ts'
import { immutableErrors } from '../validation/meta.ts'
import { dns1035LabelProblems } from '../validation/names.ts'
import type { Strategy } from './strategy.ts'

const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io'

/** Models pkg/registry/customresourcedefinition and apis/apiextensions/validation of k8s.io/apiextensions-apiserver. */
export const customResourceDefinitionStrategy: Strategy = {
  nameRule: 'subdomain',
  freeFinalizers: true,
  counted: true,
  deletionFinalizers: [CLEANUP],
  defaults: (object) => {
    const { spec } = definitionOf(object)
    const { kind = '' } = spec.names ?? {}
    return {
      ...object,
      spec: {
        ...spec,
        conversion: spec.conversion ?? { strategy: 'None' },
        names: {
          ...spec.names,
          singular: spec.names?.singular ?? kind.toLowerCase(),
          listKind: spec.names?.listKind ?? (kind === '' ? '' : `${kind}List`),
        },
      },
    }
  },
  initialStatus: (object) => ({
    acceptedNames: { kind: '', plural: '' },
    conditions: null,
    storedVersions: storageVersions(definitionOf(object)),
  }),
  prepareUpdate: (object, previous) => {
    const before = definitionOf(previous)
    const stored = before.status?.storedVersions ?? []
    const added = storageVersions(definitionOf(object)).filter((name) => !stored.includes(name))
    if (added.length === 0) return object
    return Object.assign({}, object, {
      status: { ...before.status, storedVersions: [...stored, ...added] },
    })
  },
  validate: (object, previous) => {
    const { metadata, spec } = definitionOf(object)
    const name = `${spec.names?.plural ?? ''}.${spec.group ?? ''}`
    return [
      ...(metadata.name === name
        ? []
        : [
            fieldError.invalid(
              'metadata.name',
              metadata.name,
              'must be spec.names.plural+"."+spec.group',
            ),
          ]),
      ...specErrors(spec),
      ...storedVersionErrors(definitionOf(object)),
      ...approvalErrors(metadata, previous?.metadata, spec.group ?? ''),
    ]
  },
  validateUpdate: (object, previous) => {
    const { spec } = definitionOf(object)
    const before = definitionOf(previous)
    const isEstablished = before.status?.conditions?.some(
      ({ type, status }) => type === 'Established' && status === 'True',
    )
    if (isEstablished !== true) return []
    return [
      ...immutableErrors('spec.scope', spec.scope, before.spec.scope),
      ...immutableErrors('spec.names.kind', spec.names?.kind, before.spec.names?.kind),
      ...immutableErrors('spec.group', spec.group, before.spec.group),
      ...immutableErrors('spec.names.plural', spec.names?.plural, before.spec.names?.plural),
    ]
  },
  warnings: (object) => {
    const versions = definitionOf(object).spec.versions ?? []
    const rules = versions.filter(({ schema }) => hasRules(schema?.openAPIV3Schema))
    return rules.map(
      ({ name }) =>
        `the rules in x-kubernetes-validations of version ${name} are stored and never checked (a limit of the simulated cluster)`,
    )
  },
}

/** Decoded by its schema before it comes here, so its kind tells its type. */
function definitionOf(object: KubeObject): CustomResourceDefinition {
  return object as CustomResourceDefinition
}

function storageVersions({ spec }: CustomResourceDefinition): readonly string[] {
  return (spec.versions ?? []).filter(({ storage }) => storage === true).map(({ name }) => name)
}

function specErrors(spec: CustomResourceDefinition['spec']): readonly FieldError[] {
  const { group = '', scope = '', names = {}, versions = [], conversion } = spec
  const found: FieldError[] = []
  if (group === '') found.push(fieldError.required('spec.group'))
  else {
    const problems = dnsSubdomainProblems(group)
    if (problems.length > 0) found.push(fieldError.invalid('spec.group', group, problems.join(',')))
    else if (!group.includes('.')) {
      found.push(
        fieldError.invalid('spec.group', group, 'should be a domain with at least one dot'),
      )
    }
  }
  if (scope === '') found.push(fieldError.required('spec.scope'))
  else if (scope !== 'Cluster' && scope !== 'Namespaced') {
    found.push(fieldError.notSupported('spec.scope', scope, ['Cluster', 'Namespaced']))
  }
  found.push(...versionsErrors(versions))
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    found.push(
      fieldError.invalid(
        'spec.versions',
        goVersions(versions),
        'must contain unique version names',
      ),
    )
  }
  if (versions.filter(({ storage }) => storage === true).length !== 1) {
    found.push(
      fieldError.invalid(
        'spec.versions',
        goVersions(versions),
        'must have exactly one version marked as storage version',
      ),
    )
  }
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) {
    const name = names[field] ?? ''
    if (name === '' && field !== 'singular' && field !== 'listKind') {
      found.push(fieldError.required(`spec.names.${field}`))
      continue
    }
    // Kinds are labels but for their capitals.
    const problems =
      name === '' ? [] : dns1035LabelProblems(field.endsWith('ind') ? name.toLowerCase() : name)
    if (problems.length > 0) {
      found.push(fieldError.invalid(`spec.names.${field}`, name, problems.join(',')))
    }
  }
  if (names.kind !== undefined && names.kind !== '' && names.kind === names.listKind) {
    found.push(
      fieldError.invalid(
        'spec.names.listKind',
        names.listKind,
        'kind and listKind may not be the same',
      ),
    )
  }
  const strategy = conversion?.strategy ?? 'None'
  if (strategy === 'Webhook') {
    found.push(
      fieldError.forbidden(
        'spec.conversion.strategy',
        'conversion webhooks are not simulated (a limit of the simulated cluster)',
      ),
    )
  } else if (strategy !== 'None') {
    found.push(fieldError.notSupported('spec.conversion.strategy', strategy, ['None', 'Webhook']))
  }
  return found
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string']

/**
 * The server keeps what all versions have alike once, above them, and that is where its errors are: a definition of one version has
 * its schema at `spec.validation`. Models the conversion of pkg/apis/apiextensions/v1.
 */
function versionsErrors(versions: readonly CustomResourceVersion[]): readonly FieldError[] {
  const found: FieldError[] = []
  const shared = sharedParts(versions)
  const [first] = versions
  for (const [index, { name, schema }] of versions.entries()) {
    if (schema?.openAPIV3Schema === undefined) {
      const at = `spec.versions[${index}].schema.openAPIV3Schema`
      found.push(fieldError.required(at, 'schemas are required'))
    }
    const problems = dns1035LabelProblems(name ?? '')
    if (problems.length > 0) {
      found.push(fieldError.invalid(`spec.versions[${index}].name`, name ?? '', problems.join(',')))
    }
  }
  for (const [index, version] of versions.entries()) {
    const at = `spec.versions[${index}]`
    if (!shared.schema) found.push(...schemaErrors(version, `${at}.schema`))
    if (!shared.subresources) found.push(...scalePathErrors(version, `${at}.subresources`))
    if (!shared.columns) found.push(...columnErrors(version, `${at}.additionalPrinterColumns`))
  }
  if (first === undefined) return found
  if (shared.schema) found.push(...schemaErrors(first, 'spec.validation'))
  if (shared.subresources) found.push(...scalePathErrors(first, 'spec.subresources'))
  if (shared.columns) found.push(...columnErrors(first, 'spec.additionalPrinterColumns'))
  return found
}

function sharedParts(versions: readonly CustomResourceVersion[]) {
  const isAlike = (part: (version: CustomResourceVersion) => unknown) =>
    versions.every((version) =>
      sameJson(part(version) ?? null, part(versions[0] ?? version) ?? null),
    )
  return {
    schema: isAlike(({ schema }) => schema),
    subresources: isAlike(({ subresources }) => subresources),
    columns: isAlike(({ additionalPrinterColumns }) => additionalPrinterColumns),
    selectable: isAlike(({ selectableFields }) => selectableFields),
  }
}

function schemaErrors(version: CustomResourceVersion, at: string): readonly FieldError[] {
  const schema = version.schema?.openAPIV3Schema
  if (schema === undefined) return []
  const place = `${at}.openAPIV3Schema`
  const found: FieldError[] = []
  if (schema.type === undefined || schema.type === '') {
    found.push(fieldError.required(`${place}.type`, 'must not be empty at the root'))
  } else if (schema.type !== 'object') {
    found.push(fieldError.invalid(`${place}.type`, schema.type, 'must be object at the root'))
  }
  return [...found, ...structuralErrors(schema, place, true)]
}

function columnErrors(version: CustomResourceVersion, at: string): readonly FieldError[] {
  const found: FieldError[] = []
  for (const [index, column] of (version.additionalPrinterColumns ?? []).entries()) {
    const place = `${at}[${index}]`
    const words = `must be one of ${COLUMN_TYPES.join(',')}`
    if (!column.name) found.push(fieldError.required(`${place}.name`))
    if (!column.type) found.push(fieldError.required(`${place}.type`, words))
    else if (!COLUMN_TYPES.includes(column.type)) {
      found.push(fieldError.invalid(`${place}.type`, column.type, words))
    }
    if (!column.jsonPath) found.push(fieldError.required(`${place}.jsonPath`))
  }
  return found
}

function scalePathErrors(version: CustomResourceVersion, at: string): readonly FieldError[] {
  const { scale } = version.subresources ?? {}
  if (scale === undefined) return []
  const found: FieldError[] = []
  for (const [field, prefix] of [
    ['specReplicasPath', '.spec.'],
    ['statusReplicasPath', '.status.'],
  ] as const) {
    const place = `${at}.scale.${field}`
    const path = scale[field] ?? ''
    if (path === '') found.push(fieldError.required(place))
    else if (!path.startsWith(prefix)) {
      const words = `should be a json path under ${prefix.slice(0, -1)}`
      found.push(fieldError.invalid(place, path, words))
    }
  }
  return found
}

/** ValidateCustomResourceDefinitionStoredVersions. */
function storedVersionErrors({ spec, status }: CustomResourceDefinition): readonly FieldError[] {
  const at = 'status.storedVersions'
  const stored = status?.storedVersions ?? []
  if (stored.length === 0) {
    const none = new GoText('[]string(nil)')
    return [fieldError.invalid(at, none, 'must have at least one stored version')]
  }
  const names = (spec.versions ?? []).map(({ name }) => name)
  return stored.flatMap((name, index) =>
    names.includes(name)
      ? []
      : [fieldError.invalid(`${at}[${index}]`, name, 'must appear in spec.versions')],
  )
}

const APPROVED = 'api-approved.kubernetes.io'
const ENHANCEMENT = 'see https://github.com/kubernetes/enhancements/pull/1111'

/** Groups of Kubernetes itself need an approval: validateAPIApproval. Who was without one may stay so. */
function approvalErrors(
  metadata: ObjectMeta,
  previous: ObjectMeta | undefined,
  group: string,
): readonly FieldError[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return []
  const stateOf = (value: string) =>
    value === ''
      ? 'missing'
      : value.startsWith('unapproved')
        ? 'bypassed'
        : /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(value)
          ? 'approved'
          : 'invalid'
  const value = metadata.annotations?.[APPROVED] ?? ''
  const state = stateOf(value)
  if (previous !== undefined && stateOf(previous.annotations?.[APPROVED] ?? '') === state) return []
  const at = `metadata.annotations[${APPROVED}]`
  const words = `protected groups must have approval annotation "${APPROVED}"`
  if (state === 'missing') return [fieldError.required(at, `${words}, ${ENHANCEMENT}`)]
  return state === 'invalid'
    ? [
        fieldError.invalid(
          at,
          value,
          `${words} with either a URL or a reason starting with "unapproved", ${ENHANCEMENT}`,
        ),
      ]
    : []
}

/** The versions as Go prints them. What is behind a pointer it does not show, but the pointer, which is another one each time. */
function goVersions(versions: readonly CustomResourceVersion[]): GoText {
  const shared = sharedParts(versions)
  const pointer = (type: string, value: unknown, isShared: boolean) =>
    `(*${type})(${value === undefined || isShared ? 'nil' : '0xc000000000'})`
  const texts = versions.map((version) => {
    const columns = version.additionalPrinterColumns ?? []
    const selectable = version.selectableFields ?? []
    return `apiextensions.CustomResourceDefinitionVersion{${[
      `Name:${JSON.stringify(version.name)}`,
      `Served:${version.served === true}`,
      `Storage:${version.storage === true}`,
      `Deprecated:${version.deprecated === true}`,
      `DeprecationWarning:${pointer('string', version.deprecationWarning, false)}`,
      `Schema:${pointer('apiextensions.CustomResourceValidation', version.schema, shared.schema)}`,
      `Subresources:${pointer('apiextensions.CustomResourceSubresources', version.subresources, shared.subresources)}`,
      `AdditionalPrinterColumns:${goColumns(shared.columns ? [] : columns)}`,
      `SelectableFields:${goSelectable(shared.selectable ? [] : selectable)}`,
    ].join(', ')}}`
  })
  return new GoText(`[]apiextensions.CustomResourceDefinitionVersion{${texts.join(', ')}}`)
}

function goColumns(columns: readonly PrinterColumn[]): string {
  const type = 'apiextensions.CustomResourceColumnDefinition'
  if (columns.length === 0) return `[]${type}(nil)`
  const texts = columns.map(
    ({ name, type: own, format = '', description = '', priority = 0, jsonPath }) =>
      `${type}{Name:${JSON.stringify(name)}, Type:${JSON.stringify(own)}, Format:${JSON.stringify(format)}, Description:${JSON.stringify(description)}, Priority:${priority}, JSONPath:${JSON.stringify(jsonPath)}}`,
  )
  return `[]${type}{${texts.join(', ')}}`
}

function goSelectable(fields: readonly { readonly jsonPath: string }[]): string {
  const type = 'apiextensions.SelectableField'
  if (fields.length === 0) return `[]${type}(nil)`
  return `[]${type}{${fields.map(({ jsonPath }) => `${type}{JSONPath:${JSON.stringify(jsonPath)}}`).join(', ')}}`
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']

/** What makes a schema structural: pkg/apiserver/schema/validation.go. */
function structuralErrors(schema: JsonSchema, at: string, isRoot = false): readonly FieldError[] {
  const found: FieldError[] = []
  const { type = '', items, properties = {}, additionalProperties } = schema
  const isLoose =
    schema['x-kubernetes-int-or-string'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true
  if (type === '') {
    if (!isLoose && !isRoot) {
      found.push(fieldError.required(`${at}.type`, 'must not be empty for specified object fields'))
    }
  } else if (!TYPES.includes(type)) {
    found.push(fieldError.notSupported(`${at}.type`, type, TYPES))
  }
  if (type === 'array' && items === undefined) {
    found.push(fieldError.required(`${at}.items`, 'must be specified'))
  }
  if (items !== undefined) found.push(...structuralErrors(items, `${at}.items`))
  for (const [name, inner] of Object.entries(properties)) {
    if (isRoot && ['apiVersion', 'kind', 'metadata'].includes(name)) continue
    found.push(...structuralErrors(inner, `${at}.properties[${name}]`))
  }
  if (typeof additionalProperties === 'object') {
    if (Object.keys(properties).length > 0) {
      found.push(
        fieldError.forbidden(
          `${at}.additionalProperties`,
          'additionalProperties and properties are mutual exclusive',
        ),
      )
    }
    found.push(...structuralErrors(additionalProperties, `${at}.additionalProperties`))
  }
  return found
}

function hasRules(schema: JsonSchema | undefined): boolean {
  if (schema === undefined) return false
  const { additionalProperties, items, properties = {} } = schema
  return (
    (schema['x-kubernetes-validations'] ?? []).length > 0 ||
    hasRules(items) ||
    (typeof additionalProperties === 'object' && hasRules(additionalProperties)) ||
    Object.values(properties).some(hasRules)
  )
}
