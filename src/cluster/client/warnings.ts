/** The texts of `Warning: 299 - "…"` headers (RFC 7234, 5.5; code 299 is what API servers send). */
export function parseWarnings(headers: Readonly<Record<string, readonly string[]>>): string[] {
  const texts: string[] = []
  for (const value of headers.warning ?? []) {
    for (const match of value.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)) {
      texts.push((match[1] ?? '').replace(/\\(.)/g, '$1'))
    }
  }
  return texts
}
