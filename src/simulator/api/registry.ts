import { apiVersionOf, KINDS, type KindInfo } from '../../kube/kinds.ts'
import type { AnyKubeObject, ObjectMeta, Pod } from '../../kube/objects.ts'
import type { KindName } from '../ports.ts'
import { type ApiContext, randomSuffix, randomUid, timestamp } from './context.ts'
import { sameJson } from './json-value.ts'
import { errors } from './status.ts'
import { keyOf } from './store.ts'
import { STRATEGIES } from './strategies/strategies.ts'
import { fieldError } from './validation/field-error.ts'
import { immutableErrors, metaErrors } from './validation/meta.ts'

export interface WriteContext {
  readonly dryRun?: boolean
  /** Receives texts for `Warning` headers. */
  readonly onWarning?: (text: string) => void
}

export interface DeleteContext extends WriteContext {
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: string
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

/** Creates, replaces and deletes objects by the rules of the API, for HTTP and for controllers alike. */
export interface Registry {
  create(kind: KindName, object: AnyKubeObject, context?: WriteContext): AnyKubeObject
  /** Replaces everything but the status, or with `subresource: 'status'` the status alone. */
  update(
    kind: KindName,
    object: AnyKubeObject,
    context?: WriteContext & {
      readonly subresource?: 'status' | 'finalize' | 'ephemeralcontainers'
    },
  ): AnyKubeObject
  /** Places a pod on a node, and says so in its conditions: models BindingREST of pkg/registry/core/pod. */
  bind(pod: Pod, nodeName: string): AnyKubeObject
  /** `removed` is false while the object waits for its grace period or its finalizers. */
  delete(
    kind: KindName,
    key: string,
    context?: DeleteContext,
  ): { readonly object: AnyKubeObject; readonly removed: boolean }
}

/** The table entry of a stored kind. */
export function infoOf(kind: KindName): KindInfo {
  const info = KINDS.find((entry) => entry.kind === kind)
  if (info === undefined) throw new TypeError(`no kind ${kind}`)
  return info
}

export function createRegistry(context: ApiContext): Registry {
  const { store, clock, randomBytes } = context
  const now = () => timestamp(clock.now())

  const create: Registry['create'] = (kind, given, write = {}) => {
    const info = infoOf(kind)
    const strategy = STRATEGIES[kind]
    const name = nameFor(given.metadata, randomBytes)
    if (given.metadata.resourceVersion !== undefined) {
      throw errors.badRequest('resourceVersion should not be set on objects to be created')
    }
    const namespace = given.metadata.namespace
    if (info.namespaced && namespace !== undefined) assertNamespace(info, name, namespace)
    const { deletionTimestamp: _d, deletionGracePeriodSeconds: _g, ...meta } = given.metadata
    const { status: givenStatus, ...rest } = given
    let object: AnyKubeObject = {
      ...rest,
      apiVersion: apiVersionOf(info),
      kind,
      metadata: {
        ...meta,
        name,
        uid: randomUid(randomBytes),
        creationTimestamp: now(),
        ...(strategy.counted === true ? { generation: 1 } : {}),
      },
    }
    object = { ...(strategy.defaults?.(object) ?? object) }
    const status =
      strategy.initialStatus === undefined ? givenStatus : strategy.initialStatus(object)
    if (status !== undefined) object = { ...object, status }
    const found = [...metaErrors(object, strategy.nameRule), ...(strategy.validate?.(object) ?? [])]
    if (found.length > 0) throw errors.invalid(info, name, found)
    if (store.get(kind, keyOf(object)) !== undefined) throw errors.alreadyExists(info, name)
    object = { ...(strategy.admit?.(object, context) ?? object) }
    for (const warning of strategy.warnings?.(object) ?? []) write.onWarning?.(warning)
    return write.dryRun === true ? object : store.put(kind, object)
  }

  const assertNamespace = (info: KindInfo, name: string, namespace: string) => {
    const found = store.get('Namespace', namespace)
    if (found === undefined) throw errors.notFound(infoOf('Namespace'), namespace)
    if (found.metadata.deletionTimestamp !== undefined) {
      throw errors.forbidden(
        info,
        name,
        `unable to create new content in namespace ${namespace} because it is being terminated`,
        [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${namespace} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      )
    }
  }

  const update: Registry['update'] = (kind, given, write = {}) => {
    const info = infoOf(kind)
    const strategy = STRATEGIES[kind]
    const name = given.metadata.name
    const previous = store.get(kind, keyOf(given))
    if (previous === undefined) throw errors.notFound(info, name)
    assertUnchangedSince(info, given, previous)
    let object = merged(given, previous, write.subresource)
    if (write.subresource === undefined) {
      object = { ...(strategy.prepareUpdate?.(object, previous, context) ?? object) }
      object = { ...(strategy.defaults?.(object) ?? object) }
    }
    if (strategy.counted === true) object = withGeneration(object, previous)
    const found = [
      ...metaErrors(object, strategy.nameRule),
      ...metaUpdateErrors(object.metadata, previous.metadata),
      ...(write.subresource === undefined
        ? [
            ...(strategy.validate?.(object) ?? []),
            ...(strategy.validateUpdate?.(object, previous) ?? []),
          ]
        : []),
    ]
    if (found.length > 0) throw errors.invalid(info, name, found)
    for (const warning of strategy.warnings?.(object) ?? []) write.onWarning?.(warning)
    if (sameJson(comparable(object), comparable(previous))) return previous
    if (write.dryRun === true) return object
    if (isFinished(kind, object)) {
      store.put(kind, object)
      return store.remove(kind, keyOf(object)) ?? object
    }
    return store.put(kind, object)
  }

  const remove: Registry['delete'] = (kind, key, options = {}) => {
    const info = infoOf(kind)
    const object = store.get(kind, key)
    const name = key.slice(key.indexOf('/') + 1)
    if (object === undefined) throw errors.notFound(info, name)
    const { uid, resourceVersion } = options.preconditions ?? {}
    if (uid !== undefined && uid !== object.metadata.uid) {
      throw errors.conflict(
        info,
        name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${object.metadata.uid}`,
      )
    }
    if (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion) {
      throw errors.conflict(
        info,
        name,
        `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${object.metadata.resourceVersion}`,
      )
    }
    const grace = graceFor(kind, object, options.gracePeriodSeconds)
    const finalizers = withPropagation(object.metadata.finalizers ?? [], options.propagationPolicy)
    const terminating = object.metadata.deletionTimestamp !== undefined
    if (grace === 0 && finalizers.length === 0 && !hasSpecFinalizers(object)) {
      if (options.dryRun === true) return { object, removed: true }
      return { object: store.remove(kind, key) ?? object, removed: true }
    }
    const shorter =
      terminating &&
      grace < (object.metadata.deletionGracePeriodSeconds ?? Number.POSITIVE_INFINITY)
    if (terminating && !shorter) return { object, removed: false }
    const marked: AnyKubeObject = {
      ...object,
      metadata: {
        ...object.metadata,
        deletionTimestamp: timestamp(clock.now() + grace * 1000),
        deletionGracePeriodSeconds: grace,
        ...(finalizers.length === 0 ? {} : { finalizers }),
        ...(object.metadata.generation === undefined || terminating
          ? {}
          : { generation: object.metadata.generation + 1 }),
      },
      ...(kind === 'Namespace'
        ? { status: { ...recordOf(object.status), phase: 'Terminating' } }
        : {}),
    }
    return { object: options.dryRun === true ? marked : store.put(kind, marked), removed: false }
  }

  const bind: Registry['bind'] = (pod, nodeName) =>
    store.put('Pod', {
      ...pod,
      spec: { ...pod.spec, nodeName },
      status: {
        ...pod.status,
        conditions: [
          ...(pod.status?.conditions ?? []).filter(
            (condition) => condition.type !== 'PodScheduled',
          ),
          { type: 'PodScheduled', status: 'True', lastTransitionTime: now() },
        ],
      },
    })

  return { create, update, bind, delete: remove }
}

function nameFor(metadata: ObjectMeta, randomBytes: ApiContext['randomBytes']): string {
  if (metadata.name !== undefined && metadata.name !== '') return metadata.name
  if (metadata.generateName === undefined || metadata.generateName === '') return ''
  // 63 less the five random signs, as names/generate.go.
  return `${metadata.generateName.slice(0, 58)}${randomSuffix(randomBytes)}`
}

const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again'

function assertUnchangedSince(info: KindInfo, given: AnyKubeObject, previous: AnyKubeObject): void {
  const { uid, resourceVersion, name } = given.metadata
  if (uid !== undefined && uid !== previous.metadata.uid) {
    throw errors.conflict(
      info,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${previous.metadata.uid}`,
    )
  }
  if (resourceVersion !== undefined && resourceVersion !== previous.metadata.resourceVersion) {
    throw errors.conflict(info, name, MODIFIED)
  }
}

/** What an update may change: all but the status and the server's own metadata, or the status alone. */
function merged(
  given: AnyKubeObject,
  previous: AnyKubeObject,
  subresource: 'status' | 'finalize' | 'ephemeralcontainers' | undefined,
): AnyKubeObject {
  const fixed = {
    apiVersion: previous.apiVersion,
    kind: previous.kind,
  }
  if (subresource === 'status') {
    return {
      ...previous,
      ...fixed,
      metadata: {
        ...previous.metadata,
        ...(given.metadata.managedFields === undefined
          ? {}
          : { managedFields: given.metadata.managedFields }),
      },
      ...(given.status === undefined ? {} : { status: given.status }),
    }
  }
  if (subresource !== undefined) return { ...previous, ...fixed, spec: given.spec }
  const { status: _status, ...rest } = given
  const kept = previous.metadata
  const metadata: ObjectMeta = { ...given.metadata }
  for (const field of [
    'uid',
    'creationTimestamp',
    'generation',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generateName',
    'resourceVersion',
  ] as const) {
    delete metadata[field]
  }
  return {
    ...rest,
    ...fixed,
    metadata: {
      ...metadata,
      ...pick(kept, [
        'uid',
        'creationTimestamp',
        'generation',
        'deletionTimestamp',
        'deletionGracePeriodSeconds',
        'generateName',
        'resourceVersion',
      ]),
    },
    ...(previous.status === undefined ? {} : { status: previous.status }),
  }
}

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  const entries = keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]])
  return Object.fromEntries(entries) as Pick<T, K>
}

function metaUpdateErrors(metadata: ObjectMeta, previous: ObjectMeta) {
  const found = [
    ...immutableErrors('metadata.name', metadata.name, previous.name),
    ...immutableErrors('metadata.namespace', metadata.namespace, previous.namespace),
  ]
  const added = (metadata.finalizers ?? []).filter(
    (finalizer) => !(previous.finalizers ?? []).includes(finalizer),
  )
  if (previous.deletionTimestamp !== undefined && added.length > 0) {
    found.push(
      fieldError.forbidden(
        'metadata.finalizers',
        `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`,
      ),
    )
  }
  return found
}

function withGeneration(object: AnyKubeObject, previous: AnyKubeObject): AnyKubeObject {
  const generation = previous.metadata.generation ?? 1
  const { metadata: _a, status: _b, ...content } = object
  const { metadata: _c, status: _d, ...before } = previous
  const changed = !sameJson(content, before)
  return {
    ...object,
    metadata: { ...object.metadata, generation: changed ? generation + 1 : generation },
  }
}

/** The object without what changes on every write. */
function comparable(object: AnyKubeObject): unknown {
  const managed = (object.metadata.managedFields ?? []).map((entry) =>
    typeof entry === 'object' && entry !== null ? { ...entry, time: undefined } : entry,
  )
  return {
    ...object,
    metadata: { ...object.metadata, resourceVersion: undefined, managedFields: managed },
  }
}

/** Deleted, and nobody waits for it any more. */
function isFinished(kind: KindName, object: AnyKubeObject): boolean {
  return (
    object.metadata.deletionTimestamp !== undefined &&
    (object.metadata.finalizers ?? []).length === 0 &&
    !hasSpecFinalizers(object) &&
    (kind !== 'Pod' || object.metadata.deletionGracePeriodSeconds === 0)
  )
}

function hasSpecFinalizers(object: AnyKubeObject): boolean {
  if (object.kind !== 'Namespace') return false
  const finalizers: unknown = recordOf(object.spec).finalizers
  return Array.isArray(finalizers) && finalizers.length > 0
}

/** Only pods that were placed on a node are given time: models pkg/registry/core/pod strategy.CheckGracefulDelete. */
function graceFor(kind: KindName, object: AnyKubeObject, asked: number | undefined): number {
  if (kind !== 'Pod') return 0
  const spec = recordOf(object.spec)
  const phase = recordOf(object.status).phase
  if (spec.nodeName === undefined || phase === 'Succeeded' || phase === 'Failed') return 0
  const own = spec.terminationGracePeriodSeconds
  return Math.max(0, asked ?? (typeof own === 'number' ? own : 30))
}

function withPropagation(finalizers: readonly string[], policy: string | undefined): string[] {
  const kept = finalizers.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion')
  if (policy === 'Orphan') return [...kept, 'orphan']
  if (policy === 'Foreground') return [...kept, 'foregroundDeletion']
  return policy === undefined ? [...finalizers] : kept
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
