/** One step of a path; `filter` keeps the items of a list whose field has a value. */
type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'filter'; readonly path: readonly Step[]; readonly value: unknown }

export type JsonPath = readonly Step[]

const FIELD = /^\.((?:\\.|[^.[\]\\])+)/
const QUOTED = /^\[(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\]/
const INDEX = /^\[(-?\d+)\]/
const ALL = /^(?:\[\*\]|\.\*)/
const FILTER =
  /^\[\?\(\s*@([^=!<>\s]+)\s*==\s*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[\w.+-]+)\s*\)\]/

/**
 * Reads the paths that CustomResourceDefinitions use: fields, indices, `*` and `[?(@.type=="Ready")]`. Undefined for any other:
 * ranges, recursion and other comparisons of k8s.io/client-go util/jsonpath are not known here.
 */
export function parseJsonPath(text: string): JsonPath | undefined {
  const steps: Step[] = []
  let rest = text.startsWith('.') || text.startsWith('[') ? text : `.${text}`
  while (rest !== '') {
    const filter = FILTER.exec(rest)
    const all = ALL.exec(rest)
    const index = INDEX.exec(rest)
    const quoted = QUOTED.exec(rest)
    const field = FIELD.exec(rest)
    const found = filter ?? all ?? index ?? quoted ?? field
    if (found === null) return undefined
    if (filter !== null) {
      const path = parseJsonPath(filter[1] ?? '')
      if (path === undefined) return undefined
      steps.push({ kind: 'filter', path, value: literal(filter[2] ?? '') })
    } else if (all !== null) steps.push({ kind: 'all' })
    else if (index !== null) steps.push({ kind: 'index', index: Number(index[1]) })
    else if (quoted !== null) {
      steps.push({ kind: 'field', name: unescaped(quoted[1] ?? quoted[2] ?? '') })
    } else steps.push({ kind: 'field', name: unescaped(field?.[1] ?? '') })
    rest = rest.slice(found[0].length)
  }
  return steps
}

/** The first value that the path finds. */
export function firstAt(path: JsonPath, value: unknown): unknown {
  return valuesAt(path, value)[0]
}

function valuesAt(path: JsonPath, value: unknown): readonly unknown[] {
  const [step, ...rest] = path
  if (step === undefined) return [value]
  return childrenOf(step, value).flatMap((inner) => valuesAt(rest, inner))
}

function childrenOf(step: Step, value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return []
  switch (step.kind) {
    case 'field': {
      const entries = new Map<string, unknown>(Object.entries(value))
      return entries.has(step.name) ? [entries.get(step.name)] : []
    }
    case 'index': {
      if (!Array.isArray(value)) return []
      const found: unknown = value.at(step.index)
      return found === undefined ? [] : [found]
    }
    case 'all':
      return Array.isArray(value) ? value : Object.values(value)
    case 'filter':
      return Array.isArray(value)
        ? value.filter((item: unknown) => firstAt(step.path, item) === step.value)
        : []
  }
}

function literal(text: string): unknown {
  if (/^["']/.test(text)) return unescaped(text.slice(1, -1))
  if (text === 'true' || text === 'false') return text === 'true'
  const number = Number(text)
  return Number.isNaN(number) ? text : number
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, '$1')
}
