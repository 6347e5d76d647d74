import {
  type Document,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  type YAMLError,
} from 'yaml'
import type { AnyKubeObject } from '../../kube/objects.ts'
import type { KubectlContext } from './context.ts'
import { KubectlError } from './kubectl-error.ts'
import { isRecord, record, records, text } from './values.ts'

/** An object of a manifest, and where it stands. */
export interface ManifestObject {
  readonly object: AnyKubeObject
  /** As kubectl names it in messages: the file, or `STDIN`. */
  readonly source: string
}

const EXTENSIONS = ['.json', '.yaml', '.yml'] as const

/** The objects of `-f` files, folders and `-`, in order; the items of a List one by one. */
export async function loadManifests(
  context: KubectlContext,
  names: readonly string[],
  options: { readonly recursive: boolean },
): Promise<readonly ManifestObject[]> {
  const found: ManifestObject[] = []
  for (const name of names) {
    if (name === '-') {
      found.push(...parseManifests(await readStdin(context), 'STDIN'))
      continue
    }
    if (/^https?:\/\//.test(name)) {
      throw new KubectlError(
        `the lab's kubectl does not fetch ${name}: it reads files of your work folder only. Save the manifest there, look at it, and apply the file`,
      )
    }
    const files = await filesOf(context, name, options.recursive)
    for (const file of files) {
      found.push(...parseManifests((await context.folder.read(file)) ?? '', file))
    }
  }
  return found
}

async function filesOf(
  context: KubectlContext,
  name: string,
  recursive: boolean,
): Promise<readonly string[]> {
  if ((await context.folder.read(name)) !== undefined) return [name]
  const files = await filesOfFolder(context, name, recursive)
  if (files === undefined) {
    throw new KubectlError(`the path ${JSON.stringify(name)} does not exist`)
  }
  if (files.length === 0) {
    throw new KubectlError(
      `error reading [${name}]: recognized file extensions are [${EXTENSIONS.join(' ')}]`,
    )
  }
  return files
}

async function filesOfFolder(
  context: KubectlContext,
  name: string,
  recursive: boolean,
): Promise<readonly string[] | undefined> {
  const entries = await context.folder.list(name)
  if (entries === undefined) return undefined
  const prefix = name === '.' || name === './' ? '' : `${name.replace(/\/+$/, '')}/`
  const files: string[] = []
  for (const entry of entries) {
    if (entry.kind === 'folder') {
      if (recursive) {
        files.push(...((await filesOfFolder(context, prefix + entry.name, true)) ?? []))
      }
    } else if (EXTENSIONS.some((extension) => entry.name.endsWith(extension))) {
      files.push(prefix + entry.name)
    }
  }
  return files
}

async function readStdin(context: KubectlContext): Promise<string> {
  const decoder = new TextDecoder()
  let read = ''
  for await (const chunk of context.streams.stdin ?? [])
    read += decoder.decode(chunk, { stream: true })
  return read + decoder.decode()
}

/**
 * Reads YAML or JSON as kubectl does: documents between `---`, YAML 1.1 scalars, the items of lists one by one.
 *
 * @throws KubectlError with kubectl's text for what is no YAML or no object.
 */
export function parseManifests(content: string, source: string): readonly ManifestObject[] {
  return readDocuments(content, source).flatMap((value) => {
    if (value === null || value === undefined) return []
    const json = JSON.stringify(value)
    if (!isRecord(value)) {
      const type = Array.isArray(value)
        ? 'array'
        : typeof value === 'boolean'
          ? 'bool'
          : typeof value
      throw new KubectlError(
        `unable to decode ${JSON.stringify(source)}: json: cannot unmarshal ${type} into Go value of type unstructured.detector`,
      )
    }
    if (text(value.kind) === '') {
      throw new KubectlError(
        `unable to decode ${JSON.stringify(source)}: Object 'Kind' is missing in '${sortedJson(value) ?? json}'`,
      )
    }
    const items = value.items
    if (text(value.kind).endsWith('List') && Array.isArray(items)) {
      return records(items).map((item) => ({ object: asObject(item), source }))
    }
    return [{ object: asObject(value), source }]
  })
}

function asObject(value: Record<string, unknown>): AnyKubeObject {
  const metadata = record(value.metadata)
  return {
    ...value,
    apiVersion: text(value.apiVersion),
    kind: text(value.kind),
    metadata: { ...metadata, name: text(metadata.name) },
  }
}

function sortedJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isRecord(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

function readDocuments(content: string, source: string): readonly unknown[] {
  const lines = new LineCounter()
  const documents = parseAllDocuments<ParsedNode>(content, {
    version: '1.1',
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
    merge: true,
  })
  if (!Array.isArray(documents)) return []
  return documents.map((document: Document.Parsed) => {
    const problem = document.errors[0]
    if (problem !== undefined) throw new KubectlError(yamlProblem(problem, lines, source))
    return document.toJS({ maxAliasCount: 100 })
  })
}

/** The words of Go's YAML reader for the mistakes that people make, as far as the two readers agree on them. */
function yamlProblem(problem: YAMLError, lines: LineCounter, source: string): string {
  const { line } = lines.linePos(problem.pos[0])
  return `error parsing ${source}: error converting YAML to JSON: yaml: line ${line}: ${GO_WORDS[problem.code] ?? problem.message.replace(/\.$/, '').toLowerCase()}`
}

const GO_WORDS: Readonly<Record<string, string>> = {
  BAD_INDENT: 'did not find expected key',
  BAD_SCALAR_START: 'found character that cannot start any token',
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  BLOCK_IN_FLOW: 'did not find expected node content',
  IMPOSSIBLE: 'did not find expected key',
  MISSING_CHAR: "could not find expected ':'",
  MULTILINE_IMPLICIT_KEY: "could not find expected ':'",
  TAB_AS_INDENT: 'found character that cannot start any token',
  UNEXPECTED_TOKEN: 'did not find expected key',
}
