import { KubectlError } from '../kubectl-error.ts'
import { isRecord } from '../values.ts'
import { toGoJson, toGoJsonLine } from './go-json.ts'
import { type Operand, type Part, type Path, parseTemplate, type Step } from './json-path-parser.ts'

/** A template of `-o jsonpath`, as `k8s.io/client-go/util/jsonpath` reads it. */
export interface JsonPathTemplate {
  /** What kubectl prints for an object. */
  print(root: unknown, options?: { readonly asJson?: boolean }): string
  /** The values that the first path of the template finds, for columns, sorting and waiting. */
  find(root: unknown): readonly unknown[]
}

/** @throws KubectlError `error parsing jsonpath …` */
export function parseJsonPath(template: string): JsonPathTemplate {
  const parts = parseTemplate(template)
  return {
    print(root, options = {}) {
      const { asJson = false } = options
      try {
        return printParts(parts, root, root, asJson)
      } catch (error) {
        if (!(error instanceof KubectlError)) throw error
        throw new KubectlError(
          `error executing jsonpath ${JSON.stringify(template)}: Error executing template: ${error.message}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${goSyntax(root)}\n\n`,
        )
      }
    },
    find(root) {
      const first = parts.find((part) => part.kind === 'path')
      return first?.kind === 'path' ? walk(first.path, [root], root) : []
    },
  }
}

/** `.spec.x`, `spec.x` and `{.spec.x}` mean the same in columns, `--sort-by` and `wait` (`RelaxedJSONPathExpression`). */
export function relaxJsonPath(text: string): string {
  if (text === '') return text
  const match = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(text)
  if (match === null) {
    throw new KubectlError(
      `unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
    )
  }
  return `{.${match[1] ?? match[2] ?? ''}}`
}

function printParts(
  parts: readonly Part[],
  root: unknown,
  current: unknown,
  asJson: boolean,
): string {
  let out = ''
  for (const part of parts) {
    if (part.kind === 'text') out += part.text
    else if (part.kind === 'range') {
      for (const item of walk(part.path, [current], root)) {
        out += printParts(part.body, root, item, asJson)
      }
    } else {
      const results = walk(part.path, [current], root)
      out += asJson ? toGoJson(results, { sortKeys: true }) : results.map(valueText).join(' ')
    }
  }
  return out
}

/** A value as the template prints it. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  return typeof value === 'object' ? toGoJsonLine(value) : String(value)
}

function walk(path: Path, from: readonly unknown[], root: unknown): readonly unknown[] {
  let values = from
  for (const step of path) values = values.flatMap((value) => take(step, value, root))
  return values
}

function take(step: Step, value: unknown, root: unknown): readonly unknown[] {
  switch (step.kind) {
    case 'root':
      return [root]
    case 'field':
      if (step.name === '') return [value]
      if (!isRecord(value)) return []
      return step.name in value ? [value[step.name]] : []
    case 'every':
      if (Array.isArray(value)) return value
      return isRecord(value) ? Object.values(sorted(value)) : []
    case 'deep':
      return descend(value)
    case 'slice':
      return slice(step, value)
    case 'union':
      return step.paths.flatMap((path) => walk(path, [value], root))
    case 'filter': {
      const items = Array.isArray(value)
        ? value
        : isRecord(value)
          ? Object.values(sorted(value))
          : []
      return items.filter((item) => passes(step, item, root))
    }
  }
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function descend(value: unknown): readonly unknown[] {
  const inner = Array.isArray(value) ? value : isRecord(value) ? Object.values(sorted(value)) : []
  return [value, ...inner.flatMap(descend)]
}

function slice(step: Extract<Step, { kind: 'slice' }>, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) {
    if (value === null || value === undefined) return []
    throw new KubectlError(`${goSyntax(value)} is not array or slice`)
  }
  const { length } = value
  const place = (at: number) => (at < 0 ? at + length : at)
  if (step.one) {
    const at = place(step.from ?? 0)
    if (at < 0 || at >= length) {
      throw new KubectlError(`array index out of bounds: index ${at}, length ${length}`)
    }
    return [value[at]]
  }
  const from = Math.max(0, place(step.from ?? 0))
  const to = Math.min(length, step.to === undefined ? length : place(step.to))
  const by = Math.max(1, step.step ?? 1)
  return value.slice(from, to).filter((_item, index) => index % by === 0)
}

function passes(step: Extract<Step, { kind: 'filter' }>, item: unknown, root: unknown): boolean {
  const left = operand(step.left, item, root)
  if (step.operator === 'exists') return left.length > 0
  const right = operand(step.right, item, root)
  const [a] = left
  const [b] = right
  if (left.length === 0 || right.length === 0) return false
  switch (step.operator) {
    case '==':
      return same(a, b)
    case '!=':
      return !same(a, b)
    default:
      return compare(a, b, step.operator)
  }
}

function same(a: unknown, b: unknown): boolean {
  return a === b
}

function compare(a: unknown, b: unknown, operator: string): boolean {
  const comparable =
    (typeof a === 'number' && typeof b === 'number') ||
    (typeof a === 'string' && typeof b === 'string')
  if (!comparable) return false
  if (operator === '<') return a < b
  if (operator === '<=') return a <= b
  return operator === '>' ? a > b : a >= b
}

function operand(from: Operand, item: unknown, root: unknown): readonly unknown[] {
  return 'path' in from ? walk(from.path, [item], root) : [from.value]
}

/** A value as Go's `%#v` writes decoded JSON. */
function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)'
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (isRecord(value)) {
    const members = Object.entries(sorted(value)).map(
      ([key, inner]) => `${JSON.stringify(key)}:${goSyntax(inner)}`,
    )
    return `map[string]interface {}{${members.join(', ')}}`
  }
  return JSON.stringify(value)
}
