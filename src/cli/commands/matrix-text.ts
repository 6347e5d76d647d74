import { type GroupMatrix, type GroupTarget, groupText, targetPortText } from './group-matrix.ts'
import { mergeAlike } from './merge-groups.ts'
import { groupBy, type PodGroup } from './pod-groups.ts'

export interface TableOptions {
  readonly color: boolean
  readonly ascii: boolean
  /** Columns of the terminal; a wider table gets numbered heads with a list below. */
  readonly width: number
}

/** The matrix for people: a row a source, a column a port of a destination, and a legend. */
export function matrixTable(matrix: GroupMatrix, options: TableOptions): string {
  const isWide = widthOf(matrix) > options.width
  const { targets, rows } = isWide ? mergeAlike(matrix) : matrix
  const isMerged = rows.length < matrix.rows.length
  const symbols = options.ascii
    ? { yes: '+', no: 'x', self: '-' }
    : { yes: '✓', no: '✗', self: '·' }
  const sources = rows.map(({ group }) => groupText(group))
  const first = Math.max('FROM \\ TO'.length, ...sources.map((text) => text.length))
  const full = targets.map(headOf)
  const isNumbered = isWide && widthOf({ targets, rows }) > options.width
  const heads = isNumbered ? full.map((_head, index) => `${index + 1}`) : full
  const paint = (allowed: boolean | undefined, width: number) => {
    const symbol = allowed === undefined ? symbols.self : allowed ? symbols.yes : symbols.no
    const padding = ' '.repeat(width - symbol.length)
    if (!options.color || allowed === undefined) return symbol + padding
    return `\u001b[${allowed ? 32 : 31}m${symbol}\u001b[39m${padding}`
  }
  const line = (start: string, cells: readonly string[]) =>
    [start.padEnd(first), ...cells].join('  ').trimEnd()
  const lines = [
    line(
      'FROM \\ TO',
      heads.map((head) => head),
    ),
    ...rows.map(({ group, allowed }) =>
      line(
        groupText(group),
        allowed.map((cell, index) => paint(cell, heads[index]?.length ?? 1)),
      ),
    ),
    '',
  ]
  if (isNumbered) {
    const width = String(full.length).length
    lines.push(...full.map((head, index) => `${String(index + 1).padStart(width)}  ${head}`), '')
  }
  lines.push(
    `${symbols.yes} allowed   ${symbols.no} denied   ${symbols.self} the pod itself${rows.some(({ group }) => group.pods.length > 1) ? `   (2) so many pods ${isMerged ? 'of a namespace with the same row and column' : 'that no policy tells apart'}` : ''}`,
  )
  const silent = rows.filter(({ group }) => group.ports.length === 0)
  if (silent.length > 0) {
    lines.push(
      `No column: ${silent.map(({ group }) => groupText(group)).join(', ')} (no declared port, and no service that leads there)`,
    )
  }
  return `${lines.join('\n')}\n`
}

function headOf(target: GroupTarget): string {
  return `${groupText(target.group).replace(/ \(\d+\)$/, '')}:${targetPortText(target)}`
}

/** Columns that the table takes with whole heads. */
function widthOf({ targets, rows }: GroupMatrix): number {
  const first = Math.max('FROM \\ TO'.length, ...rows.map(({ group }) => groupText(group).length))
  return targets.reduce((sum, target) => sum + headOf(target).length + 2, first)
}

interface Cell {
  readonly from: PodGroup
  readonly target: GroupTarget
  readonly allowed: boolean
}

function cells({ targets, rows }: GroupMatrix): readonly Cell[] {
  return rows.flatMap(({ group, allowed }) =>
    targets.flatMap((target, index) => {
      const cell = allowed[index]
      return cell === undefined ? [] : [{ from: group, target, allowed: cell }]
    }),
  )
}

/** The matrix for programs, in pieces: of a thousand groups the flows are a million, each on a line of its own. */
export function* matrixJson(matrix: GroupMatrix): Generator<string> {
  const groups = matrix.rows.map(({ group: { namespace, name, labels, pods, ports } }) => ({
    namespace,
    name,
    labels,
    pods,
    ports,
  }))
  const head = JSON.stringify({ groups }, null, 2).replace(/\n}$/, '')
  yield `${head},\n  "flows": [`
  let separator = '\n'
  for (const { group, allowed } of matrix.rows) {
    const from = `${group.namespace}/${group.name}`
    const lines = matrix.targets.flatMap(({ group: target, port, protocol }, index) => {
      const cell = allowed[index]
      if (cell === undefined) return []
      const to = `${target.namespace}/${target.name}`
      return [`    ${JSON.stringify({ from, to, port, protocol, allowed: cell })}`]
    })
    if (lines.length === 0) continue
    yield `${separator}${lines.join(',\n')}`
    separator = ',\n'
  }
  yield `${separator === '\n' ? '' : '\n  '}]\n}\n`
}

/** One line a cell (RFC 4180); names of Kubernetes need no quotes. */
export function matrixCsv(matrix: GroupMatrix): string {
  const lines = cells(matrix).map(({ from, target, allowed }) =>
    [
      from.namespace,
      from.name,
      from.pods.length,
      target.group.namespace,
      target.group.name,
      target.group.pods.length,
      target.port,
      target.protocol,
      allowed,
    ].join(','),
  )
  const head = 'from_namespace,from,from_pods,to_namespace,to,to_pods,port,protocol,allowed'
  return `${[head, ...lines].join('\n')}\n`
}

/** What is allowed, as a graph in Graphviz's language: a box a namespace, an arrow a pair of groups. */
export function matrixDot(matrix: GroupMatrix): string {
  const id = ({ namespace, name }: PodGroup) => JSON.stringify(`${namespace}/${name}`)
  const namespaces = groupBy(
    matrix.rows.map(({ group }) => group),
    ({ namespace }) => namespace,
  )
  const boxes = [...namespaces].flatMap(([namespace, groups]) => [
    `  subgraph ${JSON.stringify(`cluster_${namespace}`)} {`,
    `    label=${JSON.stringify(namespace)}`,
    ...groups.map((group) => {
      const count = group.pods.length === 1 ? '' : ` (${group.pods.length})`
      return `    ${id(group)} [label=${JSON.stringify(`${group.name}${count}`)}]`
    }),
    '  }',
  ])
  const arrows = groupBy(
    cells(matrix).filter(({ allowed }) => allowed),
    ({ from, target }) => `${id(from)} -> ${id(target.group)}`,
  )
  const edges = [...arrows].map(([arrow, flows]) => {
    const ports = flows.map(({ target }) => targetPortText(target)).join(', ')
    return `  ${arrow} [label=${JSON.stringify(ports)}]`
  })
  return `${['digraph policies {', '  rankdir=LR', '  node [shape=box]', ...boxes, ...edges, '}'].join('\n')}\n`
}
