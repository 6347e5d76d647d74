/** Lines of context around a change. */
const CONTEXT = 3

interface Edit {
  readonly mark: ' ' | '-' | '+'
  readonly line: string
}

/** The hunks of `diff -u` between two texts; empty where they are equal. */
export function unifiedHunks(from: string, to: string): string {
  const edits = editsBetween(linesOf(from), linesOf(to))
  const changed = edits.flatMap((edit, index) => (edit.mark === ' ' ? [] : [index]))
  const [first] = changed
  if (first === undefined) return ''
  const hunks: { start: number; end: number }[] = []
  for (const index of changed) {
    const last = hunks.at(-1)
    const start = Math.max(0, index - CONTEXT)
    const end = Math.min(edits.length, index + CONTEXT + 1)
    if (last !== undefined && start <= last.end) last.end = end
    else hunks.push({ start, end })
  }
  return hunks.map(({ start, end }) => hunkText(edits, start, end)).join('')
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

function hunkText(edits: readonly Edit[], start: number, end: number): string {
  const before = edits.slice(0, start)
  const shown = edits.slice(start, end)
  const range = (other: '-' | '+') => {
    const counts = (list: readonly Edit[]) =>
      list.filter((edit) => edit.mark === ' ' || edit.mark === other).length
    const length = counts(shown)
    const first = counts(before) + (length === 0 ? 0 : 1)
    return length === 1 ? String(first) : `${first},${length}`
  }
  const lines = shown.map(({ mark, line }) => `${mark}${line}\n`).join('')
  return `@@ -${range('-')} +${range('+')} @@\n${lines}`
}

/** The shortest edit by the longest common subsequence; where there is a choice, lines go before others come. */
function editsBetween(a: readonly string[], b: readonly string[]): readonly Edit[] {
  const width = b.length + 1
  const common = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number) => common[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const edits: Edit[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    const old = a[i]
    const young = b[j]
    if (old !== undefined && old === young) {
      edits.push({ mark: ' ', line: old })
      i += 1
      j += 1
    } else if (old !== undefined && (young === undefined || at(i + 1, j) >= at(i, j + 1))) {
      edits.push({ mark: '-', line: old })
      i += 1
    } else {
      edits.push({ mark: '+', line: young ?? '' })
      j += 1
    }
  }
  return edits
}
