/** Kubernetes quantities (`100m`, `128Mi`), as far as `describe node` adds and compares them. */
const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** The value in base units; 0 for what is no quantity. */
export function quantityValue(quantity: unknown): number {
  const match = /^([+-]?[0-9.]+(?:[eE][+-]?\d+)?)([numkMGT]?|[KMGT]i)$/.exec(
    String(quantity ?? '0'),
  )
  return match === null ? 0 : Number(match[1]) * (FACTORS[match[2] ?? ''] ?? 1)
}

/** A sum in the shortest canonical form: `850m`, `220Mi`, `0`. */
export function quantityText(value: number, kind: 'cpu' | 'bytes'): string {
  if (value === 0) return '0'
  if (kind === 'cpu')
    return Number.isInteger(value) ? String(value) : `${Math.round(value * 1000)}m`
  for (const unit of ['Ti', 'Gi', 'Mi', 'Ki'] as const) {
    const factor = FACTORS[unit] ?? 1
    if (value % factor === 0) return `${value / factor}${unit}`
  }
  return String(value)
}
