import { apiVersionOf } from '../../../kube/kinds.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { StoredKind } from '../../ports.ts'
import type { ApiContext } from '../context.ts'
import type { ServedKind } from '../kinds/served-kind.ts'
import { type ApiRequest, type ApiResponse, json } from '../request.ts'
import { errors } from '../status.ts'
import type { Store } from '../store.ts'
import { tableOf } from '../tables/table.ts'
import { representationOf } from './accept.ts'
import { booleanOf, numberOf, revisionOf, selectionOf } from './query.ts'
import { checkListOptions } from './request-options.ts'
import { watchEvents } from './watch.ts'

/** One stored object in the version that is asked for, as itself or as a Table of one row. */
export function objectResponse(
  request: ApiRequest,
  object: AnyKubeObject,
  served: ServedKind,
  context: ApiContext,
  options: { readonly status?: number; readonly headers?: ApiResponse['headers'] } = {},
): ApiResponse {
  const representation = representationOf(request.headers.accept)
  if (representation.as === 'object') {
    return json(
      options.status ?? 200,
      `${context.store.textOf(served.fromStorage(object))}\n`,
      options.headers,
    )
  }
  const body =
    representation.as === 'metadata'
      ? metadataOf(object, representation.version)
      : tableOf([object], {
          served,
          version: representation.version,
          include: includeOf(request.query),
          now: context.clock.now(),
          metadata: { resourceVersion: object.metadata.resourceVersion },
        })
  return json(options.status ?? 200, body, options.headers)
}

function metadataHeader(version: string) {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}` }
}

/** What clients get that look at metadata alone. */
function metadataOf(object: AnyKubeObject, version: string) {
  return { ...metadataHeader(version), metadata: object.metadata }
}

/** `?includeObject=`: what each row of a Table carries. */
function includeOf(query: URLSearchParams): 'None' | 'Metadata' | 'Object' {
  const value = query.get('includeObject') ?? ''
  if (value === '' || value === 'Metadata') return 'Metadata'
  if (value === 'None' || value === 'Object') return value
  throw errors.badRequest(
    `Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`,
  )
}

/** GET of one object. */
export function getObject(
  store: Store,
  served: ServedKind,
  key: string,
  name: string,
): AnyKubeObject {
  const object = store.get(served.stored, key)
  if (object === undefined) throw errors.notFound(served.info, name)
  return object
}

/** GET of a collection. */
export function listResponse(
  request: ApiRequest,
  served: ServedKind,
  namespace: string | undefined,
  context: ApiContext,
): ApiResponse {
  const { query } = request
  checkListOptions(query, { watch: false })
  const { store } = context
  const { info } = served
  const selection = selectionOf(query, served)
  const limit = numberOf(query, 'limit') ?? 0
  const token = readToken(query.get('continue') ?? '')
  const { objects, revision } = snapshotOf(query, store, served.stored, token)
  const selected = objects.filter(
    (object) =>
      (namespace === undefined || object.metadata.namespace === namespace) &&
      selection.matches(object) &&
      (token === undefined || positionOf(object) > token.start),
  )
  const page = limit > 0 ? selected.slice(0, limit) : selected
  const last = page.at(-1)
  const rest = selected.length - page.length
  const metadata = {
    resourceVersion: String(revision),
    ...(rest > 0 && last !== undefined
      ? {
          continue: writeToken({ revision, start: positionOf(last) }),
          ...(selection.selects ? {} : { remainingItemCount: rest }),
        }
      : {}),
  }
  const representation = representationOf(request.headers.accept)
  if (representation.as === 'table') {
    return json(
      200,
      tableOf(page, {
        served,
        version: representation.version,
        include: includeOf(query),
        now: context.clock.now(),
        metadata,
      }),
    )
  }
  if (representation.as === 'metadata') {
    return json(200, {
      kind: 'PartialObjectMetadataList',
      apiVersion: `meta.k8s.io/${representation.version}`,
      metadata,
      items: page.map((object) => metadataOf(object, representation.version)),
    })
  }
  const header = { kind: served.listKind, apiVersion: apiVersionOf(info), metadata }
  const items = page.map((object) => itemText(served, object, store)).join(',')
  return json(200, `${JSON.stringify(header).slice(0, -1)},"items":[${items}]}\n`)
}

/** An item of a list. Those of typed lists carry no apiVersion and kind of their own. */
export function listItem(served: ServedKind, object: AnyKubeObject): unknown {
  const shown = served.fromStorage(object)
  if (served.itemsNameKind) return shown
  const { apiVersion: _version, kind: _kind, ...item } = shown
  return item
}

/** `listItem` as JSON, from the text of the object where that is made already. */
function itemText(served: ServedKind, object: AnyKubeObject, store: Store): string {
  const shown = served.fromStorage(object)
  const text = store.textOf(shown, true)
  if (served.itemsNameKind) return text
  const { apiVersion, kind } = shown
  for (const names of [
    { apiVersion, kind },
    { kind, apiVersion },
  ]) {
    const start = `${JSON.stringify(names).slice(0, -1)},`
    if (text.startsWith(start)) return `{${text.slice(start.length)}`
  }
  return JSON.stringify(listItem(served, object))
}

/** In a continue token: go on with the newest state, whatever changed since the list began. */
const NEWEST = -1

interface ContinueToken {
  readonly revision: number
  readonly start: string
}

/** Order of lists: by namespace, then name. */
function positionOf(object: AnyKubeObject): string {
  const { namespace, name } = object.metadata
  return namespace === undefined ? name : `${namespace}/${name}`
}

function writeToken(token: ContinueToken): string {
  const value = { v: 'meta.k8s.io/v1', rv: token.revision, start: token.start }
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function readToken(text: string): ContinueToken | undefined {
  if (text === '') return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (typeof value === 'object' && value !== null && 'rv' in value && 'start' in value) {
      const { rv, start } = value
      if (typeof rv === 'number' && typeof start === 'string') return { revision: rv, start }
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw errors.badRequest('continue key is not valid: the token could not be decoded')
}

/** The objects of a kind as the query's resourceVersion and continue token want them. */
function snapshotOf(
  query: URLSearchParams,
  store: Store,
  kind: StoredKind,
  token: ContinueToken | undefined,
): { readonly objects: readonly AnyKubeObject[]; readonly revision: number } {
  const asked = revisionOf(query)
  const match = query.get('resourceVersionMatch') ?? ''
  if (token !== undefined && token.revision !== NEWEST) {
    const objects = store.listAt(kind, token.revision)
    if (objects === undefined || token.revision > store.revision()) {
      throw errors.gone(
        'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
        writeToken({ revision: NEWEST, start: token.start }),
      )
    }
    return { objects, revision: token.revision }
  }
  if (token !== undefined) return { objects: store.list(kind), revision: store.revision() }
  if (asked !== undefined && asked > store.revision()) {
    throw errors.tooLargeResourceVersion(asked, store.revision())
  }
  if (match === 'Exact' && asked !== undefined) {
    const objects = store.listAt(kind, asked)
    if (objects === undefined) {
      throw errors.gone(`The resourceVersion for the provided list is too old.`)
    }
    return { objects, revision: asked }
  }
  return { objects: store.list(kind), revision: store.revision() }
}

/** Where a client does not say, watches end after about half an hour to an hour on a real server. */
const DEFAULT_WATCH_MS = 45 * 60_000

/** GET of a collection or of one object with `?watch=true`. */
export function watchResponse(
  request: ApiRequest,
  served: ServedKind,
  scope: { readonly namespace: string | undefined; readonly name: string | undefined },
  context: ApiContext,
): ApiResponse {
  const { query } = request
  checkListOptions(query, { watch: true })
  const { info } = served
  const selection = selectionOf(query, served)
  const representation = representationOf(request.headers.accept)
  const include = includeOf(query)
  const seconds = numberOf(query, 'timeoutSeconds')
  const sendInitialEvents = booleanOf(query, 'sendInitialEvents')
  let first = true
  const encode = (object: AnyKubeObject) => {
    if (representation.as === 'object') return context.store.textOf(served.fromStorage(object))
    if (representation.as === 'metadata')
      return JSON.stringify(metadataOf(object, representation.version))
    const table = tableOf([object], {
      served,
      version: representation.version,
      include,
      now: context.clock.now(),
      metadata: { resourceVersion: object.metadata.resourceVersion },
    })
    // Only the first event names the columns.
    const named = first ? table : { ...table, columnDefinitions: null }
    first = false
    return JSON.stringify(named)
  }
  const bookmark = (resourceVersion: string, annotations?: Record<string, string>) => {
    const object = {
      kind: info.kind,
      apiVersion: apiVersionOf(info),
      metadata: {
        resourceVersion,
        creationTimestamp: null,
        ...(annotations === undefined ? {} : { annotations }),
      },
    }
    if (representation.as === 'object') return object
    if (representation.as === 'metadata') {
      return { ...object, ...metadataHeader(representation.version) }
    }
    return {
      kind: 'Table',
      apiVersion: `meta.k8s.io/${representation.version}`,
      metadata: { resourceVersion },
      columnDefinitions: null,
      rows: [{ cells: [], object }],
    }
  }
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: watchEvents({
      store: context.store,
      clock: context.clock,
      kind: served.stored,
      namespace: scope.namespace,
      name: scope.name,
      matches: selection.matches,
      revision: revisionOf(query),
      sendInitialEvents,
      bookmarks: booleanOf(query, 'allowWatchBookmarks'),
      timeoutMs: seconds === undefined || seconds <= 0 ? DEFAULT_WATCH_MS : seconds * 1000,
      signal: request.signal,
      encode,
      bookmark,
    }),
  }
}
