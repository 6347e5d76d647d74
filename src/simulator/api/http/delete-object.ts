import { apiVersionOf } from '../../../kube/kinds.ts'
import type { StoredKind } from '../../ports.ts'
import type { DeleteContext } from '../registry.ts'
import { type ApiRequest, type ApiResponse, json } from '../request.ts'
import { decodeStruct, isPlainObject } from '../schema/decode.ts'
import { structNamed } from '../schema/schema.ts'
import { errors } from '../status.ts'
import { fieldError } from '../validation/field-error.ts'
import { booleanOf, dryRunOf, numberOf, selectionOf } from './query.ts'
import { listItem, objectResponse } from './read.ts'
import { dryRunErrors, refuseOptions } from './request-options.ts'
import type { ResourceOptions, Target } from './target.ts'
import { warningHeaders } from './warning-headers.ts'
import { bodyOf } from './write.ts'

/** DELETE of one object. */
export async function deleteObject(
  request: ApiRequest,
  target: Target,
  name: string,
  { registry, context }: ResourceOptions,
): Promise<ApiResponse> {
  const options = await deleteOptionsOf(request)
  const orphans = target.kind === 'Job' && options.propagationPolicy === undefined
  const { object, removed } = registry.delete(target.kind, target.key, {
    ...options,
    ...(orphans ? { propagationPolicy: 'Orphan' } : {}),
    as: target.served,
  })
  const headers = warningHeaders(orphans ? [ORPHANED_PODS] : [])
  return removed && !RETURNED_WHEN_DELETED.has(target.kind)
    ? json(200, deletedStatus(target, name, object.metadata.uid ?? ''), headers)
    : objectResponse(request, object, target.served, context, { headers })
}

/** A DELETE of a job that does not say what to do with its pods keeps them (DefaultGarbageCollectionPolicy of batch/v1). */
const ORPHANED_PODS =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning'

/** Kinds whose DELETE answers with the object (`ReturnDeletedObject`). */
const RETURNED_WHEN_DELETED: ReadonlySet<StoredKind> = new Set(['Pod', 'Service', 'ServiceAccount'])

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

/** DELETE of a collection, or of what a selector chooses of it. */
export async function deleteCollection(
  request: ApiRequest,
  target: Target,
  { registry, context }: ResourceOptions,
): Promise<ApiResponse> {
  const { info, kind, namespace, served } = target
  if (!info.verbs.includes('deletecollection')) throw errors.methodNotAllowed()
  if (info.namespaced && namespace === undefined) throw errors.methodNotAllowed()
  const selection = selectionOf(request.query, served)
  const options = await deleteOptionsOf(request)
  const chosen = context.store.list(kind, namespace).filter((object) => selection.matches(object))
  const items = chosen.map((object) => {
    const key = info.namespaced
      ? `${object.metadata.namespace}/${object.metadata.name}`
      : object.metadata.name
    return registry.delete(kind, key, options).object
  })
  return json(200, {
    kind: served.listKind,
    apiVersion: apiVersionOf(info),
    metadata: { resourceVersion: String(context.store.revision()) },
    items: items.map((object) => listItem(served, object)),
  })
}

const PROPAGATION = ['Foreground', 'Background', 'Orphan']

function booleanIn(query: URLSearchParams, name: string): boolean | undefined {
  return query.has(name) ? booleanOf(query, name) : undefined
}

/** DeleteOptions of the body, or of the query. */
async function deleteOptionsOf(request: ApiRequest): Promise<DeleteContext> {
  const { query } = request
  const fromQuery = {
    gracePeriodSeconds: numberOf(query, 'gracePeriodSeconds'),
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
  }
  // A protobuf body is read as text here and is never blank: it begins with `k8s`.
  const empty =
    request.body.byteLength === 0 || new TextDecoder().decode(request.body).trim() === ''
  const value = empty ? {} : (await bodyOf(request, 'DeleteOptions')).value
  const decoded = decodeStruct(
    structNamed('DeleteOptions'),
    'DeleteOptions',
    'v1',
    value ?? {},
  ).value
  const grace = decoded.gracePeriodSeconds ?? fromQuery.gracePeriodSeconds
  const policy = decoded.propagationPolicy ?? fromQuery.propagationPolicy
  const orphan = decoded.orphanDependents ?? booleanIn(query, 'orphanDependents')
  refuseOptions('DeleteOptions', [
    ...(orphan !== undefined && policy !== undefined
      ? [
          fieldError.invalid(
            'propagationPolicy',
            policy,
            'orphanDependents and deletionPropagation cannot be both set',
          ),
        ]
      : []),
    ...(policy === undefined || PROPAGATION.includes(String(policy))
      ? []
      : [fieldError.notSupported('propagationPolicy', policy, [...PROPAGATION, 'nil'])]),
    ...dryRunErrors(query),
  ])
  const propagation = policy ?? (orphan === true ? 'Orphan' : undefined)
  const preconditions = isPlainObject(decoded.preconditions) ? decoded.preconditions : {}
  const dryRun =
    dryRunOf(query) || (Array.isArray(decoded.dryRun) && decoded.dryRun.includes('All'))
  return {
    dryRun,
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    ...(propagation === undefined ? {} : { propagationPolicy: String(propagation) }),
    preconditions: {
      ...(typeof preconditions.uid === 'string' ? { uid: preconditions.uid } : {}),
      ...(typeof preconditions.resourceVersion === 'string'
        ? { resourceVersion: preconditions.resourceVersion }
        : {}),
    },
  }
}
