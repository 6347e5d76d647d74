import type { WatchEvent } from '../../../kube/client.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { KubectlContext } from '../context.ts'
import type { Flags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { type ObjectPrinter, printerFor } from '../print/object-printer.ts'
import {
  decodeTable,
  headerLine,
  rowLine,
  TABLE_ACCEPT,
  type TableOptions,
} from '../print/resource-table.ts'
import { alignGrowing } from '../print/tab-writer.ts'
import { listSelection, type Resolved, refOf, type Selection } from '../targets.ts'
import { requestTable, tableOptions } from './get.ts'

/** `kubectl get -w`: prints what is there, then each change, until it is stopped. */
export async function watchObjects(
  context: KubectlContext,
  resolved: Resolved,
  flags: Flags,
): Promise<number> {
  const selection = watchedSelection(resolved)
  // A name that is not there is an error at once, and nothing to wait for.
  const [named] = resolved.by === 'name' ? resolved.targets : []
  if (named !== undefined) await context.client.get(refOf(named), { signal: context.signal })
  const printer = printerFor(flags.string('output'), {
    forGet: true,
    noHeaders: flags.bool('no-headers'),
    showManagedFields: flags.bool('show-managed-fields'),
  })
  return printer === undefined
    ? watchTable(context, selection, flags)
    : watchPrinted(context, selection, flags, printer)
}

/** kubectl watches one kind, or one object as a list of one. */
function watchedSelection(resolved: Resolved): Selection {
  if (resolved.by === 'selection') {
    const [only] = resolved.selections
    if (only !== undefined && resolved.selections.length === 1) return only
  } else {
    const [only] = resolved.targets
    if (only !== undefined && resolved.targets.length === 1) {
      const { kind, namespace, name } = only
      const fieldSelector = `metadata.name=${name}`
      return { kind, namespace, labelSelector: undefined, fieldSelector }
    }
  }
  throw new KubectlError('watch is only supported on individual resources and resource collections')
}

async function watchTable(
  context: KubectlContext,
  selection: Selection,
  flags: Flags,
): Promise<number> {
  const options: TableOptions = tableOptions(flags, selection.kind, flags.bool('show-kind'))
  const withEvents = flags.bool('output-watch-events')
  const align = alignGrowing()
  const first = await requestTable(context, selection, false)
  let columns = first
  let headed = flags.bool('no-headers')
  const print = (lines: readonly string[], type: string) => {
    const marked = lines.map((line) => (withEvents ? `${type}\t${line}` : line))
    if (!headed) {
      headed = true
      const header = headerLine(columns, options)
      marked.unshift(withEvents ? `EVENT\t${header}` : header)
    }
    context.out(align(marked.join('')))
  }
  if (!flags.bool('watch-only') && first.rows.length > 0) {
    print(
      first.rows.map((row) => rowLine(first, row, options)),
      'ADDED',
    )
  }
  await follow(context, selection, first.resourceVersion, TABLE_ACCEPT, (event) => {
    const table = decodeTable(event.object)
    if (table === undefined) return
    // Only the first table of a watch names its columns.
    if (table.columns.length > 0) columns = table
    const whole = { ...table, columns: columns.columns }
    print(
      whole.rows.map((row) => rowLine(whole, row, options)),
      event.type,
    )
  })
  return 0
}

async function watchPrinted(
  context: KubectlContext,
  selection: Selection,
  flags: Flags,
  printer: ObjectPrinter,
): Promise<number> {
  const list = await listSelection(context, selection)
  if (!flags.bool('watch-only')) for (const item of list.items) context.out(printer(item))
  const version = list.metadata.resourceVersion ?? ''
  await follow(context, selection, version, undefined, (event) =>
    context.out(printer(event.object)),
  )
  return 0
}

async function follow(
  context: KubectlContext,
  selection: Selection,
  resourceVersion: string,
  accept: string | undefined,
  onEvent: (event: WatchEvent<AnyKubeObject>) => void,
): Promise<void> {
  const { labelSelector, fieldSelector } = selection
  await context.client.watch(
    refOf(selection),
    {
      signal: context.signal,
      ...(resourceVersion === '' ? {} : { resourceVersion }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
      ...(accept === undefined ? {} : { accept }),
    },
    (event) => {
      if (event.type !== 'BOOKMARK' && event.type !== 'ERROR') onEvent(event)
    },
  )
  context.signal.throwIfAborted()
}
