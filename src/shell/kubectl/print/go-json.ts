/**
 * JSON exactly as kubectl prints it (Go's `encoding/json` with four spaces): `<`, `>`, `&` and the line separators are
 * escaped. Objects from a server have their keys sorted; objects that kubectl made keep the order of its types.
 */
export function toGoJson(value: unknown, options: { readonly sortKeys: boolean }): string {
  return `${write(value, '', options.sortKeys)}\n`
}

/** The same on one line with no space between, as in annotations. */
export function toGoJsonLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toGoJsonLine).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter((entry) => entry[1] !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => `${quote(key)}:${toGoJsonLine(inner)}`)
    return `{${members.join(',')}}`
  }
  return scalar(value)
}

function write(value: unknown, indent: string, sortKeys: boolean): string {
  const deeper = `${indent}    `
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    const items = value.map((item) => deeper + write(item, deeper, sortKeys))
    return `[\n${items.join(',\n')}\n${indent}]`
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter((entry) => entry[1] !== undefined)
    if (sortKeys) entries.sort(([a], [b]) => (a < b ? -1 : 1))
    if (entries.length === 0) return '{}'
    const members = entries.map(
      ([key, inner]) => `${deeper}${quote(key)}: ${write(inner, deeper, sortKeys)}`,
    )
    return `{\n${members.join(',\n')}\n${indent}}`
  }
  return scalar(value)
}

function scalar(value: unknown): string {
  return typeof value === 'string' ? quote(value) : JSON.stringify(value ?? null)
}

/** A string as Go's `encoding/json` writes it. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
