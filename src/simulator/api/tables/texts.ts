import type { KubeObject, LabelSelector, PodSpec } from '../../../kube/objects.ts'
import type { Column } from './column.ts'

/** What stands in a cell that has nothing to say. */
export const NONE = '<none>'

/** `FormatLabelSelector`: `app=web,tier in (a,b)`. */
export function selectorText(selector: LabelSelector | undefined): string {
  const parts = [
    ...Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`),
    ...(selector?.matchExpressions ?? []).map(({ key, operator, values }) => {
      const list = `(${[...(values ?? [])].sort().join(',')})`
      switch (operator) {
        case 'In':
          return `${key} in ${list}`
        case 'NotIn':
          return `${key} notin ${list}`
        case 'Exists':
          return key
        default:
          return `!${key}`
      }
    }),
  ].sort()
  return parts.length === 0 ? NONE : parts.join(',')
}

/** `FormatLabels`. */
export function mapText(map: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? NONE : entries.map(([key, value]) => `${key}=${value}`).join(',')
}

/** Names and images of a template's containers, for `-o wide`. */
export const containerColumns = (specOf: (object: KubeObject) => PodSpec): readonly Column[] => [
  {
    name: 'Containers',
    wide: true,
    cell: (object) =>
      specOf(object)
        .containers.map((container) => container.name)
        .join(','),
  },
  {
    name: 'Images',
    wide: true,
    cell: (object) =>
      specOf(object)
        .containers.map((container) => container.image)
        .join(','),
  },
]
