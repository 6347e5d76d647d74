// Writes the three generated tables of src/simulator/api/schema/ from the published sources of Kubernetes (Apache-2.0):
//
//   kube-types.ts       what a field is: type, pointer, omitempty, list keys. Drives decoding, patches and server-side apply.
//   protobuf-fields.ts  the number of each field on the wire. Loaded when the first protobuf body comes.
//   openapi-schemas.ts  the schemas of /openapi/v3, word for word, with the values of enumerations. Loaded when a client asks for them.
//
// Sources, all fetched by `go mod download` from the Go module proxy: api/openapi-spec/v3 of k8s.io/kubernetes for the schemas and its pkg/generated for enumerations; the
// types.go files of k8s.io/api, k8s.io/apimachinery and k8s.io/apiextensions-apiserver for what a schema does not say (Go types,
// omitempty, protobuf numbers). One release of all four.
//
// Run: node scripts/kube-types/generate.mjs && npx biome check --write src/simulator/api/schema
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addEnums } from './enums.mjs'
import { readGoTypes } from './go-types.mjs'
import { META, ROOTS } from './roots.mjs'

const RELEASE = '1.32.2'
const NOTICE = `Written by scripts/kube-types/generate.mjs from Kubernetes ${RELEASE}; do not edit. Copyright The Kubernetes Authors,
 * Apache-2.0.`

const directoryOf = (module, version) =>
  JSON.parse(execFileSync('go', ['mod', 'download', '-json', `${module}@${version}`])).Dir
const kubernetes = directoryOf('k8s.io/kubernetes', `v${RELEASE}`)
const sources = {
  'io.k8s.api': directoryOf('k8s.io/api', `v0.${RELEASE.slice(2)}`),
  'io.k8s.apimachinery': directoryOf('k8s.io/apimachinery', `v0.${RELEASE.slice(2)}`),
  'io.k8s.apiextensions-apiserver': directoryOf(
    'k8s.io/apiextensions-apiserver',
    `v0.${RELEASE.slice(2)}`,
  ),
}

/** Every published schema, by its full name. */
const schemas = {}
const specifications = join(kubernetes, 'api/openapi-spec/v3')
for (const file of readdirSync(specifications)) {
  const document = JSON.parse(readFileSync(join(specifications, file), 'utf8'))
  Object.assign(schemas, document.components?.schemas ?? {})
}

addEnums(schemas, join(kubernetes, 'pkg/generated/openapi/zz_generated.openapi.go'))

/** What the decoder reads as a scalar though Go has a struct. */
const SCALARS = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'quantity',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': 'any',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 'microtime',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 'time',
  'io.k8s.apimachinery.pkg.runtime.RawExtension': 'any',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'intstr',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': 'any',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray': 'any',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool': 'any',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray': 'any',
}

const refOf = (schema) => (schema.$ref ?? schema.allOf?.[0]?.$ref)?.split('/').at(-1)

/** Schemas that the roots reach, in order of their names. */
const reached = new Set()
const reach = (name) => {
  if (reached.has(name)) return
  if (schemas[name] === undefined) throw new Error(`no schema ${name}`)
  reached.add(name)
  const visit = (node) => {
    if (typeof node !== 'object' || node === null) return
    if (typeof node.$ref === 'string') reach(refOf(node))
    for (const inner of Object.values(node)) visit(inner)
  }
  visit(schemas[name])
}
for (const root of [...ROOTS, ...META]) reach(root)
const structs = [...reached].filter((name) => SCALARS[name] === undefined).sort()

/** `io.k8s.api.core.v1.Event` → `Event`, or `CoreV1Event` where two structs are called so. */
const goNameOf = (name) => name.split('.').at(-1)
const shortNames = new Map(
  structs.map((name) => {
    const [group, version, own] = name.split('.').slice(-3)
    const clash = structs.filter((other) => goNameOf(other) === own).length > 1
    const capital = (text) => text[0].toUpperCase() + text.slice(1)
    return [name, clash ? `${capital(group)}${capital(version)}${own}` : own]
  }),
)
if (new Set(shortNames.values()).size !== structs.length) throw new Error('names clash')

const goTypes = readGoTypes(structs, sources)

function typeOf(schema, goType) {
  const ref = refOf(schema)
  if (ref !== undefined) {
    const scalar = SCALARS[ref]
    if (scalar !== undefined) return scalar
    return `${schema['x-kubernetes-map-type'] === 'atomic' ? '!' : ''}${shortNames.get(ref)}`
  }
  if (schema.type === 'array') {
    const keys =
      schema['x-kubernetes-list-type'] === 'map'
        ? schema['x-kubernetes-list-map-keys'].join(',')
        : schema['x-kubernetes-list-type'] === 'set'
          ? '='
          : ''
    const merges = (schema['x-kubernetes-patch-strategy'] ?? '').split(',').includes('merge')
    const patch = merges ? (schema['x-kubernetes-patch-merge-key'] ?? '=') : ''
    const head = patch === '' ? keys : `${keys};${patch}`
    return `[${head}]${typeOf(schema.items, goType?.replace(/^\[\]/, ''))}`
  }
  if (schema.type === 'object') {
    if (schema.additionalProperties === undefined) return 'any'
    const atomic = schema['x-kubernetes-map-type'] === 'atomic' ? '!' : ''
    return `{${atomic}}${typeOf(schema.additionalProperties, goType?.replace(/^map\[\w+\]/, ''))}`
  }
  const named = goType?.includes('.') ? `=${goType}` : ''
  switch (schema.type) {
    case 'string':
      return schema.format === 'byte' ? 'bytes' : `string${named}`
    case 'integer':
      return schema.format === 'int32' ? 'int32' : 'int64'
    case 'number':
      return 'float64'
    case 'boolean':
      return 'bool'
    case undefined:
      return 'any'
  }
  throw new Error(`no type for ${JSON.stringify(schema)}`)
}

const types = {}
const numbers = {}
for (const name of structs) {
  const schema = schemas[name]
  const go = goTypes.get(name)
  const fields = Object.entries(schema.properties ?? {}).map(([field, property]) => {
    const own = go.fields.get(field)
    if (own === undefined) throw new Error(`${name}.${field} is not in types.go`)
    const flags = `${own.pointer ? '*' : ''}${own.omitempty ? '' : '+'}`
    return `${field}${flags}:${typeOf(property, own.type)}`
  })
  const atomic = schema['x-kubernetes-map-type'] === 'atomic' ? '! ' : ''
  types[shortNames.get(name)] = `${atomic}${fields.join(' ')}`
  numbers[shortNames.get(name)] = go.wire.join(' ')
}
/** Structs that are only nested in the wire format: their fields stand inline in JSON. */
for (const [name, wire] of goTypes.inlined) numbers[name] ??= wire.join(' ')

const kinds = {}
for (const name of ROOTS) {
  for (const { group, version, kind } of schemas[name]['x-kubernetes-group-version-kind'] ?? []) {
    const short = shortNames.get(name)
    if (short !== kind) kinds[`${group === '' ? version : `${group}/${version}`}/${kind}`] = short
  }
}

const target = (file) =>
  fileURLToPath(new URL(`../../src/simulator/api/schema/${file}`, import.meta.url))
const literal = (text) =>
  text.includes("'") && !text.includes('"')
    ? JSON.stringify(text)
    : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const record = (entries) =>
  Object.keys(entries)
    .sort()
    .map((key) => `  ${/^\w+$/.test(key) ? key : `'${key}'`}: ${literal(entries[key])},`)
    .join('\n')

writeFileSync(
  target('kube-types.ts'),
  `/**
 * ${NOTICE}
 *
 * The fields of each Go struct that the served kinds reach, \`name:type\`. Behind a name, \`*\` is a pointer in Go and \`+\` a field without
 * \`omitempty\`. Types are scalars, structs, \`{}T\` maps and \`[]T\` lists; in \`[a,b;c]T\`, a and b are the keys of a list that merges by key in
 * server-side apply, c the key of strategic merge patch, and \`=\` the item itself. \`!\` is replaced whole. \`string=v1.Protocol\` names the
 * Go type.
 */
export const KUBE_TYPES: Readonly<Record<string, string>> = {
${record(types)}
}

/** Structs of kinds whose name more than one group or version has: \`apiVersion/kind\` to struct. */
export const KIND_STRUCTS: Readonly<Record<string, string>> = {
${record(kinds)}
}
`,
)
writeFileSync(
  target('protobuf-fields.ts'),
  `/**
 * ${NOTICE}
 *
 * Protobuf numbers of the fields in kube-types.ts: \`name=number\`. \`^Struct=number\` is a message whose fields stand inline in JSON;
 * \`name=number:Type\` a field whose message is none of the tables.
 */
export const PROTOBUF_FIELDS: Readonly<Record<string, string>> = {
${record(numbers)}
}
`,
)
writeFileSync(
  target('openapi-schemas.ts'),
  `/**
 * ${NOTICE}
 *
 * The schemas of Kubernetes' published OpenAPI v3 documents that the served kinds reach, each as JSON.
 */
export const OPENAPI_SCHEMAS: Readonly<Record<string, string>> = {
${record(Object.fromEntries([...reached].map((name) => [name, JSON.stringify(schemas[name])])))}
}
`,
)
