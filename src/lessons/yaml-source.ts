import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  visit,
} from 'yaml'
import type { SourcePoint } from './model.ts'
import type { Problems } from './problems.ts'

export type YamlPath = readonly (string | number)[]

/** A decoded YAML document that still knows where each part of it stands. */
export interface YamlSource {
  readonly value: unknown
  /** Where the value at `path` starts, or the nearest part of it that exists. */
  at(path: YamlPath): SourcePoint
  /** Where the key of `path` stands, for fields that should not be there. */
  keyAt(path: YamlPath): SourcePoint
}

export interface YamlPlace {
  readonly file: string
  /** Line of the file in which the YAML text starts, from 1. */
  readonly firstLine: number
  /** Columns that stand before the text on each line. @default 0 */
  readonly indent?: number
}

/**
 * Decodes YAML 1.2, one source per document. Syntax errors become problems with the place in the file and give no source.
 * Aliases are refused: a lesson needs none, and they can make a small file huge.
 */
export function readYaml(
  text: string,
  place: YamlPlace,
  problems: Problems,
): readonly YamlSource[] {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })
  const documents = Array.isArray(parsed) ? parsed : []
  const pointAt = (offset: number): SourcePoint => {
    const { line, col } = lines.linePos(Math.min(offset, text.length))
    return { file: place.file, line: place.firstLine + line - 1, column: (place.indent ?? 0) + col }
  }
  const sources: YamlSource[] = []
  for (const document of documents) {
    const faults = [...document.errors, ...document.warnings]
    for (const fault of faults) {
      problems.add(
        pointAt(fault.pos[0]),
        'yaml-syntax',
        `This is not valid YAML: ${fault.message}.`,
      )
    }
    let alias: Node | undefined
    visit(document, {
      Alias(_key, node) {
        alias ??= node
        return visit.BREAK
      },
    })
    if (alias !== undefined) {
      problems.add(
        pointAt(alias.range?.[0] ?? 0),
        'yaml-alias',
        'Write the value out: a lesson uses no YAML aliases.',
      )
      continue
    }
    if (faults.length > 0) continue
    const root: ParsedNode | null = document.contents
    const start = root?.range[0] ?? 0
    sources.push({
      value: document.toJS(),
      at: (path) => pointAt(offsetOf(root, path, 'value') ?? start),
      keyAt: (path) => pointAt(offsetOf(root, path, 'key') ?? start),
    })
  }
  return sources
}

/** Walks as far along the path as the document goes. */
function offsetOf(
  root: ParsedNode | null,
  path: YamlPath,
  want: 'value' | 'key',
): number | undefined {
  let node: unknown = root
  let offset = root?.range[0]
  for (const [index, part] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find(
        ({ key }) => String(isScalar(key) ? key.value : key) === String(part),
      )
      if (pair === undefined) return offset
      const last = index === path.length - 1
      const target = last && want === 'key' ? pair.key : (pair.value ?? pair.key)
      if (isNode(target) && target.range != null) offset = target.range[0]
      node = pair.value
    } else if (isNode(node) && !isAlias(node) && 'items' in node && Array.isArray(node.items)) {
      node = node.items[Number(part)]
      if (!isNode(node) || node.range == null) return offset
      offset = node.range[0]
    } else {
      return offset
    }
  }
  return offset
}
