/** Readers of JSON values whose shape the schema has checked and whose type the lab does not have. */

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A field of an object; `undefined` where there is none. */
export function fieldOf(value: unknown, field: string): unknown {
  return isRecord(value) ? value[field] : undefined
}

/** A text of an object; empty where there is none. */
export function textOf(value: unknown, field: string): string {
  const inner = fieldOf(value, field)
  return typeof inner === 'string' ? inner : ''
}

/** A number of an object. */
export function numberOf(value: unknown, field: string): number | undefined {
  const inner = fieldOf(value, field)
  return typeof inner === 'number' ? inner : undefined
}
