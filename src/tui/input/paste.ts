/** What becomes of a paste at a prompt: one line is put there, several are asked about. */
export type PromptPaste =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'lines'; readonly text: string }

/** Line ends as LF, no other control characters but tabs: a paste is text and never acts as keys. */
export function cleanPaste(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '')
}

/** Drops the prompt that was copied along and the last line end. */
export function promptPaste(text: string): PromptPaste {
  const clean = cleanPaste(text).replace(/\n+$/, '').replace(/^\n+/, '')
  if (clean.includes('\n')) return { kind: 'lines', text: clean }
  return { kind: 'line', text: clean.replace(/^\s*(?:\/ # |\$ |lab\$ )/, '').replaceAll('\t', ' ') }
}
