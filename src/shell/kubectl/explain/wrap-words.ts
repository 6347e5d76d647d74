/**
 * Breaks lines between words at a width, as mitchellh/go-wordwrap does: spaces and line breaks of the text stay, except
 * the spaces at a break. A word longer than the width stays whole.
 */
export function wrapWords(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n')
}

function wrapLine(line: string, width: number): string {
  let out = ''
  let used = 0
  for (const [, spaces = '', word = ''] of line.matchAll(/(\s*)(\S*)/g)) {
    if (word === '') {
      if (used + spaces.length <= width) out += spaces
      continue
    }
    if (used > 0 && used + spaces.length + Math.min(word.length, width - 1) > width) {
      out += `\n${word}`
      used = word.length
      continue
    }
    out += spaces + word
    used += spaces.length + word.length
  }
  return out
}
