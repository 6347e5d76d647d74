/** `Warning: 299 - "text"`, one header line each. */
export function warningHeaders(texts: readonly string[]): Record<string, readonly string[]> {
  if (texts.length === 0) return {}
  const lines = [...new Set(texts)].map(
    // Header values are one line of Latin-1.
    (text) =>
      `299 - "${text
        .replace(/[^\x20-\x7e]/g, '?')
        .replaceAll('\\', '\\\\')
        .replaceAll('"', '\\"')}"`,
  )
  return { warning: lines }
}
