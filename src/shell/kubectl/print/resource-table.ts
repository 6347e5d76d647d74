import { isRecord, record, records, stringMap, strings, text } from '../values.ts'

/** A server's answer in Table form (meta.k8s.io/v1 Table). */
export interface ResourceTable {
  readonly columns: readonly { readonly name: string; readonly priority: number }[]
  readonly rows: readonly TableRow[]
  readonly resourceVersion: string
}

export interface TableRow {
  readonly cells: readonly unknown[]
  /** The row's object, or its metadata alone. */
  readonly object: Record<string, unknown>
}

export interface TableOptions {
  readonly wide: boolean
  readonly withNamespace: boolean
  /** `pod/` before each name, where several kinds are printed. */
  readonly kindPrefix: string | undefined
  readonly showLabels: boolean
  readonly labelColumns: readonly string[]
}

export const TABLE_ACCEPT =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json'

/** The table in a response, or `undefined` where the server answered something else. */
export function decodeTable(body: unknown): ResourceTable | undefined {
  if (!isRecord(body) || body.kind !== 'Table') return undefined
  const columns = records(body.columnDefinitions).map((column) => ({
    name: text(column.name),
    priority: typeof column.priority === 'number' ? column.priority : 0,
  }))
  const rows = records(body.rows).map((row) => ({
    cells: Array.isArray(row.cells) ? row.cells : [],
    object: record(row.object),
  }))
  return { columns, rows, resourceVersion: text(record(body.metadata).resourceVersion) }
}

/** Which columns are shown, as indices. */
function shown(table: ResourceTable, options: TableOptions): readonly number[] {
  return table.columns.flatMap((column, index) =>
    options.wide || column.priority === 0 ? [index] : [],
  )
}

/** The line of column names, cells ended by tabs (`printers.TablePrinter`). */
export function headerLine(table: ResourceTable, options: TableOptions): string {
  const names = shown(table, options).map((index) =>
    (table.columns[index]?.name ?? '').toUpperCase(),
  )
  if (options.withNamespace) names.unshift('NAMESPACE')
  for (const label of options.labelColumns)
    names.push((label.split('/').at(-1) ?? '').toUpperCase())
  if (options.showLabels) names.push('LABELS')
  return `${names.join('\t')}\n`
}

export function rowLine(table: ResourceTable, row: TableRow, options: TableOptions): string {
  const cells = shown(table, options).map((index) => cellText(row.cells[index]))
  if (options.kindPrefix !== undefined) cells[0] = `${options.kindPrefix}/${cells[0] ?? ''}`
  const metadata = record(row.object.metadata)
  const labels = stringMap(metadata.labels)
  if (options.withNamespace) cells.unshift(text(metadata.namespace))
  for (const label of options.labelColumns) cells.push(labels[label] ?? '')
  if (options.showLabels) cells.push(labelText(labels))
  return `${cells.join('\t')}\n`
}

/** `a=1,b=2`, or `<none>`. */
export function labelText(labels: Readonly<Record<string, string>>, separator = ','): string {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
  return pairs.length === 0 ? '<none>' : pairs.join(separator)
}

/** A cell on one line: cut at the first line break, control characters shown as `^[`. */
function cellText(cell: unknown): string {
  const whole = Array.isArray(cell)
    ? `[${strings(cell).join(' ')}]`
    : cell === null || cell === undefined
      ? '<nil>'
      : String(cell)
  const end = whole.search(/[\f\n\r]/)
  const line = end === -1 ? whole : `${whole.slice(0, end)}...`
  return escapeTerminal(line)
}

/** Escape sequences in a cluster's data must not reach the terminal as such (`printers.WriteEscaped`). */
function escapeTerminal(line: string): string {
  return line.replace(/\x1b/g, '^[').replace(/\r/g, '\\r')
}
