import { humanDuration } from '../../../kube/human-duration.ts'
import type { KubeObject } from '../../../kube/objects.ts'

export type Cell = string | number | boolean | null

/** One column of `kubectl get`. */
export interface Column {
  readonly name: string
  /** @default string */
  readonly type?: 'integer' | 'number' | 'string' | 'boolean' | 'date'
  /** Of the table's definition; a name column's is `name`. */
  readonly format?: string
  /** Shown with `-o wide` only. */
  readonly wide?: true
  readonly description?: string
  /** `now` in milliseconds since the epoch, for ages. */
  readonly cell: (object: KubeObject, now: number) => Cell
}

export const nameColumn: Column = {
  name: 'Name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically.',
  cell: (object) => object.metadata.name,
}

export const ageColumn: Column = {
  name: 'Age',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created.',
  cell: (object, now) => ageOf(object.metadata.creationTimestamp, now),
}

/** What stands in the place of an age where a kind has no columns of its own. */
export const createdAtColumn: Column = {
  name: 'Created At',
  type: 'date',
  description: ageColumn.description ?? '',
  cell: (object) => object.metadata.creationTimestamp ?? '<unknown>',
}

/** How long ago; `<unknown>` for a time that was never set. */
export function ageOf(time: string | null | undefined, now: number): string {
  return time === undefined || time === null ? '<unknown>' : humanDuration(now - Date.parse(time))
}
