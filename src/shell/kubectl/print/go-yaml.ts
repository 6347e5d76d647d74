/**
 * YAML exactly as kubectl prints it: a model of the emitter of `sigs.k8s.io/yaml` (go-yaml v2: keys in natural order,
 * lines folded after column 80, sequences at the indent of their key). It prints plain JSON data and nothing else.
 */
const BEST_WIDTH = 80
const INDENT = 2

export function toGoYaml(value: unknown): string {
  const emitter = new Emitter()
  emitter.node(value, -INDENT, 'root')
  return emitter.finish()
}

type Place = 'root' | 'value' | 'item'

class Emitter {
  private out = ''
  private column = 0

  finish(): string {
    return this.out.endsWith('\n') ? this.out : `${this.out}\n`
  }

  /** @param indent of the collection that the node stands in */
  node(value: unknown, indent: number, place: Place): void {
    if (Array.isArray(value) && value.length > 0) this.sequence(value, indent, place)
    else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const entries = Object.entries(value)
        .filter((entry) => entry[1] !== undefined)
        .sort(([a], [b]) => compareKeys(a, b))
      if (entries.length === 0) this.plainToken('{}', place)
      else this.mapping(entries, indent, place)
    } else if (Array.isArray(value)) this.plainToken('[]', place)
    else if (typeof value === 'string') this.scalar(value, indent + INDENT, place, false)
    else this.plainToken(value === null || value === undefined ? 'null' : String(value), place)
  }

  private mapping(entries: readonly [string, unknown][], outer: number, place: Place): void {
    const indent = outer + INDENT
    entries.forEach(([key, value], index) => {
      if (index === 0 && place === 'item') this.write(' ')
      else this.newLine(indent)
      this.scalar(key, indent, 'root', true)
      this.write(':')
      this.node(value, indent, 'value')
    })
  }

  private sequence(items: readonly unknown[], outer: number, place: Place): void {
    const indent = place === 'value' ? outer : outer + INDENT
    items.forEach((item, index) => {
      if (index === 0 && place === 'item') this.write(' ')
      else this.newLine(indent)
      this.write('-')
      this.node(item, indent, 'item')
    })
  }

  private plainToken(token: string, place: Place): void {
    this.write(place === 'root' ? token : ` ${token}`)
  }

  private scalar(value: string, indent: number, place: Place, isKey: boolean): void {
    if (place !== 'root') this.write(' ')
    const shape = analyze(value)
    const wanted = value.includes('\n') ? 'literal' : resolvesToString(value) ? 'plain' : 'double'
    if (wanted === 'literal' && shape.blockAllowed && !isKey) return this.literal(value, indent)
    if (wanted === 'plain' && shape.plainAllowed && !(value === '' && isKey)) {
      return this.folded(value, indent, isKey, 'plain')
    }
    if (wanted === 'plain' && shape.singleAllowed) {
      this.write("'")
      this.folded(value, indent, isKey, 'single')
      return this.write("'")
    }
    this.double(value, indent, isKey)
  }

  private folded(value: string, indent: number, isKey: boolean, style: 'plain' | 'single'): void {
    let spaces = false
    const characters = [...value]
    characters.forEach((character, index) => {
      if (character !== ' ') {
        this.write(style === 'single' && character === "'" ? "''" : character)
        spaces = false
        return
      }
      const inside = style === 'plain' || (index > 0 && index < characters.length - 1)
      const next = characters[index + 1]
      if (!isKey && !spaces && this.column > BEST_WIDTH && inside && next !== ' ') {
        this.newLine(indent)
      } else this.write(' ')
      spaces = true
    })
  }

  private double(value: string, indent: number, isKey: boolean): void {
    let spaces = false
    this.write('"')
    const characters = [...value]
    characters.forEach((character, index) => {
      if (!isPrintable(character) || character === '"' || character === '\\') {
        this.write(escapeOf(character))
        spaces = false
      } else if (character === ' ') {
        const inside = index > 0 && index < characters.length - 1
        if (!isKey && !spaces && this.column > BEST_WIDTH && inside) {
          this.newLine(indent)
          if (characters[index + 1] === ' ') this.write('\\')
        } else this.write(' ')
        spaces = true
      } else {
        this.write(character)
        spaces = false
      }
    })
    this.write('"')
  }

  private literal(value: string, indent: number): void {
    const hint = value.startsWith(' ') || value.startsWith('\n') ? String(INDENT) : ''
    const chomp = !value.endsWith('\n') ? '-' : value === '\n' || value.endsWith('\n\n') ? '+' : ''
    this.write(`|${hint}${chomp}`)
    const lines = value.endsWith('\n') ? value.slice(0, -1).split('\n') : value.split('\n')
    for (const line of lines) {
      if (line === '') {
        this.out += '\n'
        this.column = 0
      } else {
        this.out += '\n'
        this.column = 0
        this.write(' '.repeat(indent) + line)
      }
    }
  }

  private newLine(indent: number): void {
    if (this.out !== '') this.out += '\n'
    this.column = 0
    this.write(' '.repeat(indent))
  }

  private write(text: string): void {
    this.out += text
    this.column += [...text].length
  }
}

interface Shape {
  readonly plainAllowed: boolean
  readonly singleAllowed: boolean
  readonly blockAllowed: boolean
}

/** `yaml_emitter_analyze_scalar`: in which styles a text can stand in block context. */
function analyze(value: string): Shape {
  if (value === '') return { plainAllowed: true, singleAllowed: true, blockAllowed: false }
  let indicators = value.startsWith('---') || value.startsWith('...')
  let special = false
  let lineBreaks = false
  let spaceBreak = false
  let breakSpace = false
  let previous: 'space' | 'break' | 'other' = 'other'
  let blankBefore = true
  const characters = [...value]
  characters.forEach((character, index) => {
    const next = characters[index + 1]
    const blankAfter = next === undefined || ' \t\n\r\0'.includes(next)
    if (index === 0) {
      if ('#,[]{}&*!|>\'"%@`'.includes(character)) indicators = true
      else if ('?:-'.includes(character) && blankAfter) indicators = true
    } else if (character === ':' && blankAfter) indicators = true
    else if (character === '#' && blankBefore) indicators = true
    if (!isPrintable(character) && character !== '\n') special = true
    if (character === ' ') {
      if (previous === 'break') breakSpace = true
      previous = 'space'
    } else if (character === '\n') {
      lineBreaks = true
      if (previous === 'space') spaceBreak = true
      previous = 'break'
    } else previous = 'other'
    blankBefore = ' \t\n\r\0'.includes(character)
  })
  const first = characters[0] ?? ''
  const last = characters.at(-1) ?? ''
  const edges = ' \n'.includes(first) || ' \n'.includes(last)
  const never = spaceBreak || special
  return {
    plainAllowed: !(edges || breakSpace || never || lineBreaks || indicators),
    singleAllowed: !(breakSpace || never),
    blockAllowed: !(never || last === ' '),
  }
}

/** As `is_printable` of go-yaml v2: no tab, and nothing beyond the basic plane. */
function isPrintable(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  if (code >= 0x20 && code <= 0x7e) return true
  if (code < 0xa0 || code > 0xffff) return false
  return !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfeff && code < 0xfffe
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

function escapeOf(character: string): string {
  const known = ESCAPES[character]
  if (known !== undefined) return known
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  if (code <= 0xffff) return `\\u${hex.padStart(4, '0')}`
  return `\\U${hex.padStart(8, '0')}`
}

const WORDS: ReadonlySet<string> = new Set(
  ['y', 'yes', 'true', 'on', 'n', 'no', 'false', 'off', 'null']
    .flatMap((word) => [word, word[0]?.toUpperCase() + word.slice(1), word.toUpperCase()])
    .concat(['', '~', '.nan', '.NaN', '.NAN'])
    .concat(['', '+', '-'].flatMap((sign) => [`${sign}.inf`, `${sign}.Inf`, `${sign}.INF`])),
)

/** go-yaml's `resolve`: whether a text written without quotes would still be read as a text. */
function resolvesToString(value: string): boolean {
  if (WORDS.has(value)) return false
  const first = value[0] ?? ''
  if (first === '.') return !/^\.\d+([eE][-+]?\d+)?$/.test(value)
  if (!/[-+0-9]/.test(first)) return true
  if (/^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(value)) return false
  if (
    /^\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?([Zz]|[-+]\d\d:\d\d)?)?$/.test(
      value,
    )
  )
    return false
  const plain = value.replaceAll('_', '')
  if (/^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]*|[1-9][0-9]*)$/.test(plain)) return false
  return !/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(plain)
}

const LETTER = /\p{L}/u
const DIGIT = /\p{Nd}/u

/** go-yaml's `keyList.Less`: letters after everything else, numbers by value. */
export function compareKeys(a: string, b: string): number {
  const left = [...a]
  const right = [...b]
  for (let index = 0; index < left.length && index < right.length; index += 1) {
    const x = left[index] ?? ''
    const y = right[index] ?? ''
    if (x === y) continue
    const xLetter = LETTER.test(x)
    const yLetter = LETTER.test(y)
    if (xLetter && yLetter) return x < y ? -1 : 1
    if (xLetter || yLetter) return yLetter ? -1 : 1
    let start = 0
    if (x === '0' || y === '0') {
      for (let before = index - 1; before >= 0 && DIGIT.test(left[before] ?? ''); before -= 1) {
        if (left[before] !== '0') {
          start = 1
          break
        }
      }
    }
    const one = readNumber(left, index, start)
    const two = readNumber(right, index, start)
    if (one.value !== two.value) return one.value - two.value
    if (one.end !== two.end) return one.end - two.end
    return x < y ? -1 : 1
  }
  return left.length - right.length
}

function readNumber(characters: readonly string[], from: number, start: number) {
  let value = start
  let end = from
  while (end < characters.length && DIGIT.test(characters[end] ?? '')) {
    value = value * 10 + Number(characters[end])
    end += 1
  }
  return { value, end }
}
