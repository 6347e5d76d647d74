import { apiVersionOf, type KindInfo } from '../../../kube/kinds.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { statusError } from '../objects/delete.ts'
import { isRecord, type JsonRecord, record, records, strings, text } from '../values.ts'
import { wrapWords } from './wrap-words.ts'

/** Documentation of kinds and fields from the server's OpenAPI documents (`kubectl/pkg/explain/v2`). */
export const explainCommand: KubectlCommand = {
  name: 'explain',
  summary: 'Get documentation for a resource',
  usage: 'kubectl explain TYPE[.FIELD]... [--recursive]',
  words: 'kinds',
  flags: [
    { name: 'api-version', type: 'string' },
    { name: 'output', type: 'string', default: 'plaintext', values: ['plaintext'] },
    { name: 'recursive', type: 'bool' },
  ],
  run: runExplain,
}

async function runExplain(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  const [path, ...more] = positionals
  if (path === undefined) {
    throw new KubectlError(
      'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.',
    )
  }
  if (more.length > 0) {
    throw new KubectlError(
      `We accept only this format: explain RESOURCE\nSee 'kubectl explain -h' for help and examples`,
    )
  }
  const output = flags.string('output')
  if (output !== 'plaintext') throw new KubectlError(`unrecognized format: ${output}`)
  const [word = '', ...fields] = path.replace(/\.$/, '').split('.')
  const kind = await kindToExplain(context, word, flags.string('api-version'))
  const document = await readDocument(context, kind)
  context.out(
    [
      ...(kind.group === '' ? [] : [`GROUP:      ${kind.group}\n`]),
      `KIND:       ${kind.kind}\nVERSION:    ${kind.version}\n\n`,
    ].join(''),
  )
  let view: SchemaView = { schemas: document.schemas, schema: document.root }
  for (const field of fields) {
    const next = fieldsOf(view).find(([name]) => name === field)
    if (next === undefined) {
      throw new KubectlError(`field ${JSON.stringify(field)} does not exist`)
    }
    view = { ...view, schema: next[1] }
  }
  const last = fields.at(-1)
  if (last !== undefined) context.out(fieldHead(last, view))
  context.out(description(view))
  if (fieldsOf(view).length > 0) {
    context.out(`FIELDS:\n${flags.bool('recursive') ? fieldTree(view) : fieldList(view)}`)
  }
  context.out('\n')
  return 0
}

/** @throws KubectlError as kubectl words a kind that is not there */
async function kindToExplain(
  context: KubectlContext,
  word: string,
  apiVersion: string,
): Promise<KindInfo> {
  try {
    const kind = await context.kinds.typed(word)
    if (apiVersion === '' || apiVersionOf(kind) === apiVersion) return kind
  } catch (error) {
    throw error instanceof KubectlError ? new KubectlError(error.message, { plain: true }) : error
  }
  throw new KubectlError(`couldn't find resource for "${apiVersion}, Resource=${word}"`)
}

async function readDocument(context: KubectlContext, kind: KindInfo) {
  const place = kind.group === '' ? `api/${kind.version}` : `apis/${kind.group}/${kind.version}`
  const answer = await context.client.request({
    method: 'GET',
    path: `/openapi/v3/${place}`,
    signal: context.signal,
  })
  if (answer.status >= 400) throw statusError(answer.status, answer.body)
  const schemas = record(record(record(answer.body).components).schemas)
  const root = Object.values(schemas).find((schema) =>
    records(record(schema)['x-kubernetes-group-version-kind']).some(
      (one) =>
        one.kind === kind.kind && one.version === kind.version && text(one.group) === kind.group,
    ),
  )
  if (!isRecord(root)) {
    throw new KubectlError(
      `GVR (${kind.group}/${kind.version}, Resource=${kind.plural}) not found in OpenAPI schema`,
    )
  }
  return { schemas, root }
}

/** A schema among those of its document. */
interface SchemaView {
  readonly schemas: JsonRecord
  readonly schema: JsonRecord
}

function refOf(schema: JsonRecord): string {
  const [only] = records(schema.allOf)
  return (text(schema.$ref) || text(only?.$ref)).split('/').at(-1) ?? ''
}

/** The fields of a schema, of its items or of its values, each with its own schema. */
function fieldsOf({ schemas, schema }: SchemaView): readonly (readonly [string, JsonRecord])[] {
  const holder = holderOf(schemas, schema)
  return Object.entries(record(holder.properties))
    .map(([name, inner]) => [name, record(inner)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

function holderOf(schemas: JsonRecord, schema: JsonRecord): JsonRecord {
  const ref = refOf(schema)
  if (ref !== '') return holderOf(schemas, record(schemas[ref]))
  if (isRecord(schema.items)) return holderOf(schemas, schema.items)
  if (isRecord(schema.additionalProperties)) return holderOf(schemas, schema.additionalProperties)
  return schema
}

function requiredOf({ schemas, schema }: SchemaView): readonly string[] {
  return strings(holderOf(schemas, schema).required)
}

/** `[]NetworkPolicyPeer`, `map[string]string`, `integer`. */
function typeOf(schemas: JsonRecord, schema: JsonRecord): string {
  const ref = refOf(schema)
  if (ref !== '') {
    const inner = record(schemas[ref])
    const simple = text(inner.type)
    const named = ref.split('.').at(-1) ?? ref
    // Times are strings to whoever reads them.
    return simple === 'string' && text(inner.format) === 'date-time' ? 'string' : named
  }
  if (isRecord(schema.items)) return `[]${typeOf(schemas, schema.items)}`
  if (isRecord(schema.additionalProperties)) {
    return `map[string]${typeOf(schemas, schema.additionalProperties)}`
  }
  const type = text(schema.type)
  return type === '' || type === 'object' ? 'Object' : type
}

function fieldHead(name: string, { schemas, schema }: SchemaView): string {
  const values = enumOf(schema)
  const head = `FIELD: ${name} <${typeOf(schemas, schema)}>\n`
  if (values.length === 0) return `${head}\n\n`
  return `${head}ENUM:\n${values.map((value) => `    ${value}\n`).join('')}\n`
}

function enumOf(schema: JsonRecord): readonly string[] {
  return strings(schema.enum)
    .map((value) => (value === '' ? '""' : value))
    .sort()
}

const MOST_VALUES = 4

function enumLine(schema: JsonRecord, indent: string): string {
  const values = enumOf(schema)
  if (values.length === 0) return ''
  const more = values.length > MOST_VALUES ? ', ....' : ''
  return `${indent}enum: ${values.slice(0, MOST_VALUES).join(', ')}${more}\n`
}

/** The texts about a field and about its type, one below the other. */
function descriptionsOf(schemas: JsonRecord, schema: JsonRecord): readonly string[] {
  const own = text(schema.description)
  const ref = refOf(schema)
  const inner =
    ref !== ''
      ? descriptionsOf(schemas, record(schemas[ref]))
      : isRecord(schema.items)
        ? descriptionsOf(schemas, schema.items)
        : isRecord(schema.additionalProperties)
          ? descriptionsOf(schemas, schema.additionalProperties)
          : []
  return [...(own === '' ? [] : [own]), ...inner]
}

const WIDTH = 76

function indented(content: string): string {
  return wrapWords(content, WIDTH)
    .split('\n')
    .map((line) => `    ${line}\n`)
    .join('')
}

function description({ schemas, schema }: SchemaView): string {
  const texts = descriptionsOf(schemas, schema)
  if (texts.length === 0) return 'DESCRIPTION:\n    <empty>\n'
  return `DESCRIPTION:\n${texts.map(indented).join('')}    \n`
}

function fieldList(view: SchemaView): string {
  const required = requiredOf(view)
  const rows = fieldsOf(view).map(([name, schema]) => {
    const mark = required.includes(name) ? ' -required-' : ''
    const about = text(schema.description)
    return `  ${name}\t<${typeOf(view.schemas, schema)}>${mark}\n${enumLine(schema, '  ')}${indented(about === '' ? '<no description>' : about)}\n`
  })
  return `${rows.join('')}`
}

/** All fields below, each schema at most once on the way down. */
function fieldTree(view: SchemaView, indent = '  ', above: readonly string[] = []): string {
  const required = requiredOf(view)
  return fieldsOf(view)
    .map(([name, schema]) => {
      const mark = required.includes(name) ? ' -required-' : ''
      const head = `${indent}${name}\t<${typeOf(view.schemas, schema)}>${mark}\n${enumLine(schema, indent)}`
      const ref = innermostRef(schema)
      if (ref !== '' && above.includes(ref)) return head
      return head + fieldTree({ ...view, schema }, `${indent}  `, [...above, ref])
    })
    .join('')
}

function innermostRef(schema: JsonRecord): string {
  if (isRecord(schema.items)) return innermostRef(schema.items)
  if (isRecord(schema.additionalProperties)) return innermostRef(schema.additionalProperties)
  return refOf(schema)
}
