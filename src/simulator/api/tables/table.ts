import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { ServedKind } from '../kinds/served-kind.ts'
import type { Cell, Column } from './column.ts'

export interface TableOptions {
  /** What the objects are shown as. */
  readonly served: ServedKind
  /** `v1` or `v1beta1` of meta.k8s.io. */
  readonly version: string
  readonly include: 'None' | 'Metadata' | 'Object'
  /** For ages: milliseconds since the epoch. */
  readonly now: number
  readonly metadata: Readonly<Record<string, unknown>>
}

/** The table that `kubectl get` prints of stored objects: models k8s.io/kubernetes pkg/printers/internalversion. */
export function tableOf(objects: readonly AnyKubeObject[], options: TableOptions) {
  const { columns } = options.served
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata: options.metadata,
    columnDefinitions: columns.map(definitionOf),
    rows: objects.map((object) => ({
      cells: columns.map((column): Cell => column.cell(shownAs(object, options), options.now)),
      ...(options.include === 'None' ? {} : { object: rowObject(object, options) }),
    })),
  }
}

/** Columns of built-in kinds are about what is stored, those of a definition about what its version shows. */
function shownAs(object: AnyKubeObject, { served }: TableOptions): AnyKubeObject {
  return served.itemsNameKind ? served.fromStorage(object) : object
}

function definitionOf(column: Column) {
  return {
    name: column.name,
    type: column.type ?? 'string',
    format: column.format ?? (column.name === 'Name' ? 'name' : ''),
    description: column.description ?? '',
    priority: column.wide === true ? 1 : 0,
  }
}

function rowObject(object: AnyKubeObject, options: TableOptions): unknown {
  if (options.include === 'Object') return options.served.fromStorage(object)
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata: object.metadata,
  }
}
