// Reads Go's types.go files: field names, pointers, omitempty and protobuf numbers, from the tags that every API struct has.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Go types whose protobuf message is no struct of the tables. */
const WIRE_TYPES = [
  'ExtraValue',
  'JSONSchemaPropsOrArray',
  'JSONSchemaPropsOrBool',
  'JSONSchemaPropsOrStringArray',
]
/** Go's named map types, by the wire type of their values. */
const NAMED_MAPS = { JSONSchemaDependencies: 'JSONSchemaPropsOrStringArray' }
const FIELD = /^\t(?:(\w+)\s+)?([\w.*[\]{}]+)\s+`([^`]*)`/
const EMBEDDED = /^\t(\*?[\w.]+)\s+`([^`]*)`/

/** `io.k8s.api.core.v1.Pod` → the folder of its package. */
function folderOf(name, sources) {
  const module = Object.keys(sources).find((prefix) => name.startsWith(`${prefix}.`))
  const rest = name.slice(module.length + 1).split('.')
  return join(sources[module], ...rest.slice(0, -1))
}

const packages = new Map()
/** The structs of a package: name to lines. */
function structsOf(folder) {
  let found = packages.get(folder)
  if (found !== undefined) return found
  found = new Map()
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.go') || file.endsWith('_test.go') || /^(zz_|generated)/.test(file))
      continue
    const text = readFileSync(join(folder, file), 'utf8')
    for (const [, name, body] of text.matchAll(/^type (\w+) struct ?\{(?:\n(.*?)^)?\}$/gms)) {
      found.set(name, (body ?? '').split('\n'))
    }
  }
  packages.set(folder, found)
  return found
}

/**
 * @param names full names of the schemas
 * @param sources folder of each module, by the beginning of the names
 */
export function readGoTypes(names, sources) {
  const inlined = new Map()
  /** Fields as JSON has them, and fields as protobuf has them. */
  const read = (folder, struct) => {
    const lines = structsOf(folder).get(struct)
    if (lines === undefined) throw new Error(`no struct ${struct} in ${folder}`)
    const fields = new Map()
    const wire = []
    for (const line of lines) {
      const [, embedded, embeddedTag] = EMBEDDED.exec(line) ?? []
      const [, , type = embedded, tag = embeddedTag] = FIELD.exec(line) ?? []
      if (type === undefined || tag === undefined) continue
      const [json = '', ...options] = (/json:"([^"]*)"/.exec(tag)?.[1] ?? '').split(',')
      const number = /protobuf:"\w+,(\d+)/.exec(tag)?.[1]
      const bare = type.replace(/^\*/, '')
      if (options.includes('inline')) {
        if (bare.endsWith('TypeMeta')) {
          for (const name of ['apiVersion', 'kind']) {
            fields.set(name, { type: 'string', pointer: false, omitempty: true })
          }
          continue
        }
        if (bare.includes('.')) throw new Error(`${struct} inlines ${bare} of another package`)
        const inner = read(folder, bare)
        for (const [name, field] of inner.fields) fields.set(name, field)
        inlined.set(bare, inner.wire)
        wire.push(`^${bare}=${number}`)
        continue
      }
      if (json === '' || json === '-') continue
      const item = bare.replace(/^(\[\]|map\[\w+\])+\*?/, '')
      const scalar = /^(string|bool|u?int\d*|float\d+|byte)$/.test(item)
      const version = folder.split('/').at(-1)
      const full = scalar
        ? item
        : item.startsWith('metav1.') || item.startsWith('v1.') || item.startsWith('corev1.')
          ? `v1.${item.split('.')[1]}`
          : item.includes('.')
            ? item
            : `${version}.${item}`
      fields.set(json, {
        type: `${bare.slice(0, bare.length - item.length).replaceAll('*', '')}${full}`,
        pointer: type.startsWith('*'),
        omitempty: options.includes('omitempty'),
      })
      if (number !== undefined) {
        const hint = WIRE_TYPES.find((name) => item === name) ?? NAMED_MAPS[item]
        wire.push(`${json}=${number}${hint === undefined ? '' : `:${hint}`}`)
      }
    }
    return { fields, wire }
  }
  const types = new Map(
    names.map((name) => [name, read(folderOf(name, sources), name.split('.').at(-1))]),
  )
  return Object.assign(types, { inlined })
}
