// Adds the values of enumerations, which a running API server serves and the published documents leave out (the feature
// OpenAPIEnums): read from pkg/generated/openapi of the same release.
import { readFileSync } from 'node:fs'

const FUNCTION = /^func schema_k8sio_api_(\w+?)_(v\w+?)_(\w+)\(/
const PROPERTY = /^\t{5}"([^"]+)": \{$/

/** Changes the schemas: each property with an enumeration gets `enum`, and the description that lists its values. */
export function addEnums(schemas, file) {
  let properties
  let property
  let description
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, group, version, kind] = FUNCTION.exec(line) ?? []
    if (kind !== undefined)
      properties = schemas[`io.k8s.api.${group}.${version}.${kind}`]?.properties
    else if (line.startsWith('func ')) properties = undefined
    if (properties === undefined) continue
    const name = PROPERTY.exec(line)?.[1]
    if (name !== undefined) {
      property = properties[name]
      description = undefined
    }
    const text = /^\t{7}Description: ("(?:.*)"),$/.exec(line)?.[1]
    if (text !== undefined) description = JSON.parse(text)
    const values = /^(\t+)Enum: +\[\]interface\{\}\{(.*)\},$/.exec(line)
    if (values === null || property === undefined) continue
    const schema = property.type === 'array' ? property.items : property
    schema.enum = JSON.parse(`[${values[2]}]`)
    if (description?.includes('Possible enum values') === true) property.description = description
  }
}
