import { KubectlError } from '../kubectl-error.ts'
import { isRecord, records } from '../values.ts'
import { type JsonPathTemplate, parseJsonPath, relaxJsonPath } from './json-path.ts'
import { alignTabs } from './tab-writer.ts'

/** A printer for `-o custom-columns=NAME:.metadata.name,…`. */
export function parseCustomColumns(spec: string): (object: unknown, headers: boolean) => string {
  if (spec === '') {
    throw new KubectlError('custom-columns format specified but no custom columns given')
  }
  const columns = spec.split(',').map((column): { header: string; path: JsonPathTemplate } => {
    const colon = column.indexOf(':')
    if (colon === -1) {
      throw new KubectlError(
        `unexpected custom-columns spec: ${column}, expected <header>:<json-path-expr>`,
      )
    }
    return {
      header: column.slice(0, colon),
      path: parseJsonPath(relaxJsonPath(column.slice(colon + 1))),
    }
  })
  return (object, headers) => {
    const items = isRecord(object) && Array.isArray(object.items) ? records(object.items) : [object]
    const lines = items.map((item) =>
      columns.map(({ path }) => path.find(item).map(columnText).join(',') || '<none>').join('\t'),
    )
    if (headers) lines.unshift(columns.map(({ header }) => header).join('\t'))
    return lines.length === 0 ? '' : alignTabs(`${lines.join('\n')}\n`)
  }
}

/** Values in columns are printed with Go's `%v`. */
function columnText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(columnText).join(' ')}]`
  if (isRecord(value)) {
    const members = Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => `${key}:${columnText(inner)}`)
    return `map[${members.join(' ')}]`
  }
  return String(value)
}
