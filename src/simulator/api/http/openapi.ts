import { createHash } from 'node:crypto'
import type { KindInfo } from '../../../kube/kinds.ts'
import type { Kinds, ServedKind } from '../kinds/served-kind.ts'
import { type ApiResponse, json } from '../request.ts'
import { OPENAPI_SCHEMAS } from '../schema/openapi-schemas.ts'
import { openApiPaths } from './openapi-paths.ts'
import { VERSION } from './version.ts'

/** One document: the kinds of a group and version, and the schemas that they reach, as JSON text. */
interface Document {
  readonly served: readonly ServedKind[]
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

export function createOpenApi(kinds: Kinds): OpenApi {
  const documents = new Map<string, Document>()
  const documentOf = (path: string): Document | undefined => {
    const served = kinds.all().filter(({ info }) => pathOf(info) === path)
    if (served.length === 0) return undefined
    const known = documents.get(path)
    const isCurrent =
      known?.served.length === served.length &&
      served.every((kind, index) => kind === known.served[index])
    if (known !== undefined && isCurrent) return known
    const made = documentOfKinds(served)
    documents.set(path, made)
    return made
  }
  return {
    index() {
      const paths = [...new Set(kinds.all().map(({ info }) => pathOf(info)))].sort().map((path) => {
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

function documentOfKinds(served: readonly ServedKind[]): Document {
  const schemas = new Map<string, string>()
  const add = (name: string, text: string) => {
    schemas.set(name, text)
    for (const [, inner = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) collect(inner)
  }
  const collect = (name: string) => {
    const text = OPENAPI_SCHEMAS[name]
    if (text !== undefined && !schemas.has(name)) add(name, text)
  }
  for (const { info, openApi } of served) {
    if (openApi === undefined) collect(schemaNameOf(info))
    else add(openApi.name, JSON.stringify(openApi.schema()))
  }
  collect('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions')
  collect('io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta')
  collect('io.k8s.apimachinery.pkg.apis.meta.v1.Patch')
  collect('io.k8s.apimachinery.pkg.apis.meta.v1.Status')
  const hash = createHash('sha512').update(JSON.stringify(served.map(({ info }) => info)))
  for (const [name, text] of schemas) hash.update(name).update(text)
  return { served, schemas, hash: hash.digest('hex').toUpperCase() }
}

/** Full name of a kind's published schema, found by the kinds that the schema says it is of. */
export function schemaNameOf(info: KindInfo): string {
  const { group, kind, version } = info
  const marks = [group, kind, version].map((text) => JSON.stringify(text))
  const own = `{"group":${marks[0]},"kind":${marks[1]},"version":${marks[2]}}`
  const names = Object.keys(OPENAPI_SCHEMAS).filter((name) => name.endsWith(`.${version}.${kind}`))
  return names.find((name) => OPENAPI_SCHEMAS[name]?.includes(own)) ?? ''
}

function textOf({ served, schemas }: Document): string {
  const head = {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: VERSION.gitVersion },
    paths: Object.assign(
      {},
      ...served.map(({ info, openApi }) =>
        openApiPaths(info, {
          path: pathOf(info),
          schema: openApi?.name ?? schemaNameOf(info),
          isCustom: openApi !== undefined,
        }),
      ),
    ),
  }
  const entries = [...schemas].map(([name, text]) => `${JSON.stringify(name)}:${text}`)
  return `${JSON.stringify(head).slice(0, -1)},"components":{"schemas":{${entries.join(',')}}}}\n`
}
