/** The lines of a pasted text, as they can stand at a prompt: a leading prompt and the last line end are dropped. */
export function cleanPaste(text: string): readonly string[] {
  const lines = text.replace(/\r\n?/g, '\n').replace(/\n+$/, '').split('\n')
  return lines.map((row) => row.replace(/^(?:lab\$|\$|\/ #) /, ''))
}
