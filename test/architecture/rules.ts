import type { SourceFile } from './source-file.ts'

/**
 * The layers, top first. Imports go down; inside a row only along an arrow. The design's own table, in its own words:
 * a row is read from left to right, `→` allows the import, `|` forbids contact.
 */
export const TABLE = `
  cli
  tui | classroom
  runner
  grading → lessons | progress
  shell
  cluster → simulator
  platform | policy → kube → base
`

interface Layer {
  readonly name: string
  readonly row: number
  /** Layers of its own row that it may import. */
  readonly along: readonly string[]
}

/** Names of its row to the right of a layer, up to the first `|`; and base, on which everything stands. */
function parseTable(table: string): Map<string, Layer> {
  const layers = new Map<string, Layer>()
  for (const [row, text] of table.trim().split('\n').entries()) {
    for (const group of text.trim().split(/\s*\|\s*/)) {
      const names = group.split(/\s*→\s*/)
      for (const [at, name] of names.entries())
        layers.set(name, { name, row, along: names.slice(at + 1) })
    }
  }
  const platform = layers.get('platform')
  if (platform !== undefined) layers.set('platform', { ...platform, along: ['base'] })
  return layers
}

const LAYERS = parseTable(TABLE)
const PURE = new Set(['base', 'kube', 'policy'])
const SIMULATOR_FOLDERS = new Set(['api', 'controllers', 'network', 'pods'])
/** Where the computer may be touched. */
const OUTSIDE = new Set(['platform', 'cli'])
const TIMER = /^(setTimeout|setInterval|setImmediate|queueMicrotask|fetch)/

/** One broken rule, with where the import or call should go instead. */
export function architectureProblems(files: readonly SourceFile[]): string[] {
  const paths = new Set(files.map((file) => file.path))
  return [
    ...files.flatMap((file) => [...importProblems(file, paths), ...contactProblems(file)]),
    ...folderCycles(files),
  ]
}

function importProblems(file: SourceFile, paths: ReadonlySet<string>): string[] {
  const problems: string[] = []
  for (const { target, line } of file.imports) {
    const say = (why: string) =>
      problems.push(`src/${file.path}:${line} imports src/${target}: ${why}`)
    if (!paths.has(target)) {
      say('there is no such file.')
      continue
    }
    const why = forbidden(file.path, target)
    if (why !== undefined) say(why)
  }
  return problems
}

/** Why `from` may not import `to`, and where to go instead. */
function forbidden(from: string, to: string): string | undefined {
  const source = LAYERS.get(layerOf(from))
  const target = LAYERS.get(layerOf(to))
  if (source === undefined)
    return `${layerOf(from)} is no layer of the table. Add it there, or move the file into a layer.`
  if (target === undefined)
    return `${layerOf(to)} is no layer of the table. Add it there, or move the file into a layer.`
  if (source.name === target.name)
    return source.name === 'simulator' ? betweenSimulatorFolders(from, to) : undefined
  if (target.name === 'simulator' && !from.startsWith('cluster/simulated/')) {
    return 'only cluster/simulated knows the simulator. Go through the ClusterProvider port in cluster/provider.ts.'
  }
  if (target.row > source.row || source.along.includes(target.name)) return undefined
  if (target.row === source.row) {
    return `${source.name} and ${target.name} have no contact. Put what both need into a layer below, or let a layer above bring them together.`
  }
  return `${source.name} stands below ${target.name}. Declare what it needs as a port in ${source.name}/ and let ${target.name} pass it in.`
}

function betweenSimulatorFolders(from: string, to: string): string | undefined {
  const [, source] = from.split('/')
  const [, target] = to.split('/')
  if (source === target || source === undefined || !SIMULATOR_FOLDERS.has(source)) return undefined
  if (target !== undefined && SIMULATOR_FOLDERS.has(target)) {
    return `simulator/${source} and simulator/${target} meet only through simulator/ports.ts. Put the interface there and let the wiring pass the implementation in.`
  }
  return undefined
}

function contactProblems(file: SourceFile): string[] {
  const layer = layerOf(file.path)
  const problems: string[] = []
  const say = (line: number, what: string, why: string) =>
    problems.push(`src/${file.path}:${line} uses ${what}: ${why}`)
  if (PURE.has(layer)) {
    for (const { name, line } of file.modules.filter(({ name }) => name.startsWith('node:'))) {
      say(
        line,
        name,
        `${layer} is pure. Take the data as an argument, or move the file to platform.`,
      )
    }
  }
  for (const { what, line } of file.touches) {
    if (OUTSIDE.has(layer)) continue
    if (TIMER.test(what)) {
      if (PURE.has(layer)) say(line, what, `${layer} is pure. Take a Clock as an argument.`)
    } else if (/Date|performance/.test(what)) {
      say(line, what, 'time comes from an injected Clock (base/clock.ts).')
    } else if (what.startsWith('console.')) {
      say(
        line,
        what,
        'return what is to be said, or take a stream. Only cli writes to the terminal.',
      )
    } else
      say(line, what, 'take it as an option. Only platform and cli read or change the process.')
  }
  return problems
}

/**
 * Cycles between the folders of a layer (between layers the table allows none). Files directly in a layer's own folder are
 * its ports and its wiring and belong to no folder. Types alone may go both ways.
 */
function folderCycles(files: readonly SourceFile[]): string[] {
  const edges = new Map<string, Map<string, string>>()
  for (const file of files) {
    for (const { target, typeOnly, line } of file.imports) {
      const from = folderOf(file.path)
      const to = folderOf(target)
      if (from === undefined || to === undefined || from === to || typeOnly) continue
      const known = edges.get(from) ?? new Map<string, string>()
      if (!known.has(to)) known.set(to, `src/${file.path}:${line} imports src/${target}`)
      edges.set(from, known)
    }
  }
  const problems: string[] = []
  const done = new Set<string>()
  const visit = (node: string, trail: readonly string[]): void => {
    const start = trail.indexOf(node)
    if (start !== -1) {
      const cycle = [...trail.slice(start), node]
      const steps = cycle.slice(1).map((to, index) => edges.get(cycle[index] ?? '')?.get(to))
      problems.push(
        `${cycle.join(' → ')} is a cycle. Move what both sides need into one of them, or below both:\n  ${steps.join('\n  ')}`,
      )
      return
    }
    if (done.has(node)) return
    for (const to of edges.get(node)?.keys() ?? []) visit(to, [...trail, node])
    done.add(node)
  }
  for (const node of edges.keys()) visit(node, [])
  return problems
}

function layerOf(path: string): string {
  return path.split('/')[0] ?? path
}

/** `shell/kubectl` for what lies below a folder of a layer. */
function folderOf(path: string): string | undefined {
  const parts = path.split('/')
  return parts.length > 2 ? parts.slice(0, 2).join('/') : undefined
}
