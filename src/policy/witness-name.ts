/**
 * Witness pods and namespaces are named after their labels, with signs that no API server would take in a name: so they are
 * never taken for one of the world. A twin is a second pod just like the first.
 */
export function witnessName(kind: 'pod' | 'ns', labels: string, isTwin = false): string {
  return `${kind}${isTwin ? "'" : ''}{${labels}}`
}

/** The labels that a witness is named after, empty for none; `undefined` for the name of something real. */
export function witnessLabels(name: string, kind: 'pod' | 'ns'): string | undefined {
  return new RegExp(`^${kind}'?\\{(.*)\\}$`, 's').exec(name)?.[1]
}

/** The labels of a witness as its name has them. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}
