import { apiVersionOf, type KindInfo } from '../../kube/kinds.ts'
import type { AnyKubeObject, ObjectMeta, Pod } from '../../kube/objects.ts'
import { sameJson } from '../../kube/same-json.ts'
import type { StoredKind } from '../ports.ts'
import { assertWithinLimits } from './admission/limit-ranger.ts'
import { chargedQuotas } from './admission/quota.ts'
import { type ApiContext, randomSuffix, randomUid, timestamp } from './context.ts'
import {
  graceFor,
  hasSpecFinalizers,
  isFinished,
  recordOf,
  withPropagation,
} from './deletion-rules.ts'
import { sharedWith } from './json-value.ts'
import { infoOf } from './kinds/built-in-kinds.ts'
import type { ServedKind } from './kinds/served-kind.ts'
import { type Writer, withManager, withoutManager } from './patch/managed-fields.ts'
import { errors } from './status.ts'
import { keyOf } from './store.ts'
import {
  assertUnchangedSince,
  comparable,
  merged,
  metaUpdateErrors,
  withGeneration,
} from './update-rules.ts'
import { metaErrors } from './validation/meta.ts'

export interface WriteContext {
  /** The version that is written: its rules apply. @default the version that is stored */
  readonly as?: ServedKind
  /** Who writes, for `metadata.managedFields`. @default nobody is recorded */
  readonly manager?: Writer
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
  create(kind: StoredKind, object: AnyKubeObject, context?: WriteContext): AnyKubeObject
  /** Replaces everything but the status, or with `subresource: 'status'` the status alone. */
  update(
    kind: StoredKind,
    object: AnyKubeObject,
    context?: WriteContext & {
      readonly subresource?: 'status' | 'finalize' | 'ephemeralcontainers'
    },
  ): AnyKubeObject
  /** Places a pod on a node, and says so in its conditions: models BindingREST of pkg/registry/core/pod. */
  bind(pod: Pod, nodeName: string): AnyKubeObject
  /** `removed` is false while the object waits for its grace period or its finalizers. */
  delete(
    kind: StoredKind,
    key: string,
    context?: DeleteContext,
  ): { readonly object: AnyKubeObject; readonly removed: boolean }
}

export function createRegistry(context: ApiContext): Registry {
  const { store, clock, randomBytes, kinds } = context
  const now = () => timestamp(clock.now())

  const create: Registry['create'] = (kind, given, write = {}) => {
    const stored = kinds.of(kind)
    const { info, strategy } = write.as ?? stored
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
      apiVersion: apiVersionOf(stored.info),
      kind: info.kind,
      metadata: {
        ...meta,
        name,
        uid: randomUid(randomBytes),
        creationTimestamp: now(),
        ...(strategy.counted === true ? { generation: 1 } : {}),
      },
    }
    object = { ...(strategy.defaults?.(object) ?? object) }
    // Whoever creates owns what is there now, and nothing that the server adds below.
    const { metadata: owned } = recorded(
      undefined,
      strategy.ownsStatus === true && givenStatus !== undefined
        ? { ...object, status: givenStatus }
        : object,
      write.as ?? stored,
      write,
    )
    object = { ...object, metadata: owned }
    object = { ...(strategy.prepareCreate?.(object, context) ?? object) }
    const status =
      strategy.initialStatus === undefined ? givenStatus : strategy.initialStatus(object)
    if (status !== undefined) object = { ...object, status }
    const found = [
      ...metaErrors(object, strategy),
      ...(strategy.validate?.(object) ?? []),
      ...(strategy.validateCreate?.(object) ?? []),
    ]
    if (found.length > 0) throw errors.invalid(info, name, found)
    object = { ...(strategy.admit?.(object, context) ?? object) }
    assertWithinLimits(info, object, store)
    const charged = chargedQuotas(stored.info, object, undefined, store)
    if (store.get(kind, keyOf(object)) !== undefined) throw errors.alreadyExists(info, name)
    for (const warning of strategy.warnings?.(object) ?? []) write.onWarning?.(warning)
    if (write.dryRun === true) return object
    for (const quota of charged) store.put('ResourceQuota', quota)
    return store.put(kind, object)
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
    const { info, strategy } = write.as ?? kinds.of(kind)
    const name = given.metadata.name
    const previous = store.get(kind, keyOf(given))
    if (previous === undefined) throw errors.notFound(info, name)
    assertUnchangedSince(info, given, previous)
    let object = merged(given, previous, write.subresource, strategy)
    if (write.subresource === 'ephemeralcontainers') {
      object = { ...(strategy.defaults?.(object) ?? object) }
    }
    if (write.subresource === undefined) {
      object = { ...(strategy.prepareUpdate?.(object, previous, context) ?? object) }
      object = { ...(strategy.defaults?.(object) ?? object) }
    }
    // What stays the same is kept once, and nothing below looks at it again.
    object = sharedWith(previous, object)
    object = recorded(previous, object, write.as ?? kinds.of(kind), write)
    if (strategy.counted === true) object = withGeneration(object, previous, strategy)
    const found = [
      ...metaErrors(object, strategy),
      ...metaUpdateErrors(object.metadata, previous.metadata),
      ...(write.subresource === undefined
        ? [
            ...(strategy.validate?.(object, previous) ?? []),
            ...(strategy.validateUpdate?.(object, previous) ?? []),
          ]
        : write.subresource === 'ephemeralcontainers'
          ? [
              ...(strategy.validate?.(object) ?? []),
              ...(strategy.validateEphemeral?.(object, previous) ?? []),
            ]
          : (strategy.validateStatus?.(object, previous) ?? [])),
    ]
    if (found.length > 0) throw errors.invalid(info, name, found)
    for (const warning of strategy.warnings?.(object, previous) ?? []) write.onWarning?.(warning)
    if (sameJson(comparable(object), comparable(previous))) return previous
    const charged =
      write.subresource === undefined
        ? chargedQuotas(kinds.of(kind).info, object, previous, store)
        : []
    if (write.dryRun === true) return object
    for (const quota of charged) store.put('ResourceQuota', quota)
    if (isFinished(kind, object)) {
      store.put(kind, object)
      return store.remove(kind, keyOf(object)) ?? object
    }
    return store.put(kind, object)
  }

  const remove: Registry['delete'] = (kind, key, options = {}) => {
    const { info, strategy } = options.as ?? kinds.of(kind)
    const object = store.get(kind, key)
    const name = key.slice(key.indexOf('/') + 1)
    if (object === undefined) throw errors.notFound(info, name)
    const protection = strategy.protectedBecause?.(object)
    if (protection !== undefined) throw errors.forbidden(info, name, protection)
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
    const own = object.metadata.finalizers ?? []
    const finalizers = withPropagation(
      [...own, ...(strategy.deletionFinalizers ?? []).filter((name) => !own.includes(name))],
      options.propagationPolicy,
    )
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
          { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: now() },
        ],
      },
    })

  return { create, update, bind, delete: remove }
}

/** The object with its writer among the managers, in the version that was written. */
function recorded(
  previous: AnyKubeObject | undefined,
  object: AnyKubeObject,
  served: ServedKind,
  { manager }: WriteContext,
): AnyKubeObject {
  if (manager === undefined) {
    return previous === undefined ? object : withoutManager(previous, object, served.struct)
  }
  const { metadata } = withManager(
    previous === undefined ? undefined : served.fromStorage(previous),
    served.fromStorage(object),
    served.struct,
    manager,
  )
  return { ...object, metadata }
}

function nameFor(metadata: ObjectMeta, randomBytes: ApiContext['randomBytes']): string {
  if (metadata.name !== undefined && metadata.name !== '') return metadata.name
  if (metadata.generateName === undefined || metadata.generateName === '') return ''
  // 63 less the five random signs, as names/generate.go.
  return `${metadata.generateName.slice(0, 58)}${randomSuffix(randomBytes)}`
}
