/**
 * Witness pods and namespaces are named after their labels, with signs that no API server would take in a name: so they are
 * never taken for one of the world.
 */
export function witnessName(kind: 'pod' | 'ns', labels: string): string {
  return `${kind}{${labels}}`
}

/** The labels that a witness is named after, empty for none; `undefined` for the name of something real. */
export function witnessLabels(name: string, kind: 'pod' | 'ns'): string | undefined {
  return name.startsWith(`${kind}{`) ? name.slice(kind.length + 1, -1) : undefined
}
