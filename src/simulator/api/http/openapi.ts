import { createHash } from 'node:crypto'
import { KINDS, type KindInfo } from '../../../kube/kinds.ts'
import { type ApiResponse, json } from '../request.ts'
import { OPENAPI_SCHEMAS } from '../schema/openapi-schemas.ts'
import { openApiPaths } from './openapi-paths.ts'
import { VERSION } from './version.ts'

/** One document: the kinds of a group and version, and the schemas that they reach, as JSON text. */
interface Document {
  readonly kinds: readonly KindInfo[]
  readonly schemas: ReadonlyMap<string, string>
  /** Changes with the content: clients keep a document on disk under its hash. */
  readonly hash: string
}

/** `/openapi/v3` and what is below it. Its module holds every schema, so it is loaded by the first request. */
export interface OpenApi {
  /** Which documents there are. */
  index(): ApiResponse
  /** One document; undefined where there is none. */
  document(
    path: string,
    headers: Readonly<Record<string, string | undefined>>,
  ): ApiResponse | undefined
}

export function createOpenApi(): OpenApi {
  const documents = new Map<string, Document>()
  const documentOf = (path: string): Document | undefined => {
    let found = documents.get(path)
    if (found === undefined) {
      const kinds = KINDS.filter((info) => pathOf(info) === path)
      if (kinds.length === 0) return undefined
      found = documentOfKinds(kinds)
      documents.set(path, found)
    }
    return found
  }
  return {
    index() {
      const paths = [...new Set(KINDS.map(pathOf))].sort().map((path) => {
        const hash = documentOf(path)?.hash ?? ''
        return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }]
      })
      return json(200, { paths: Object.fromEntries(paths) })
    },
    document(path, headers) {
      const document = documentOf(path)
      if (document === undefined) return undefined
      const caching = {
        etag: `"${document.hash}"`,
        'cache-control': 'public, immutable',
        vary: 'Accept',
      }
      if (headers['if-none-match'] === caching.etag) {
        return { status: 304, headers: caching, body: '' }
      }
      return json(200, textOf(document), caching)
    },
  }
}

/** `api/v1`, `apis/apps/v1`. */
function pathOf(info: KindInfo): string {
  return info.group === '' ? `api/${info.version}` : `apis/${info.group}/${info.version}`
}

function documentOfKinds(kinds: readonly KindInfo[]): Document {
  const schemas = new Map<string, string>()
  const collect = (name: string) => {
    const text = OPENAPI_SCHEMAS[name]
    if (text === undefined || schemas.has(name)) return
    schemas.set(name, text)
    for (const [, inner = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) collect(inner)
  }
  for (const info of kinds) collect(schemaNameOf(info))
  collect('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions')
  collect('io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta')
  collect('io.k8s.apimachinery.pkg.apis.meta.v1.Patch')
  collect('io.k8s.apimachinery.pkg.apis.meta.v1.Status')
  const hash = createHash('sha512').update(JSON.stringify(kinds))
  for (const [name, text] of schemas) hash.update(name).update(text)
  return { kinds, schemas, hash: hash.digest('hex').toUpperCase() }
}

/** Full name of a kind's published schema, found by the kinds that the schema says it is of. */
export function schemaNameOf(info: KindInfo): string {
  const { group, kind, version } = info
  const marks = [group, kind, version].map((text) => JSON.stringify(text))
  const own = `{"group":${marks[0]},"kind":${marks[1]},"version":${marks[2]}}`
  const names = Object.keys(OPENAPI_SCHEMAS).filter((name) => name.endsWith(`.${version}.${kind}`))
  return names.find((name) => OPENAPI_SCHEMAS[name]?.includes(own)) ?? ''
}

function textOf({ kinds, schemas }: Document): string {
  const head = {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: VERSION.gitVersion },
    paths: Object.assign(
      {},
      ...kinds.map((info) =>
        openApiPaths(info, { path: pathOf(info), schema: schemaNameOf(info) }),
      ),
    ),
  }
  const entries = [...schemas].map(([name, text]) => `${JSON.stringify(name)}:${text}`)
  return `${JSON.stringify(head).slice(0, -1)},"components":{"schemas":{${entries.join(',')}}}}\n`
}
