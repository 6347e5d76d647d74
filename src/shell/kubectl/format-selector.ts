import { isRecord, records, stringMap, strings, text } from './values.ts'

/** `metav1.FormatLabelSelector`: `a=b,c in (d,e),!f`, or `<none>`. */
export function formatLabelSelector(selector: unknown): string {
  return selectorText(selector) || '<none>'
}

/** The text of a `labels.Selector`: requirements in order of their keys. */
export function selectorText(selector: unknown): string {
  if (!isRecord(selector)) return ''
  const pairs = Object.entries(stringMap(selector.matchLabels)).map(([key, value]) => ({
    key,
    shown: `${key}=${value}`,
  }))
  const expressions = records(selector.matchExpressions).map((expression) => {
    const key = text(expression.key)
    const values = [...strings(expression.values)].sort().join(',')
    switch (expression.operator) {
      case 'In':
        return { key, shown: `${key} in (${values})` }
      case 'NotIn':
        return { key, shown: `${key} notin (${values})` }
      case 'DoesNotExist':
        return { key, shown: `!${key}` }
      default:
        return { key, shown: key }
    }
  })
  return [...pairs, ...expressions]
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ shown }) => shown)
    .join(',')
}
