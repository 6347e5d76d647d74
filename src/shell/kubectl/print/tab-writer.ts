/**
 * Aligns lines whose cells end in tabs, as Go's `text/tabwriter` does: a column is a block of consecutive lines that have
 * a tab-ended cell there; its width is its widest cell plus padding.
 *
 * @param options.minimum least width of a column. @default 6
 * @param options.padding spaces after the widest cell. @default 3
 * @param options.allLines every line counts for every column, as with `tabwriter.RememberWidths`. @default false
 */
export function alignTabs(
  text: string,
  options: { readonly minimum?: number; readonly padding?: number } = {},
): string {
  const { minimum = 6, padding = 3 } = options
  const ended = text.endsWith('\n')
  const lines = (ended ? text.slice(0, -1) : text).split('\n').map((line) => line.split('\t'))
  const widths: number[][] = lines.map(() => [])
  const columns = Math.max(0, ...lines.map((line) => line.length - 1))
  for (let column = 0; column < columns; column += 1) {
    let row = 0
    while (row < lines.length) {
      if (!hasCell(lines[row], column)) {
        row += 1
        continue
      }
      const start = row
      let widest = 0
      let used = false
      while (row < lines.length && hasCell(lines[row], column)) {
        const length = [...(lines[row]?.[column] ?? '')].length
        if (length > 0) used = true
        widest = Math.max(widest, length + padding)
        row += 1
      }
      // An empty column of a block takes no space, unless a width is prescribed.
      const width = used ? Math.max(widest, minimum) : Math.max(padding, minimum)
      for (let index = start; index < row; index += 1) widths[index]?.push(width)
    }
  }
  const out = lines.map((cells, row) =>
    cells
      .map((cell, column) =>
        column === cells.length - 1
          ? cell
          : cell + ' '.repeat(Math.max(0, (widths[row]?.[column] ?? 0) - [...cell].length)),
      )
      .join(''),
  )
  return out.join('\n') + (ended ? '\n' : '')
}

function hasCell(line: readonly string[] | undefined, column: number): boolean {
  return line !== undefined && line.length - 1 > column
}

/** Aligns lines that come in portions: columns only ever grow (`tabwriter.RememberWidths`). */
export function alignGrowing(): (text: string) => string {
  const widths: number[] = []
  return (text) => {
    const lines = text
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => line.split('\t'))
    for (const cells of lines) {
      cells.slice(0, -1).forEach((cell, column) => {
        widths[column] = Math.max(widths[column] ?? 6, [...cell].length + 3)
      })
    }
    return lines
      .map((cells) =>
        cells
          .map((cell, column) =>
            column === cells.length - 1
              ? cell
              : cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - [...cell].length)),
          )
          .join(''),
      )
      .map((line) => `${line}\n`)
      .join('')
  }
}
