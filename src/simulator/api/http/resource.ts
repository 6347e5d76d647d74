import { apiVersionOf } from '../../../kube/kinds.ts'
import type { AnyKubeObject, Pod } from '../../../kube/objects.ts'
import type { KindName, NodeAgent } from '../../ports.ts'
import type { ApiContext } from '../context.ts'
import { timestamp } from '../context.ts'
import { applyTo } from '../patch/apply.ts'
import { withManager } from '../patch/managed-fields.ts'
import { type DeleteContext, infoOf, type Registry } from '../registry.ts'
import { type ApiRequest, type ApiResponse, json } from '../request.ts'
import { decodeStruct, isPlainObject } from '../schema/decode.ts'
import { structOf } from '../schema/schema.ts'
import { errors } from '../status.ts'
import { isKindName } from '../strategies/strategies.ts'
import { logResponse } from './logs.ts'
import { applyPatchTo, patchBodyOf, patchTypeOf } from './patch.ts'
import { booleanOf, dryRunOf, numberOf, selectionOf } from './query.ts'
import { getObject, listResponse, objectResponse, watchResponse } from './read.ts'
import type { Route } from './route.ts'
import { bindPod, evictPod, readScale, writeScale } from './subresources.ts'
import {
  bodyOf,
  checkFields,
  decodeObject,
  fieldManagerOf,
  placeObject,
  withSpec,
} from './write.ts'

export interface ResourceOptions {
  readonly context: ApiContext
  readonly registry: Registry
  readonly node: NodeAgent
}

/** One request about stored objects. */
export function createResourceHandler(options: ResourceOptions) {
  return async (request: ApiRequest, route: Route): Promise<ApiResponse> => {
    const { kind } = route.info
    if (!isKindName(kind)) throw errors.noSuchPath()
    const target = new Target(kind, route)
    if (route.subresource !== undefined) {
      return handleSubresource(request, target, route.subresource, options)
    }
    return route.name === undefined
      ? handleCollection(request, target, options)
      : handleObject(request, target, route.name, options)
  }
}

/** What a request is about. */
class Target {
  readonly kind: KindName
  readonly namespace: string | undefined
  readonly name: string | undefined
  constructor(kind: KindName, route: Route) {
    this.kind = kind
    this.namespace = route.namespace
    this.name = route.name
  }
  get info() {
    return infoOf(this.kind)
  }
  get key(): string {
    const name = this.name ?? ''
    return this.info.namespaced ? `${this.namespace ?? ''}/${name}` : name
  }
}

async function handleCollection(
  request: ApiRequest,
  target: Target,
  options: ResourceOptions,
): Promise<ApiResponse> {
  const { context } = options
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return booleanOf(request.query, 'watch')
        ? watchResponse(
            request,
            target.kind,
            { namespace: target.namespace, name: undefined },
            context,
          )
        : listResponse(request, target.kind, target.namespace, context)
    case 'POST':
      return createObject(request, target, options)
    case 'DELETE':
      return deleteCollection(request, target, options)
    default:
      throw errors.methodNotAllowed()
  }
}

async function createObject(
  request: ApiRequest,
  target: Target,
  { registry, context }: ResourceOptions,
): Promise<ApiResponse> {
  const { info, kind } = target
  if (info.namespaced && target.namespace === undefined) throw errors.methodNotAllowed()
  const body = await bodyOf(request, kind)
  const { object, warnings } = decodeObject(request, info, kind, body.value, body.text)
  const placed = placeObject(object, info, target.namespace, undefined)
  const managed = withManager(undefined, withoutManagers(placed), {
    manager: fieldManagerOf(request),
    time: timestamp(context.clock.now()),
  })
  const texts = [...warnings]
  const stored = registry.create(kind, managed, {
    dryRun: dryRunOf(request.query),
    onWarning: (text) => texts.push(text),
  })
  return objectResponse(request, stored, context, { status: 201, headers: warningHeaders(texts) })
}

function withoutManagers(object: AnyKubeObject): AnyKubeObject {
  const { managedFields: _managed, ...metadata } = object.metadata
  return { ...object, metadata }
}

async function handleObject(
  request: ApiRequest,
  target: Target,
  name: string,
  options: ResourceOptions,
): Promise<ApiResponse> {
  const { context, registry } = options
  if (target.info.namespaced && target.namespace === undefined) throw errors.noSuchPath()
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      if (booleanOf(request.query, 'watch')) {
        return watchResponse(request, target.kind, { namespace: target.namespace, name }, context)
      }
      return objectResponse(
        request,
        getObject(context.store, target.info, target.kind, target.key, name),
        context,
      )
    case 'PUT':
      return replaceObject(request, target, name, options)
    case 'PATCH':
      return patchObject(request, target, name, options)
    case 'DELETE': {
      const { object, removed } = registry.delete(
        target.kind,
        target.key,
        await deleteOptionsOf(request),
      )
      return removed && !RETURNED_WHEN_DELETED.has(target.kind)
        ? json(200, deletedStatus(target, name, object.metadata.uid ?? ''))
        : objectResponse(request, object, context)
    }
    default:
      throw errors.methodNotAllowed()
  }
}

/** Kinds whose DELETE answers with the object (`ReturnDeletedObject`). */
const RETURNED_WHEN_DELETED: ReadonlySet<KindName> = new Set(['Pod', 'Service', 'ServiceAccount'])

function deletedStatus(target: Target, name: string, uid: string) {
  const { group, plural } = target.info
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(group === '' ? {} : { group }), kind: plural, uid },
  }
}

async function replaceObject(
  request: ApiRequest,
  target: Target,
  name: string,
  { registry, context }: ResourceOptions,
  subresource?: 'status' | 'finalize' | 'ephemeralcontainers',
): Promise<ApiResponse> {
  const { info, kind } = target
  const body = await bodyOf(request, kind)
  const { object, warnings } = decodeObject(request, info, kind, body.value, body.text)
  const placed = placeObject(object, info, target.namespace, name)
  const previous = context.store.get(kind, target.key)
  if (previous === undefined) throw errors.notFound(info, name)
  const texts = [...warnings]
  const stored = registry.update(
    kind,
    withManager(previous, placed, {
      manager: fieldManagerOf(request),
      time: timestamp(context.clock.now()),
      ...(subresource === undefined ? {} : { subresource }),
    }),
    {
      dryRun: dryRunOf(request.query),
      onWarning: (text) => texts.push(text),
      ...(subresource === undefined ? {} : { subresource }),
    },
  )
  return objectResponse(request, stored, context, { headers: warningHeaders(texts) })
}

async function patchObject(
  request: ApiRequest,
  target: Target,
  name: string,
  { registry, context }: ResourceOptions,
  subresource?: 'status' | 'ephemeralcontainers',
): Promise<ApiResponse> {
  const { info, kind } = target
  const type = patchTypeOf(request)
  const body = await patchBodyOf(request, type, info)
  const previous = context.store.get(kind, target.key)
  const texts: string[] = []
  const write = {
    dryRun: dryRunOf(request.query),
    onWarning: (text: string) => {
      texts.push(text)
    },
  }
  const time = timestamp(context.clock.now())
  if (type === 'application/apply-patch+yaml') {
    const manager = request.query.get('fieldManager') ?? ''
    if (manager === '') {
      throw errors.badRequest(
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      )
    }
    const { object: applied, warnings } = decodeObject(request, info, kind, body.value, body.text)
    texts.push(...warnings)
    const object = applyTo(previous, placeObject(applied, info, target.namespace, name), {
      manager,
      force: booleanOf(request.query, 'force'),
      time,
      ...(subresource === undefined ? {} : { subresource }),
    })
    if (previous === undefined) {
      if (subresource !== undefined) throw errors.notFound(info, name)
      const created = registry.create(kind, object, write)
      return objectResponse(request, created, context, {
        status: 201,
        headers: warningHeaders(texts),
      })
    }
    const stored = registry.update(kind, object, {
      ...write,
      ...(subresource === undefined ? {} : { subresource }),
    })
    return objectResponse(request, stored, context, { headers: warningHeaders(texts) })
  }
  if (previous === undefined) throw errors.notFound(info, name)
  const patched = applyPatchTo(previous, type, body.value)
  const { value, unknownFields } = decodeStruct(structOf(kind), kind, info.version, patched)
  texts.push(
    ...checkFields(
      request,
      kind,
      info.version,
      unknownFields,
      isPlainObject(body.value) ? body.text : '[]',
    ),
  )
  const metadata = isPlainObject(value.metadata) ? value.metadata : {}
  const object: AnyKubeObject = {
    ...withSpec(kind, value),
    apiVersion: apiVersionOf(info),
    kind,
    metadata: { ...metadata, name: typeof metadata.name === 'string' ? metadata.name : '' },
  }
  const placed = placeObject(object, info, target.namespace, name)
  const stored = registry.update(
    kind,
    withManager(previous, placed, {
      manager: fieldManagerOf(request),
      time,
      ...(subresource === undefined ? {} : { subresource }),
    }),
    { ...write, ...(subresource === undefined ? {} : { subresource }) },
  )
  return objectResponse(request, stored, context, { headers: warningHeaders(texts) })
}

/** `Warning: 299 - "text"`, one header line each. */
function warningHeaders(texts: readonly string[]): Record<string, readonly string[]> {
  if (texts.length === 0) return {}
  const lines = [...new Set(texts)].map(
    // Header values are one line of Latin-1.
    (text) =>
      `299 - "${text
        .replace(/[^\x20-\x7e]/g, '?')
        .replaceAll('\\', '\\\\')
        .replaceAll('"', '\\"')}"`,
  )
  return { warning: lines }
}

/** DeleteOptions of the body, or of the query. */
async function deleteOptionsOf(request: ApiRequest): Promise<DeleteContext> {
  const { query } = request
  const fromQuery = {
    gracePeriodSeconds: numberOf(query, 'gracePeriodSeconds'),
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
  }
  const empty =
    request.body.byteLength === 0 || new TextDecoder().decode(request.body).trim() === ''
  const value = empty ? {} : (await bodyOf(request, 'DeleteOptions')).value
  const decoded = decodeStruct('DeleteOptions', 'DeleteOptions', 'v1', value ?? {}).value
  const grace = decoded.gracePeriodSeconds ?? fromQuery.gracePeriodSeconds
  const policy = decoded.propagationPolicy ?? fromQuery.propagationPolicy
  if (policy !== undefined && !['Orphan', 'Background', 'Foreground'].includes(String(policy))) {
    throw errors.badRequest(
      `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`,
    )
  }
  const preconditions = isPlainObject(decoded.preconditions) ? decoded.preconditions : {}
  const dryRun =
    dryRunOf(query) || (Array.isArray(decoded.dryRun) && decoded.dryRun.includes('All'))
  return {
    dryRun,
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    ...(policy === undefined ? {} : { propagationPolicy: String(policy) }),
    preconditions: {
      ...(typeof preconditions.uid === 'string' ? { uid: preconditions.uid } : {}),
      ...(typeof preconditions.resourceVersion === 'string'
        ? { resourceVersion: preconditions.resourceVersion }
        : {}),
    },
  }
}

async function deleteCollection(
  request: ApiRequest,
  target: Target,
  { registry, context }: ResourceOptions,
): Promise<ApiResponse> {
  const { info, kind, namespace } = target
  if (!info.verbs.includes('deletecollection')) throw errors.methodNotAllowed()
  if (info.namespaced && namespace === undefined) throw errors.methodNotAllowed()
  const selection = selectionOf(request.query, info)
  const options = await deleteOptionsOf(request)
  const chosen = context.store.list(kind, namespace).filter((object) => selection.matches(object))
  const items = chosen.map((object) => {
    const key = info.namespaced
      ? `${object.metadata.namespace}/${object.metadata.name}`
      : object.metadata.name
    return registry.delete(kind, key, options).object
  })
  return json(200, {
    kind: `${kind}List`,
    apiVersion: apiVersionOf(info),
    metadata: { resourceVersion: String(context.store.revision()) },
    items: items.map(({ apiVersion: _version, kind: _kind, ...item }) => item),
  })
}

async function handleSubresource(
  request: ApiRequest,
  target: Target,
  subresource: string,
  options: ResourceOptions,
): Promise<ApiResponse> {
  const { context } = options
  const { info, kind, name = '' } = target
  const { method } = request
  if (info.namespaced && target.namespace === undefined) throw errors.noSuchPath()
  const current = () => getObject(context.store, info, kind, target.key, name)
  switch (subresource) {
    case 'status':
    case 'ephemeralcontainers':
      if (method === 'GET' || method === 'HEAD') return objectResponse(request, current(), context)
      if (subresource === 'ephemeralcontainers') {
        throw errors.notSimulated(501, 'ephemeral containers (kubectl debug) are not simulated')
      }
      if (method === 'PUT') return replaceObject(request, target, name, options, 'status')
      if (method === 'PATCH') return patchObject(request, target, name, options, 'status')
      throw errors.methodNotAllowed()
    case 'finalize':
      if (method !== 'PUT') throw errors.methodNotAllowed()
      return replaceObject(request, target, name, options, 'finalize')
    case 'scale':
      if (method === 'GET' || method === 'HEAD') return json(200, readScale(current()))
      return writeScale(request, current(), options)
    case 'log':
      if (method !== 'GET') throw errors.methodNotAllowed()
      return logResponse(request, current() as AnyKubeObject & Pod, options.node)
    case 'eviction':
      if (method !== 'POST') throw errors.methodNotAllowed()
      return evictPod(request, current(), options)
    case 'binding':
      if (method !== 'POST') throw errors.methodNotAllowed()
      return bindPod(request, current(), options)
    case 'exec':
    case 'attach':
      if (method !== 'GET' && method !== 'POST') throw errors.methodNotAllowed()
      current()
      throw errors.badRequest(
        request.headers.upgrade === undefined
          ? 'Upgrade request required'
          : `unable to upgrade: only WebSocket is supported for ${subresource}, not ${request.headers.upgrade} (a limit of the simulated cluster)`,
      )
    default:
      throw errors.noSuchPath()
  }
}
