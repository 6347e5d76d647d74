/**
 * Field selectors: `?fieldSelector=metadata.name=web,status.phase!=Running`.
 * Models k8s.io/apimachinery fields/selector.go. Which fields a resource knows is the server's to say.
 */
export interface FieldSelector {
  readonly requirements: readonly {
    readonly field: string
    readonly operator: '=' | '!='
    readonly value: string
  }[]
  /** `value` gives the object's text for a field, empty where it has none. */
  matches(value: (field: string) => string): boolean
}

/** Thrown for a field selector that cannot be read; the message is apimachinery's. */
export class FieldSelectorSyntaxError extends Error {
  override readonly name = 'FieldSelectorSyntaxError'
}

/**
 * Reads a field selector. Terms are joined by `,`; `\\`, `\,` and `\=` stand for those signs in a value.
 * @throws FieldSelectorSyntaxError with the text that an API server answers
 */
export function parseFieldSelector(text: string): FieldSelector {
  const requirements = splitTerms(text)
    .sort()
    .filter((term) => term !== '')
    .map((term) => {
      const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term)
      if (match === null) {
        throw new FieldSelectorSyntaxError(
          `invalid selector: '${text}'; can't understand '${term}'`,
        )
      }
      const [, field = '', operator, value = ''] = match
      return { field, operator: operator === '!=' ? '!=' : '=', value: unescaped(value) } as const
    })
  return {
    requirements,
    matches: (value) =>
      requirements.every((term) => (value(term.field) === term.value) === (term.operator === '=')),
  }
}

function splitTerms(text: string): string[] {
  const terms: string[] = []
  let term = ''
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '\\') term += character + text.charAt(++at)
    else if (character === ',') {
      terms.push(term)
      term = ''
    } else term += character
  }
  return [...terms, term]
}

function unescaped(value: string): string {
  let result = ''
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at)
    if (character === '\\') {
      const next = value.charAt(++at)
      if (next !== '\\' && next !== ',' && next !== '=') {
        throw new FieldSelectorSyntaxError(
          `invalid field selector: invalid escape sequence: \\${next}`,
        )
      }
      result += next
    } else if (character === ',' || character === '=') {
      throw new FieldSelectorSyntaxError(
        `invalid field selector: unescaped character in value: ${character}`,
      )
    } else result += character
  }
  return result
}
