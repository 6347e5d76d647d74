import type { Labels } from './objects.ts'

/** The value of a label: never a property that every object has, such as `constructor`. */
export function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}
