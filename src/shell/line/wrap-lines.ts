/**
 * Breaks lines between words, so that a terminal does not break them inside one. Later rows stand under the text of the first: behind its
 * indent, or in the second column of a list (`  lint   Find mistakes`). A word that is wider than a row stays whole.
 *
 * @param columns width of the terminal
 */
export function wrapLines(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, columns))
    .join('\n')
}

/** Under this width a hanging indent would leave no room for text. */
const LEAST_ROOM = 20

function wrapLine(line: string, columns: number): string {
  if (line.length <= columns) return line
  const lead = /^ *(?:\S+ {2,})?/.exec(line)?.[0] ?? ''
  const indent = columns - lead.length < LEAST_ROOM ? '' : ' '.repeat(lead.length)
  const rows: string[] = []
  let row = lead
  for (const word of line.slice(lead.length).split(' ')) {
    const empty = row.length <= (rows.length === 0 ? lead : indent).length
    if (!empty && row.length + 1 + word.length > columns) {
      rows.push(row.trimEnd())
      row = indent + word
    } else {
      row += empty ? word : ` ${word}`
    }
  }
  return [...rows, row].join('\n')
}
