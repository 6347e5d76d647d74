import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
} from 'yaml'
import { shapeProblems } from './manifest-shape.ts'
import type { AnyKubeObject } from './objects.ts'

/** Where a part stands in an object: `['spec', 'ingress', 0, 'from']`. */
export type ObjectPath = readonly (string | number)[]

/** An object of a manifest that still knows where its parts stand. */
export interface ManifestObject {
  readonly object: AnyKubeObject
  readonly file: string
  /** The line of the part at `path`, from 1, or of the nearest part around it that is written. */
  lineOf(path: ObjectPath): number
}

/** What keeps a manifest from being read. */
export interface ManifestProblem {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** A sentence with its full stop. */
  readonly message: string
}

export interface Manifest {
  readonly objects: readonly ManifestObject[]
  /** Where there is one, the objects are not the whole of the file and must not be used. */
  readonly problems: readonly ManifestProblem[]
}

/**
 * Reads YAML or JSON the way kubectl does: documents between `---`, YAML 1.1 scalars, the items of lists one by one, empty
 * documents skipped. The fields that decide about connections have to have their type; fields that a NetworkPolicy does not
 * have are refused, as kubectl's strict validation does.
 */
export function readManifest(text: string, file: string): Manifest {
  const lines = new LineCounter()
  const parsed = parseAllDocuments<ParsedNode>(text, {
    version: '1.1',
    merge: true,
    prettyErrors: false,
    lineCounter: lines,
  })
  const objects: ManifestObject[] = []
  const problems: ManifestProblem[] = []
  const lineAt = (offset: number) => lines.linePos(Math.min(offset, text.length)).line
  for (const document of Array.isArray(parsed) ? parsed : []) {
    // What follows the first mistake is often only its echo.
    const [mistake] = document.errors
    if (mistake !== undefined) {
      const words = mistake.message.replace(/\.$/, '')
      problems.push({
        file,
        line: lineAt(mistake.pos[0]),
        message: `This is neither YAML nor JSON: ${words}.`,
      })
      continue
    }
    const root: ParsedNode | null = document.contents
    const lineOf = (path: ObjectPath) => lineAt(offsetOf(root, path))
    let value: unknown
    try {
      value = document.toJS({ maxAliasCount: 100 })
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      problems.push({ file, line: lineOf([]), message: `Its aliases cannot be read: ${words}.` })
      continue
    }
    if (value == null) continue
    for (const { item, path } of itemsOf(value)) {
      const found = shapeProblems(item)
      for (const each of found.problems) {
        problems.push({ file, line: lineOf([...path, ...each.path]), message: each.message })
      }
      if (found.object === undefined) continue
      objects.push({
        object: found.object,
        file,
        lineOf: (inner) => lineOf([...path, ...inner]),
      })
    }
  }
  return { objects, problems }
}

/** The objects of a document: the items of a `List`, of lists within it too, else the document itself. */
function itemsOf(
  value: unknown,
  path: ObjectPath = [],
): readonly { readonly item: unknown; readonly path: ObjectPath }[] {
  if (typeof value === 'object' && value !== null && 'kind' in value && 'items' in value) {
    const { kind, items } = value
    if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
      return items.flatMap((item: unknown, index) => itemsOf(item, [...path, 'items', index]))
    }
  }
  return [{ item: value, path }]
}

/** Walks as far along the path as the document goes. Entries of a mapping stand where their key does. */
function offsetOf(root: ParsedNode | null, path: ObjectPath): number {
  let node: unknown = root
  let offset = root?.range[0] ?? 0
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(
        ({ key }) => String(isScalar(key) ? key.value : key) === String(part),
      )
      if (pair === undefined) return offset
      if (isNode(pair.key) && pair.key.range != null) offset = pair.key.range[0]
      node = pair.value
    } else if (isSeq(node) && !isAlias(node)) {
      node = node.items[Number(part)]
      if (!isNode(node) || node.range == null) return offset
      offset = node.range[0]
    } else return offset
  }
  return offset
}
