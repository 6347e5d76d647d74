/**
 * Finds keys that stand twice in one JSON object: `JSON.parse` drops the first silently, and strict field validation
 * must name it. The text is known to be valid JSON.
 */
export function duplicateFields(text: string): readonly string[] {
  const duplicates: string[] = []
  let at = 0

  const blanks = () => {
    while (at < text.length && ' \t\r\n'.includes(text[at] ?? '')) at += 1
  }
  const string = (): string => {
    const start = at
    at += 1
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
    at += 1
    const raw = text.slice(start, at)
    return raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1)
  }
  const value = (path: string): void => {
    blanks()
    const first = text[at]
    if (first === '{') {
      object(path)
    } else if (first === '[') {
      list(path)
    } else if (first === '"') {
      string()
    } else {
      while (at < text.length && !',]} \t\r\n'.includes(text[at] ?? '')) at += 1
    }
    blanks()
  }
  const object = (path: string): void => {
    const seen = new Set<string>()
    at += 1
    blanks()
    while (at < text.length && text[at] !== '}') {
      const key = string()
      const inner = path === '' ? key : `${path}.${key}`
      if (seen.has(key)) duplicates.push(inner)
      seen.add(key)
      blanks()
      at += 1
      value(inner)
      if (text[at] === ',') at += 1
      blanks()
    }
    at += 1
  }
  const list = (path: string): void => {
    at += 1
    blanks()
    for (let index = 0; at < text.length && text[at] !== ']'; index += 1) {
      value(`${path}[${index}]`)
      if (text[at] === ',') at += 1
      blanks()
    }
    at += 1
  }
  value('')
  return [...new Set(duplicates)]
}
