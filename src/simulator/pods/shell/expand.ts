import { characterCount, characterSlice } from '../characters.ts'
import type { FileTree } from '../files/file-tree.ts'
import { withinMemory } from '../process/program-context.ts'
import { inTurns } from '../turns.ts'
import { evaluateArithmetic } from './arithmetic.ts'
import type { List, Word, WordPart } from './ast.ts'
import {
  expandPath,
  hasWildcards,
  type PatternPiece,
  replacePattern,
  trimPattern,
} from './pattern.ts'

/** A failed expansion (`${x:?}`, `set -u`, bad arithmetic); ends a script. Message without the prefix. */
export class ExpansionError extends Error {
  override readonly name = 'ExpansionError'
}

/** What expansion asks of the shell. */
export interface ExpansionScope {
  readonly files: FileTree
  readonly cwd: string
  readonly positional: readonly string[]
  readonly noGlob: boolean
  readonly noUnset: boolean
  /** Variables and special parameters; `undefined` where not set. */
  parameter(name: string): string | undefined
  assign(name: string, value: string): void
  /** As of the process that expands. */
  breathe(): Promise<void> | undefined
  /** Runs a command substitution and gives what it printed. */
  substitute(body: List): Promise<string>
}

/** Expanded text. `splits`: it came from an expansion outside quotes, so it is split at IFS. */
interface Piece extends PatternPiece {
  readonly splits: boolean
}
/** `"$@"` and unquoted `$*` begin new fields. */
type Expanded = Piece | 'new-field'

/** What a field takes beside its text. */
const FIELD_BYTES = 32

/** The fields that a word of a command becomes: split, and with file names filled in. */
export async function expandToFields(word: Word, scope: ExpansionScope): Promise<string[]> {
  const pieces = await expandParts(word.parts, scope, true)
  const fields: PatternPiece[][] = []
  for (const field of splitFields(pieces, scope.parameter('IFS') ?? ' \t\n')) {
    fields.push(field)
    withinMemory(fields.length * FIELD_BYTES)
  }
  return fields.flatMap((field) => {
    const text = field.map((piece) => piece.text).join('')
    if (scope.noGlob || !hasWildcards(field)) return [text]
    const found = expandPath(field, scope.files, scope.cwd)
    return found.length === 0 ? [text] : found
  })
}

/** The one text that a word becomes where nothing is split: assignments, redirections, `case`. */
export async function expandToText(word: Word, scope: ExpansionScope): Promise<string> {
  return (await expandToPattern(word, scope)).map((piece) => piece.text).join('')
}

/** As `expandToText`, but still telling quoted text from wildcards. */
export async function expandToPattern(word: Word, scope: ExpansionScope): Promise<PatternPiece[]> {
  const pieces = await expandParts(word.parts, scope)
  return pieces.map((piece) => (piece === 'new-field' ? { text: ' ', quoted: true } : piece))
}

/** `full`: the word may become several fields. */
async function expandParts(
  parts: readonly WordPart[],
  scope: ExpansionScope,
  full = false,
): Promise<Expanded[]> {
  const out: Expanded[] = []
  let held = 0
  for (const part of parts) {
    const before = out.length
    switch (part.kind) {
      case 'text':
        out.push({ text: part.text, quoted: part.quoted, splits: false })
        break
      case 'tilde':
        out.push({ text: homeOf(part.user, scope), quoted: true, splits: false })
        break
      case 'command': {
        const text = (await scope.substitute(part.body)).replace(/\n+$/, '')
        out.push({ text, quoted: part.quoted, splits: !part.quoted })
        break
      }
      case 'arithmetic': {
        const expression = await expandToText(part.expression, scope)
        const value = evaluateArithmetic(expression, {
          get: (name) => scope.parameter(name),
          set: (name, value) => scope.assign(name, value),
        })
        out.push({ text: String(value), quoted: part.quoted, splits: !part.quoted })
        break
      }
      case 'parameter':
        for (const piece of await expandParameter(part, scope, full)) out.push(piece)
        break
    }
    for (let index = before; index < out.length; index++) {
      const piece = out[index]
      held += piece === undefined || piece === 'new-field' ? FIELD_BYTES : piece.text.length
    }
    withinMemory(held)
  }
  return out
}

type ParameterPart = Extract<WordPart, { kind: 'parameter' }>

/** Where `~` and `~user` lead; the text itself where there is no such user. */
function homeOf(user: string, scope: ExpansionScope): string {
  if (user === '') return scope.parameter('HOME') ?? '~'
  const accounts =
    scope.files.stat('/etc/passwd') === undefined ? '' : scope.files.readText('/etc/passwd')
  const account = accounts.split('\n').find((line) => line.startsWith(`${user}:`))
  return account?.split(':')[5] ?? `~${user}`
}

async function expandParameter(
  part: ParameterPart,
  scope: ExpansionScope,
  full: boolean,
): Promise<Expanded[]> {
  const { name, operator, quoted } = part
  const all = name === '@' || name === '*'
  const value = all ? scope.positional.join(separator(scope) ?? '') : scope.parameter(name)
  const one = (text: string): Expanded[] => [{ text, quoted, splits: !quoted }]
  if (part.length) {
    if (value === undefined && scope.noUnset) throw new ExpansionError(`${name}: parameter not set`)
    return one(String(characterCount(value ?? '')))
  }
  const fromOperand = () => expandOperand(part, scope, full)
  switch (operator) {
    case '-':
    case ':-':
      if (isMissing(value, operator)) return fromOperand()
      break
    case '=':
    case ':=': {
      if (!isMissing(value, operator)) break
      const text = await expandToText(part.operand ?? { parts: [] }, scope)
      if (!/^[A-Za-z_]/.test(name)) throw new ExpansionError(`${name}: bad variable name`)
      scope.assign(name, text)
      return one(text)
    }
    case '?':
    case ':?': {
      if (!isMissing(value, operator)) break
      const text = await expandToText(part.operand ?? { parts: [] }, scope)
      throw new ExpansionError(
        `${name}: ${text !== '' ? text : operator === ':?' ? 'parameter not set or null' : 'parameter not set'}`,
      )
    }
    case '+':
    case ':+':
      return isMissing(value, operator) ? one('') : fromOperand()
    default:
  }
  if (value === undefined && scope.noUnset && !all)
    throw new ExpansionError(`${name}: parameter not set`)
  if (all && operator === undefined) return expandAll(name, quoted, scope, full)
  const text = value ?? ''
  switch (operator) {
    case '#':
    case '##':
    case '%':
    case '%%': {
      const pattern = await expandToPattern(part.operand ?? { parts: [] }, scope)
      const trimmed = trimPattern(text, pattern, {
        end: operator.startsWith('#') ? 'start' : 'end',
        longest: operator.length === 2,
      })
      return one(await inTurns(trimmed, scope))
    }
    case '/':
    case '//': {
      const pattern = await expandToPattern(part.operand ?? { parts: [] }, scope)
      const replacement = part.second === undefined ? '' : await expandToText(part.second, scope)
      const replaced = replacePattern(text, unquoteOperand(pattern, part), replacement, {
        all: operator === '//',
      })
      return one(await inTurns(replaced, scope))
    }
    case ':': {
      const number = async (word: Word | undefined) =>
        word === undefined
          ? undefined
          : Number(
              evaluateArithmetic(await expandToText(word, scope), {
                get: (variable) => scope.parameter(variable),
                set: (variable, set) => scope.assign(variable, set),
              }),
            )
      const offset = (await number(part.operand)) ?? 0
      const length = await number(part.second)
      const count = characterCount(text)
      const start = offset < 0 ? Math.max(0, count + offset) : offset
      const end = length === undefined ? count : length < 0 ? count + length : start + length
      return one(characterSlice(text, start, end))
    }
    default:
      return one(text)
  }
}

/** Inside double quotes the pattern of `"${x#*.}"` is still a pattern: only what is quoted again is literal. */
function unquoteOperand(pattern: readonly PatternPiece[], part: ParameterPart): PatternPiece[] {
  if (!part.quoted) return [...pattern]
  const parts = part.operand?.parts ?? []
  return pattern.map((piece, index) =>
    isUnescapedText(parts[index]) ? { text: piece.text, quoted: false } : piece,
  )
}

function isUnescapedText(part: WordPart | undefined): boolean {
  return part?.kind === 'text' && part.escaped !== true
}

async function expandOperand(
  part: ParameterPart,
  scope: ExpansionScope,
  full: boolean,
): Promise<Expanded[]> {
  const pieces = await expandParts(part.operand?.parts ?? [], scope, full)
  if (part.quoted) {
    // `"${x:-}"` is an empty word, and not none; `"${x+"$@"}"` without parameters is none.
    if (pieces.length === 0 && (part.operand?.parts.length ?? 0) === 0) {
      return [{ text: '', quoted: true, splits: false }]
    }
    return pieces.map((piece) =>
      piece === 'new-field' ? piece : { ...piece, quoted: true, splits: false },
    )
  }
  return pieces.map((piece) =>
    piece === 'new-field' || piece.quoted ? piece : { ...piece, splits: true },
  )
}

/**
 * The positional parameters. `"$@"` is a field each; everything else is joined by the first character of IFS, and what is not
 * quoted is split again afterwards.
 */
function expandAll(
  name: string,
  quoted: boolean,
  scope: ExpansionScope,
  full: boolean,
): Expanded[] {
  const joint = separator(scope)
  const fields = full && (quoted ? name === '@' : joint === undefined)
  if (!fields) return [{ text: scope.positional.join(joint ?? ''), quoted, splits: !quoted }]
  const out: Expanded[] = []
  for (const [index, text] of scope.positional.entries()) {
    if (index > 0) out.push('new-field')
    out.push({ text, quoted, splits: !quoted })
  }
  return out
}

/** The first character of IFS; `undefined` where it is empty. */
function separator(scope: ExpansionScope): string | undefined {
  return (scope.parameter('IFS') ?? ' ')[0]
}

function isMissing(value: string | undefined, operator: string): boolean {
  return value === undefined || (operator.startsWith(':') && value === '')
}

function splitFields(pieces: readonly Expanded[], ifs: string): PatternPiece[][] {
  const fields: PatternPiece[][] = []
  let field: PatternPiece[] | undefined
  const finish = () => {
    if (field !== undefined) fields.push(field)
    field = undefined
  }
  const add = (piece: PatternPiece) => {
    field ??= []
    field.push(piece)
  }
  const isSpace = (char: string) => ifs.includes(char) && ' \t\n'.includes(char)
  for (const piece of pieces) {
    if (piece === 'new-field') {
      finish()
      continue
    }
    if (!piece.splits) {
      if (piece.text !== '' || piece.quoted) add({ text: piece.text, quoted: piece.quoted })
      continue
    }
    let text = ''
    const chars = piece.text
    for (let index = 0; index < chars.length; index++) {
      const char = chars[index] ?? ''
      if (!ifs.includes(char)) {
        // Up to the next separator, in one piece.
        let end = index + 1
        while (end < chars.length && !ifs.includes(chars[end] ?? '')) end++
        text = chars.slice(index, end)
        index = end - 1
        continue
      }
      if (text !== '') add({ text, quoted: false })
      text = ''
      if (isSpace(char)) {
        // White space around a separator belongs to it.
        let next = index
        while (next + 1 < chars.length && isSpace(chars[next + 1] ?? '')) next++
        const after = chars[next + 1]
        index = next
        if (after !== undefined && ifs.includes(after) && field !== undefined) continue
        finish()
      } else {
        field ??= []
        finish()
        while (index + 1 < chars.length && isSpace(chars[index + 1] ?? '')) index++
      }
    }
    if (text !== '') add({ text, quoted: false })
  }
  finish()
  return fields
}

/**
 * Splits a line for `read`: at most `count` fields, the last with the rest. As shell_common.c of BusyBox does it, with its slip:
 * white space right behind a character that was escaped at the start of a field is skipped.
 */
export function splitForRead(line: readonly PatternPiece[], ifs: string, count: number): string[] {
  const fields: string[] = []
  let field = ''
  /** 1: at the start of a field, 2: and one separator that is no white space may still be skipped. */
  let start = 1
  for (const { text, quoted } of line) {
    for (const char of text) {
      if (!quoted) {
        const separates = ifs.includes(char)
        if (start > 0 && separates) {
          if (isSpace(char)) continue
          start--
          if (start === 1) continue
        }
        start = 0
        if (fields.length < count - 1 && separates) {
          fields.push(field)
          field = ''
          start = isSpace(char) ? 2 : 1
          continue
        }
      }
      field += char
    }
  }
  const trimEnd = () => {
    while (field !== '' && isSpace(field.at(-1) ?? '') && ifs.includes(field.at(-1) ?? ''))
      field = field.slice(0, -1)
  }
  trimEnd()
  // One separator at the very end is dropped where it is the only one.
  const last = field.at(-1) ?? ''
  if (last !== '' && ifs.includes(last)) {
    const others = [...field.slice(0, -1)].some((char) => ifs.includes(char) && !isSpace(char))
    if (!others) {
      field = field.slice(0, -1)
      trimEnd()
    }
  }
  fields.push(field)
  while (fields.length < count) fields.push('')
  return fields
}

function isSpace(char: string): boolean {
  return ' \t\n'.includes(char)
}
