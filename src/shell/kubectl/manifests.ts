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
  options: { readonly recursive: boolean; readonly validate?: boolean },
): Promise<readonly ManifestObject[]> {
  const found: ManifestObject[] = []
  for (const name of names) {
    if (name === '-') {
      found.push(...parseManifests(await readStdin(context), 'STDIN', options))
      continue
    }
    if (/^https?:\/\//.test(name)) {
      throw new KubectlError(
        `the lab's kubectl does not fetch ${name}: it reads files of your work folder only. Save the manifest there, look at it, and apply the file`,
      )
    }
    const files = await filesOf(context, name, options.recursive)
    for (const file of files) {
      found.push(...parseManifests((await context.folder.read(file)) ?? '', file, options))
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
function parseManifests(
  content: string,
  source: string,
  options: { readonly validate?: boolean } = {},
): readonly ManifestObject[] {
  return readDocuments(content, source).flatMap((written) => {
    if (written === null || written === undefined) return []
    const json = sortedJson(written) ?? ''
    // kubectl decodes into a map of Go, so what it sends has its fields in order; the server names unknown ones in that order.
    const value: unknown = json === '' ? written : JSON.parse(json)
    if (!isRecord(value)) {
      if (options.validate === true) throw invalid('invalid object to validate', source)
      const type = Array.isArray(value)
        ? 'array'
        : typeof value === 'boolean'
          ? 'bool'
          : typeof value
      throw new KubectlError(
        `unable to decode ${JSON.stringify(source)}: json: cannot unmarshal ${type} into Go value of type unstructured.detector`,
      )
    }
    if (options.validate === true) checkTypeMeta(value, source)
    if (text(value.kind) === '') {
      throw new KubectlError(
        `unable to decode ${JSON.stringify(source)}: Object 'Kind' is missing in '${json}'`,
      )
    }
    const items = value.items
    if (text(value.kind).endsWith('List') && Array.isArray(items)) {
      return records(items).map((item) => ({ object: asObject(item), source }))
    }
    return [{ object: asObject(value), source }]
  })
}

/** The one thing that kubectl checks before it asks the server. @throws KubectlError */
function checkTypeMeta(value: Record<string, unknown>, source: string): void {
  const missing = [
    ...(text(value.apiVersion) === '' ? ['apiVersion not set'] : []),
    ...(text(value.kind) === '' ? ['kind not set'] : []),
  ]
  if (missing.length === 0) return
  const why = missing.length === 1 ? (missing[0] ?? '') : `[${missing.join(', ')}]`
  throw invalid(why, source)
}

function invalid(why: string, source: string): KubectlError {
  return new KubectlError(
    `error validating ${JSON.stringify(source)}: error validating data: ${why}; if you choose to ignore these errors, turn validation off with --validate=false`,
  )
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
  if (content.trimStart().startsWith('{')) return [readJson(content, source)]
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
    if (problem !== undefined) {
      const { line, words } = goProblem(problem, lines, content)
      throw new KubectlError(
        `error parsing ${source}: error converting YAML to JSON: yaml: line ${line}: ${words}`,
      )
    }
    return document.toJS({ maxAliasCount: 100 })
  })
}

function readJson(content: string, source: string): unknown {
  try {
    return JSON.parse(content)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new KubectlError(`error parsing ${source}: json: ${why}`)
  }
}

/**
 * The words and the line that Go's YAML reader has for a mistake, as far as the two readers agree on the mistake. Its
 * parser counts lines from 0 and its scanner from 1.
 */
function goProblem(
  problem: YAMLError,
  lines: LineCounter,
  content: string,
): { readonly line: number; readonly words: string } {
  const { line, col } = lines.linePos(problem.pos[0])
  const before = content.split('\n').slice(0, line - 1)
  const here = content.split('\n')[line - 1] ?? ''
  switch (problem.code) {
    case 'BAD_INDENT': {
      const flow = /^Flow (sequence|map)/.exec(problem.message)?.[1]
      if (flow !== undefined) {
        const close = flow === 'sequence' ? ']' : '}'
        return { line: line - 1, words: `did not find expected ',' or '${close}'` }
      }
      const indent = /^ */.exec(here)?.[0] ?? ''
      const sibling = before.findLast((one) => one.startsWith(indent) && one[indent.length] !== ' ')
      const inList = sibling?.slice(indent.length).startsWith('- ') === true
      return {
        line: line - 1,
        words: `did not find expected ${inList ? "'-' indicator" : 'key'}`,
      }
    }
    case 'MULTILINE_IMPLICIT_KEY': {
      const rest = content.split('\n').slice(line)
      const after = rest.findIndex((one) => /:(\s|$)/.test(one))
      const isKey = here.slice(0, col - 1).trim() === ''
      return {
        line: line + 1 + Math.max(0, after),
        words: isKey
          ? "could not find expected ':'"
          : 'mapping values are not allowed in this context',
      }
    }
    case 'MISSING_CHAR':
      return problem.message.startsWith('Missing closing')
        ? { line, words: 'found unexpected end of stream' }
        : { line, words: "could not find expected ':'" }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return { line, words: 'mapping values are not allowed in this context' }
    case 'BAD_SCALAR_START':
    case 'TAB_AS_INDENT':
      return { line, words: 'found character that cannot start any token' }
    case 'UNEXPECTED_TOKEN':
    case 'IMPOSSIBLE':
      return { line: line - 1, words: 'did not find expected key' }
    default:
      return { line, words: problem.message.replace(/\.$/, '').toLowerCase() }
  }
}
