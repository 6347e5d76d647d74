import { type ApiError, errors } from './status.ts'

/** The largest body of a request, in bytes, as of a real API server. */
export const BODY_LIMIT = 3 * 1024 * 1024
const DEPTH_LIMIT = 1000

/** A decoded body and its text as JSON; the text is needed to find duplicate fields. */
export interface Body {
  readonly value: unknown
  readonly text: string
}

/**
 * Decodes a body by its content type.
 *
 * @param refuse what is said of a body that is no JSON. @default that of an object
 * @throws ApiError 400, 413 or 415
 */
export async function readBody(
  bytes: Uint8Array,
  contentType: string,
  expected: string,
  refuse: (why: string) => ApiError = (why) =>
    errors.badRequest(
      `the object provided is unrecognized (must be of type ${expected}): couldn't get version/kind; json parse error: ${why}`,
    ),
): Promise<Body> {
  if (bytes.byteLength > BODY_LIMIT) throw errors.tooLarge(BODY_LIMIT)
  const text = new TextDecoder().decode(bytes)
  if (isTooDeep(text)) throw refuse('exceeded max depth')
  const type = contentType.split(';')[0]?.trim() ?? ''
  if (type.includes('yaml')) {
    try {
      // client-node and kubectl send JSON under this name: no YAML parser is needed for them.
      return { value: JSON.parse(text), text }
    } catch {
      const { parseYaml } = await import('../../base/parse-yaml.ts')
      try {
        const value: unknown = parseYaml(text, { version: '1.1' })
        return { value, text: JSON.stringify(value) ?? 'null' }
      } catch (error) {
        throw errors.badRequest(
          `error decoding YAML: ${error instanceof Error ? error.message : String(error)}`,
        )
      }
    }
  }
  try {
    return { value: JSON.parse(text), text }
  } catch (error) {
    throw refuse(goWords(error instanceof Error ? error.message : String(error)))
  }
}

/** What Go's decoder says where JavaScript's says this, as far as both name the same thing. */
function goWords(message: string): string {
  if (message.startsWith('Unexpected end of JSON input')) return 'unexpected end of JSON input'
  const [, sign] = /^Unexpected token '?(.)'?/u.exec(message) ?? []
  return sign === undefined ? message : `invalid character '${sign}' looking for beginning of value`
}

function isTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]
    if (sign === '{' || sign === '[') {
      depth += 1
      if (depth > DEPTH_LIMIT) return true
    } else if (sign === '}' || sign === ']') {
      depth -= 1
    } else if (sign === '"') {
      // Braces inside strings do not nest.
      for (at += 1; at < text.length && text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1
    }
  }
  return false
}
