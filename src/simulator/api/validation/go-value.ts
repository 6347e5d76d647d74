import type { LabelSelector } from '../../../kube/objects.ts'

/** A value in an error, already as Go's `%#v` prints it. */
export class GoText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/**
 * How Kubernetes prints the value that an error is about: strings quoted, numbers and booleans bare, the rest with Go's `%#v`.
 * What has no Go type known here is printed as JSON.
 */
export function goValue(value: unknown): string {
  if (value instanceof GoText) return value.text
  if (value === undefined) return '""'
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return goStrings(value)
  }
  return JSON.stringify(value)
}

/** A JSON value as Go's `%+v` prints it: `map[spec:map[replicas:3]]`. */
export function goPrint(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goPrint).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${entries.map(([key, inner]) => `${key}:${goPrint(inner)}`).join(' ')}]`
}

/** A `map[string]string`. Go prints its keys in order. */
export function goMap(map: Readonly<Record<string, string>> | undefined): GoText {
  if (map === undefined) return new GoText('map[string]string(nil)')
  const entries = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))
  const inner = entries.map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`)
  return new GoText(`map[string]string{${inner.join(', ')}}`)
}

/** A pointer to a `metav1.LabelSelector`. */
export function goSelector(selector: LabelSelector | undefined): GoText {
  if (selector === undefined) return new GoText('"null"')
  const requirements = selector.matchExpressions?.map(
    ({ key, operator, values }) =>
      `v1.LabelSelectorRequirement{Key:${JSON.stringify(key)}, Operator:${JSON.stringify(operator)}, Values:${
        values === undefined ? '[]string(nil)' : goStrings(values)
      }}`,
  )
  const expressions =
    requirements === undefined
      ? '[]v1.LabelSelectorRequirement(nil)'
      : `[]v1.LabelSelectorRequirement{${requirements.join(', ')}}`
  return new GoText(
    `v1.LabelSelector{MatchLabels:${goMap(selector.matchLabels).text}, MatchExpressions:${expressions}}`,
  )
}

/** An `intstr.IntOrString`. */
export function goIntOrString(value: number | string): GoText {
  return new GoText(
    typeof value === 'number'
      ? `intstr.IntOrString{Type:0, IntVal:${value}, StrVal:""}`
      : `intstr.IntOrString{Type:1, IntVal:0, StrVal:${JSON.stringify(value)}}`,
  )
}

function goStrings(values: readonly string[]): string {
  return `[]string{${values.map((text) => JSON.stringify(text)).join(', ')}}`
}
