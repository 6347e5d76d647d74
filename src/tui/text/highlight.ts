import { EMPTY_LINE, type Line, lineOf, type Span, type Style } from './line.ts'

const KEY: Style = { bold: true }

/**
 * Code as lines. Of YAML the keys are bold: enough to see the structure, and no grammar has to be loaded for it.
 * Other languages stay as they are.
 */
export function highlightCode(text: string, language: string): Line[] {
  const rows = text.replace(/\n$/, '').replaceAll('\t', '  ').split('\n')
  const yaml = /^ya?ml$/.test(language)
  return rows.map((row) => (row === '' ? EMPTY_LINE : yaml ? yamlLine(row) : lineOf(row)))
}

function yamlLine(row: string): Line {
  // Comments keep the terminal's foreground: dim and grey are lost on many backgrounds.
  if (/^\s*#/.test(row)) return lineOf(row)
  const key = /^(\s*(?:- +)*)([\w.\-/"']+)(:(?:\s.*)?)$/.exec(row)
  if (key === null) return lineOf(row)
  return spans([key[1] ?? '', undefined], [key[2] ?? '', KEY], [key[3] ?? '', undefined])
}

function spans(...parts: readonly (readonly [string, Style | undefined])[]): Span[] {
  return parts.flatMap(([text, style]) =>
    text === '' ? [] : [style === undefined ? { text } : { text, style }],
  )
}
