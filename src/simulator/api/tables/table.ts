import type { AnyKubeObject } from '../../../kube/objects.ts'
import { isKindName } from '../strategies/strategies.ts'
import type { Cell, Column } from './column.ts'
import { COLUMNS } from './columns.ts'

export interface TableOptions {
  readonly kind: string
  /** `v1` or `v1beta1` of meta.k8s.io. */
  readonly version: string
  readonly include: 'None' | 'Metadata' | 'Object'
  /** For ages: milliseconds since the epoch. */
  readonly now: number
  readonly metadata: Readonly<Record<string, unknown>>
}

/** The table that `kubectl get` prints: models k8s.io/kubernetes pkg/printers/internalversion. */
export function tableOf(objects: readonly AnyKubeObject[], options: TableOptions) {
  const columns = isKindName(options.kind) ? COLUMNS[options.kind] : []
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata: options.metadata,
    columnDefinitions: columns.map(definitionOf),
    rows: objects.map((object) => ({
      cells: columns.map((column): Cell => column.cell(object, options.now)),
      ...(options.include === 'None' ? {} : { object: rowObject(object, options) }),
    })),
  }
}

function definitionOf(column: Column) {
  return {
    name: column.name,
    type: column.type ?? 'string',
    format: column.name === 'Name' ? 'name' : '',
    description: column.description ?? '',
    priority: column.wide === true ? 1 : 0,
  }
}

function rowObject(object: AnyKubeObject, options: TableOptions): unknown {
  if (options.include === 'Object') return object
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata: object.metadata,
  }
}
