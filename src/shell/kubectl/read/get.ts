import { KubeStatusError } from '../../../kube/client.ts'
import { groupKind, type KindInfo, resourcePath } from '../../../kube/kinds.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import {
  ALL_NAMESPACES_FLAG,
  FIELD_SELECTOR_FLAG,
  FILE_FLAGS,
  PRINT_FLAGS,
  SELECTOR_FLAG,
} from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import type { Flags, ParsedFlags } from '../flags.ts'
import { KubectlError, notInLab, throwCollected, usageError } from '../kubectl-error.ts'
import { statusError } from '../objects/delete.ts'
import { parseJsonPath, relaxJsonPath } from '../print/json-path.ts'
import { type ObjectPrinter, printerFor } from '../print/object-printer.ts'
import {
  decodeTable,
  headerLine,
  type ResourceTable,
  rowLine,
  TABLE_ACCEPT,
  type TableOptions,
} from '../print/resource-table.ts'
import { alignTabs } from '../print/tab-writer.ts'
import {
  listError,
  listSelection,
  type Resolved,
  readTarget,
  refOf,
  resolveTargets,
  type Selection,
  type Target,
} from '../targets.ts'
import { compareValues } from './compare-values.ts'
import { watchObjects } from './watch-objects.ts'

/** Shows objects (`kubectl/pkg/cmd/get`); the columns of tables come from the server. */
export const getCommand: KubectlCommand = {
  name: 'get',
  summary: 'Display one or many resources',
  usage:
    'kubectl get [(-o|--output=)json|yaml|name|jsonpath|jsonpath-as-json|custom-columns|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]',
  words: 'objects',
  flags: [
    ...PRINT_FLAGS,
    ...FILE_FLAGS,
    SELECTOR_FLAG,
    FIELD_SELECTOR_FLAG,
    ALL_NAMESPACES_FLAG,
    { name: 'chunk-size', type: 'int', default: '500' },
    { name: 'ignore-not-found', type: 'bool' },
    { name: 'label-columns', short: 'L', type: 'slice' },
    { name: 'no-headers', type: 'bool' },
    { name: 'output-watch-events', type: 'bool' },
    { name: 'raw', type: 'string', refused: 'Name a kind, as in: kubectl get pods.' },
    { name: 'server-print', type: 'bool', default: 'true' },
    { name: 'show-kind', type: 'bool' },
    { name: 'show-labels', type: 'bool' },
    { name: 'sort-by', type: 'string' },
    { name: 'subresource', type: 'string', values: ['scale', 'status'] },
    { name: 'watch', short: 'w', type: 'bool' },
    { name: 'watch-only', type: 'bool' },
  ],
  run: runGet,
}

async function runGet(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags, positionals } = given
  if (flags.bool('show-labels') && !['', 'wide'].includes(flags.string('output'))) {
    throw new KubectlError(
      `--show-labels option cannot be used with ${flags.string('output')} printer`,
    )
  }
  if (flags.bool('output-watch-events') && !isWatch(flags)) {
    throw usageError(
      'kubectl get',
      '--output-watch-events option can only be used with --watch or --watch-only',
    )
  }
  const filenames = flags.list('filename')
  if (positionals.length === 0 && filenames.length === 0) {
    context.err(
      'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n',
    )
    throw usageError(
      'kubectl get',
      'Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).',
    )
  }
  const resolved = withSubresource(
    await resolveTargets(context, {
      args: positionals,
      filenames,
      recursive: flags.bool('recursive'),
      labelSelector: flags.string('selector'),
      fieldSelector: flags.string('field-selector'),
      allNamespaces: flags.bool('all-namespaces'),
      kindAlone: true,
      singleKind: isWatch(flags),
    }),
    flags.string('subresource'),
  )
  if (isWatch(flags)) return watchObjects(context, resolved, flags)
  if (!flags.bool('server-print')) {
    throw notInLab('--server-print=false', 'The columns of tables come from the server.')
  }
  const printer = printerFor(flags.string('output'), {
    forGet: true,
    noHeaders: flags.bool('no-headers'),
    showManagedFields: flags.bool('show-managed-fields'),
  })
  if (printer !== undefined) return printObjects(context, resolved, flags, printer)
  return printTables(context, resolved, flags)
}

/** `--subresource` of named objects; of a whole kind there is none. */
function withSubresource(resolved: Resolved, subresource: string): Resolved {
  if (subresource === '') return resolved
  if (resolved.by === 'selection') {
    throw new KubectlError('subresource cannot be used when bulk resources are specified')
  }
  return { ...resolved, targets: resolved.targets.map((target) => ({ ...target, subresource })) }
}

function isWatch(flags: Flags): boolean {
  return flags.bool('watch') || flags.bool('watch-only')
}

/** The forms that show whole objects: one object as it is, several as a List. */
async function printObjects(
  context: KubectlContext,
  resolved: Resolved,
  flags: Flags,
  printer: ObjectPrinter,
): Promise<number> {
  const errors: unknown[] = []
  const collect = collector(errors, flags.bool('ignore-not-found'))
  const found: AnyKubeObject[] = []
  const single = resolved.by === 'name' && resolved.single
  if (resolved.by === 'name') {
    for (const target of resolved.targets) {
      await collect(async () => {
        found.push(await readTarget(context, target))
      })
    }
  } else {
    for (const selection of resolved.selections) {
      await collect(async () => {
        found.push(...(await listSelection(context, selection)).items)
      })
    }
  }
  if (single && errors.length > 0) throwCollected(errors)
  if (found.length === 0 && flags.bool('ignore-not-found')) {
    throwCollected(errors)
    return 0
  }
  const sorted = sortObjects(found, flags.string('sort-by'))
  const [only] = sorted
  const list = { apiVersion: 'v1', items: sorted, kind: 'List', metadata: { resourceVersion: '' } }
  context.out(printer(single && only !== undefined && sorted.length === 1 ? only : list))
  throwCollected(errors)
  return 0
}

/** Runs steps that may fail as the server says, and keeps their errors. */
export function collector(errors: unknown[], ignoreNotFound: boolean) {
  return async (step: () => Promise<void>): Promise<void> => {
    try {
      await step()
    } catch (error) {
      if (!(error instanceof KubeStatusError)) throw error
      if (ignoreNotFound && error.code === 404) return
      errors.push(error)
    }
  }
}

interface FoundTable {
  readonly kind: KindInfo
  readonly table: ResourceTable
}

async function printTables(
  context: KubectlContext,
  resolved: Resolved,
  flags: Flags,
): Promise<number> {
  const errors: unknown[] = []
  const collect = collector(errors, flags.bool('ignore-not-found'))
  const sortBy = flags.string('sort-by')
  const found: FoundTable[] = []
  const asked: readonly (Target | Selection)[] =
    resolved.by === 'name' ? resolved.targets : resolved.selections
  for (const one of asked) {
    await collect(async () => {
      found.push({ kind: one.kind, table: await requestTable(context, one, sortBy !== '') })
    })
  }
  const kinds = new Set(found.map((one) => one.kind))
  const allNamespaced = found.every((one) => one.kind.namespaced)
  const text = renderTables(sortTables(found, sortBy), flags, {
    withKind: flags.bool('show-kind') || kinds.size > 1,
  })
  context.out(text)
  if (text === '' && !flags.bool('ignore-not-found') && errors.length === 0) {
    context.err(
      allNamespaced && !flags.bool('all-namespaces')
        ? `No resources found in ${context.namespace} namespace.\n`
        : 'No resources found\n',
    )
  }
  throwCollected(errors)
  return 0
}

/** Asks for a list or an object as a table. */
export async function requestTable(
  context: KubectlContext,
  asked: Target | Selection,
  wholeObjects: boolean,
): Promise<ResourceTable> {
  const selection = 'name' in asked ? undefined : asked
  const response = await context.client.request({
    method: 'GET',
    path: resourcePath(refOf(asked)),
    query: {
      labelSelector: selection?.labelSelector,
      fieldSelector: selection?.fieldSelector,
      includeObject: wholeObjects ? 'Object' : undefined,
    },
    accept: `${TABLE_ACCEPT},application/json`,
    signal: context.signal,
  })
  for (const warning of response.warnings) context.err(`Warning: ${warning}\n`)
  if (response.status >= 400) {
    const error = statusError(response.status, response.body)
    throw selection === undefined ? error : listError(error, selection)
  }
  const table = decodeTable(response.body)
  if (table === undefined) throw new KubectlError('the server did not answer with a table')
  return table
}

/** Tables one below the other; each kind with columns of its own, a blank line between kinds. */
function renderTables(
  found: readonly FoundTable[],
  flags: Flags,
  options: { readonly withKind: boolean },
): string {
  const groups: { kind: KindInfo; text: string }[] = []
  for (const { kind, table } of found) {
    if (table.rows.length === 0) continue
    const row = tableOptions(flags, kind, options.withKind)
    const lines = table.rows.map((one) => rowLine(table, one, row)).join('')
    const last = groups.at(-1)
    if (last !== undefined && last.kind === kind) last.text += lines
    else
      groups.push({ kind, text: (flags.bool('no-headers') ? '' : headerLine(table, row)) + lines })
  }
  return groups.map((group) => alignTabs(group.text)).join(flags.bool('no-headers') ? '' : '\n')
}

export function tableOptions(flags: Flags, kind: KindInfo, withKind: boolean): TableOptions {
  return {
    wide: flags.string('output') === 'wide',
    withNamespace: flags.bool('all-namespaces') && kind.namespaced,
    kindPrefix: withKind ? groupKind(kind) : undefined,
    showLabels: flags.bool('show-labels'),
    labelColumns: flags.list('label-columns'),
  }
}

/** `--sort-by` over the objects behind the rows, within each kind. */
function sortTables(found: readonly FoundTable[], sortBy: string): readonly FoundTable[] {
  if (sortBy === '') return found
  const path = parseJsonPath(relaxJsonPath(sortBy))
  const rows = found.flatMap(({ kind, table }) => table.rows.map((row) => ({ kind, table, row })))
  const sorted = rows
    .map((one) => ({ ...one, value: path.find(one.row.object)[0] }))
    .sort((a, b) => compareValues(a.value, b.value))
  return sorted.map(({ kind, table, row }) => ({ kind, table: { ...table, rows: [row] } }))
}

function sortObjects(objects: readonly AnyKubeObject[], sortBy: string): readonly AnyKubeObject[] {
  if (sortBy === '') return objects
  const path = parseJsonPath(relaxJsonPath(sortBy))
  if (objects.length > 0 && objects.every((object) => path.find(object).length === 0)) {
    throw noSortField(sortBy)
  }
  return objects
    .map((object) => ({ object, value: path.find(object)[0] }))
    .sort((a, b) => compareValues(a.value, b.value))
    .map(({ object }) => object)
}

function noSortField(sortBy: string): KubectlError {
  return new KubectlError(
    `couldn't find any field with path ${JSON.stringify(relaxJsonPath(sortBy))} in the list of objects`,
  )
}
