import { distance } from 'fastest-levenshtein'
import * as z from 'zod'
import type { Problems } from '../problems.ts'
import type { YamlPath, YamlSource } from '../yaml-source.ts'

/**
 * Decodes a YAML document by a schema. What does not fit becomes a problem at its line and column, with a sentence
 * that says what to write instead.
 */
export function decode<T>(
  schema: z.ZodType<T>,
  source: YamlSource,
  problems: Problems,
): T | undefined {
  // A schema sees a handful of values in a process: compiling it to a function costs more than it saves.
  const result = schema.safeParse(source.value, { jitless: true })
  if (result.success) return result.data
  for (const issue of result.error.issues) report(issue, schema, source, problems)
  return undefined
}

type Issue = z.core.$ZodIssue

function report(issue: Issue, schema: z.ZodType, source: YamlSource, problems: Problems): void {
  const path = issue.path.filter((part) => typeof part !== 'symbol')
  const name = nameOf(path)
  const here = schemaAt(schema, path)
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) {
        const known = fieldsOf(here, valueAt(source.value, path))
        problems.add(
          source.keyAt([...path, key]),
          'unknown-field',
          `There is no field "${key}" here.${suggestion(key, known)}`,
        )
      }
      return
    case 'invalid_type': {
      if (valueAt(source.value, path) === undefined && path.length > 0) {
        problems.add(
          source.at(path.slice(0, -1)),
          'missing-field',
          `Add "${path.at(-1)}": ${meaning(here, issue.expected)}.`,
        )
        return
      }
      const was = kindOf(valueAt(source.value, path))
      problems.add(
        source.at(path),
        'wrong-type',
        `${name} has to be ${meaning(here, issue.expected)}; this is ${was}.`,
      )
      return
    }
    case 'invalid_value': {
      if (valueAt(source.value, path) === undefined && path.length > 0) {
        problems.add(
          source.at(path.slice(0, -1)),
          'missing-field',
          `Add "${path.at(-1)}": one of ${issue.values.map(String).join(', ')}.`,
        )
        return
      }
      const values = issue.values.map(String)
      problems.add(
        source.at(path),
        'bad-value',
        `${name} has to be ${values.length === 1 ? values.join('') : `one of ${values.join(', ')}`}.`,
      )
      return
    }
    case 'invalid_union': {
      const missing = valueAt(source.value, path) === undefined
      if (issue.discriminator !== undefined) {
        const options =
          'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : []
        const field = issue.discriminator
        const text = `one of ${options.join(', ')}`
        if (missing)
          problems.add(source.at(path.slice(0, -1)), 'missing-field', `Add "${field}": ${text}.`)
        else problems.add(source.at(path), 'bad-value', `"${field}" has to be ${text}.`)
        return
      }
      const closest = closestBranch(issue.errors)
      if (closest !== undefined) {
        for (const inner of closest)
          report({ ...inner, path: [...issue.path, ...inner.path] }, schema, source, problems)
        return
      }
      if (missing)
        problems.add(
          source.at(path.slice(0, -1)),
          'missing-field',
          `Add "${path.at(-1)}": ${meaning(here, 'value')}.`,
        )
      else
        problems.add(source.at(path), 'bad-value', `${name} has to be ${meaning(here, 'value')}.`)
      return
    }
    case 'too_small':
    case 'too_big':
    case 'invalid_format':
    case 'not_multiple_of':
      problems.add(source.at(path), 'bad-value', `${name} has to be ${meaning(here, 'value')}.`)
      return
    default:
      problems.add(source.at(path), 'bad-value', issue.message)
  }
}

/** The branch of a union that the author most likely meant: the only one that fails inside and not at its root. */
function closestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const inside = branches.filter(
    (issues) => !issues.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0),
  )
  return inside.length === 1 ? inside[0] : undefined
}

function nameOf(path: YamlPath): string {
  const last = path.at(-1)
  if (last === undefined) return 'This block'
  return typeof last === 'number' ? `Item ${last + 1}` : `"${last}"`
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of fields',
  record: 'a mapping',
  value: 'something else',
}

function meaning(schema: z.ZodType | undefined, expected: string): string {
  return schema?.description ?? TYPE_WORDS[expected] ?? expected
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (typeof value === 'string') return 'a text'
  return typeof value === 'number' ? 'a number' : 'true or false'
}

export function valueAt(value: unknown, path: YamlPath): unknown {
  let here: unknown = value
  for (const part of path) {
    if (here === null || typeof here !== 'object') return undefined
    here = Reflect.get(here, part)
  }
  return here
}

/** The schema of the value at `path`; where a union stands in the way, the first branch that goes on. */
function schemaAt(schema: z.ZodType, path: YamlPath): z.ZodType | undefined {
  const bare = unwrap(schema)
  const [first, ...rest] = path
  if (first === undefined) return schema.description === undefined ? bare : schema
  if (bare instanceof z.ZodObject) {
    const next: unknown = bare.shape[String(first)]
    return next instanceof z.ZodType ? schemaAt(next, rest) : undefined
  }
  if (bare instanceof z.ZodArray)
    return bare.element instanceof z.ZodType ? schemaAt(bare.element, rest) : undefined
  if (bare instanceof z.ZodUnion) {
    for (const option of bare.options) {
      const found = option instanceof z.ZodType ? schemaAt(option, path) : undefined
      if (found !== undefined) return found
    }
  }
  return undefined
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable
  ) {
    const inner = schema.unwrap()
    return inner instanceof z.ZodType ? unwrap(inner) : schema
  }
  return schema
}

/** The fields of an object's schema; of a union those of the branch with the same `kind`. */
function fieldsOf(schema: z.ZodType | undefined, value: unknown): readonly string[] {
  const bare = schema === undefined ? undefined : unwrap(schema)
  if (bare instanceof z.ZodObject) return Object.keys(bare.shape)
  if (bare instanceof z.ZodUnion) {
    const kind = valueAt(value, ['kind'])
    const options = bare.options.filter((option) => option instanceof z.ZodObject)
    const same = options.filter(
      (option) => option.shape.kind instanceof z.ZodLiteral && option.shape.kind.value === kind,
    )
    return [
      ...new Set((same.length > 0 ? same : options).flatMap((option) => Object.keys(option.shape))),
    ]
  }
  return []
}

function suggestion(word: string, known: readonly string[]): string {
  const near = known.find(
    (name) => distance(name, word) <= Math.max(1, Math.floor(word.length / 3)),
  )
  if (near !== undefined) return ` Write "${near}".`
  return known.length === 0 ? ' Take it out.' : ` Known are ${known.join(', ')}.`
}
