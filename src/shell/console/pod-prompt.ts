/** How sure it is that a pod's shell waits: `sure` after a moment without output, `maybe` after a longer one. */
export type PromptGuess = { readonly prompt: string; readonly sure: boolean } | undefined

const PROMPT = /^(?:\[[^\]]*\]|\S*) ?[#$] $/u
const LOOSE = /\S* ?[#$] $/u

/**
 * Reads the prompt off the line that ends at the cursor: `/ # ` of BusyBox, `root@web:/# ` of bash. Output
 * without a line end stands in front of it, so a line that ends with the prompt seen last counts as well.
 *
 * @param text the cursor's line up to the cursor, with nothing behind it
 */
export function guessPrompt(text: string | undefined, known: string | undefined): PromptGuess {
  if (text === undefined) return undefined
  if (known !== undefined && text.endsWith(known)) return { prompt: known, sure: true }
  if (PROMPT.test(text)) return { prompt: text, sure: true }
  const loose = LOOSE.exec(text)
  return loose === null ? undefined : { prompt: loose[0], sure: false }
}

/** Whether the program that a lab line opens in a pod is a shell, as far as the line says. */
export function opensShell(line: string): boolean {
  const [, program] = line.split(/\s--\s/, 2)
  return program === undefined || /^\s*(?:\S*\/)?(?:a|ba|da)?sh(?:\s+-[il]+)?\s*$/.test(program)
}
