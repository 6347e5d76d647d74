import { quantityValue } from '../describe/quantity.ts'

const QUANTITY = /^[+-]?(\d+(\.\d*)?|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][-+]?\d+)?$/

/** The order of `--sort-by`: numbers and quantities by size, other texts by their letters, missing values first (`cmd/get/sorter.go`). */
export function compareValues(a: unknown, b: unknown): number {
  if (a === undefined || a === null) return b === undefined || b === null ? 0 : -1
  if (b === undefined || b === null) return 1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const x = String(a)
  const y = String(b)
  if (QUANTITY.test(x) && QUANTITY.test(y)) return quantityValue(x) - quantityValue(y)
  return x < y ? -1 : x > y ? 1 : 0
}
