import { groupKind, kindOf, parseApiVersion } from '../../../kube/kinds.ts'
import { KubectlError, notInLab } from '../kubectl-error.ts'
import { isRecord, record, records, text } from '../values.ts'
import { parseCustomColumns } from './custom-columns.ts'
import { toGoJson } from './go-json.ts'
import { toGoYaml } from './go-yaml.ts'
import { parseJsonPath } from './json-path.ts'

/** Prints one object, or one list, in the form that `-o` names. */
export type ObjectPrinter = (object: Record<string, unknown>) => string

const GET_FORMATS =
  'custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml'
const OTHER_FORMATS =
  'go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,yaml'

/**
 * The printer of an `-o` value, or `undefined` for the human forms (none, `wide`).
 *
 * @param options.operation what `name` and the human form of a changed object say: `created`
 * @param options.sortKeys `false` for objects that kubectl made itself
 * @throws KubectlError for a format that does not exist
 */
export function printerFor(
  output: string,
  options: {
    readonly forGet?: boolean
    readonly noHeaders?: boolean
    readonly showManagedFields?: boolean
    readonly sortKeys?: boolean
  } = {},
): ObjectPrinter | undefined {
  const equals = output.indexOf('=')
  const name = equals === -1 ? output : output.slice(0, equals)
  const argument = equals === -1 ? '' : output.slice(equals + 1)
  const clean = (object: Record<string, unknown>) =>
    options.showManagedFields === true ? object : withoutManagedFields(object)
  switch (name) {
    case '':
      return undefined
    case 'wide':
      if (options.forGet === true) return undefined
      break
    case 'json':
      return (object) => toGoJson(clean(object), { sortKeys: options.sortKeys ?? true })
    case 'yaml': {
      let printed = 0
      return (object) => {
        printed += 1
        return (printed > 1 ? '---\n' : '') + toGoYaml(clean(object))
      }
    }
    case 'name':
      return (object) =>
        listItems(object)
          .map((item) => `${objectName(item)}\n`)
          .join('')
    case 'jsonpath':
    case 'jsonpath-as-json': {
      if (argument === '') {
        throw new KubectlError(`template format specified but no template given`)
      }
      const template = parseJsonPath(argument)
      return (object) => template.print(object, { asJson: name === 'jsonpath-as-json' })
    }
    case 'custom-columns': {
      if (options.forGet !== true) break
      const print = parseCustomColumns(argument)
      let printed = 0
      return (object) => {
        printed += 1
        return print(object, options.noHeaders !== true && printed === 1)
      }
    }
    case 'go-template':
    case 'go-template-file':
    case 'template':
    case 'templatefile':
    case 'jsonpath-file':
    case 'custom-columns-file':
      throw notInLab(`-o ${name}`, 'Use -o jsonpath=… or -o custom-columns=… instead.')
  }
  throw new KubectlError(
    `unable to match a printer suitable for the output format ${JSON.stringify(output)}, allowed formats are: ${options.forGet === true ? GET_FORMATS : OTHER_FORMATS}`,
  )
}

function listItems(object: Record<string, unknown>): readonly Record<string, unknown>[] {
  return text(object.kind).endsWith('List') && Array.isArray(object.items)
    ? records(object.items)
    : [object]
}

/** `pod/web`, `deployment.apps/web`. */
export function objectName(object: Record<string, unknown>): string {
  const kind = text(object.kind)
  const apiVersion = text(object.apiVersion)
  const info = kindOf({ apiVersion, kind }) ?? { group: parseApiVersion(apiVersion).group, kind }
  return `${groupKind(info)}/${text(record(object.metadata).name)}`
}

function withoutManagedFields(object: Record<string, unknown>): Record<string, unknown> {
  const items = object.items
  if (Array.isArray(items)) {
    return {
      ...object,
      items: items.map((item) => (isRecord(item) ? withoutManagedFields(item) : item)),
    }
  }
  if (!isRecord(object.metadata)) return object
  const { managedFields: _dropped, ...metadata } = object.metadata
  return { ...object, metadata }
}
