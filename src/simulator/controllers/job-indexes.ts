/** Completion indexes as a job's status writes them: `1,3-5`. */
export function formatIndexes(indexes: readonly number[]): string {
  const order = [...new Set(indexes)].sort((a, b) => a - b)
  const parts: string[] = []
  for (let at = 0; at < order.length; ) {
    let end = at
    while (order[end + 1] === (order[end] ?? 0) + 1) end += 1
    const [first, last] = [order[at], order[end]]
    // Two in a row are still a list.
    parts.push(end === at ? `${first}` : end === at + 1 ? `${first},${last}` : `${first}-${last}`)
    at = end + 1
  }
  return parts.join(',')
}

/** The reverse of `formatIndexes`. */
export function parseIndexes(text: string | undefined): readonly number[] {
  return (text ?? '')
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    })
}
