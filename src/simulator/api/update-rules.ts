import type { KindInfo } from '../../kube/kinds.ts'
import type { AnyKubeObject, ObjectMeta } from '../../kube/objects.ts'
import { sameJson } from '../../kube/same-json.ts'
import { recordOf } from './deletion-rules.ts'
import { errors } from './status.ts'
import type { Strategy } from './strategies/strategy.ts'
import { fieldError } from './validation/field-error.ts'
import { immutableErrors } from './validation/meta.ts'

const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again'

/**
 * Optimistic concurrency: a uid or resourceVersion that is given must be the current one.
 * @throws ApiError 409
 */
export function assertUnchangedSince(
  info: KindInfo,
  given: AnyKubeObject,
  previous: AnyKubeObject,
): void {
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

/**
 * What an update may change: all but the status and the server's own metadata, or the status alone. Annotations may come with a status, as the
 * revision of a deployment does.
 */
export function merged(
  given: AnyKubeObject,
  previous: AnyKubeObject,
  subresource: 'status' | 'finalize' | 'ephemeralcontainers' | undefined,
  { ownsStatus, statusKeepsMetadata }: Pick<Strategy, 'ownsStatus' | 'statusKeepsMetadata'>,
): AnyKubeObject {
  const fixed = {
    apiVersion: previous.apiVersion,
    kind: previous.kind,
  }
  if (subresource === 'status') {
    const metadata: ObjectMeta = { ...previous.metadata }
    const { annotations, managedFields } = given.metadata
    if (managedFields !== undefined) metadata.managedFields = managedFields
    if (statusKeepsMetadata !== true) {
      if (annotations === undefined) delete metadata.annotations
      else metadata.annotations = annotations
    }
    return {
      ...previous,
      ...fixed,
      metadata,
      ...(given.status === undefined ? {} : { status: given.status }),
    }
  }
  if (subresource === 'ephemeralcontainers') {
    return {
      ...previous,
      ...fixed,
      metadata: {
        ...previous.metadata,
        ...(given.metadata.managedFields === undefined
          ? {}
          : { managedFields: given.metadata.managedFields }),
      },
      spec: withEphemeralContainers(previous.spec, given.spec),
    }
  }
  if (subresource !== undefined) return { ...previous, ...fixed, spec: given.spec }
  const { status, ...rest } = given
  const kept = ownsStatus === true ? status : previous.status
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
      ...pick(previous.metadata, [
        'uid',
        'creationTimestamp',
        'generation',
        'deletionTimestamp',
        'deletionGracePeriodSeconds',
        'generateName',
        'resourceVersion',
      ]),
    },
    ...(kept === undefined ? {} : { status: kept }),
  }
}

/** The spec with the ephemeral containers of another, and nothing else of it. */
function withEphemeralContainers(spec: unknown, given: unknown): unknown {
  const { ephemeralContainers: _before, ...rest } = recordOf(spec)
  const { ephemeralContainers } = recordOf(given)
  return ephemeralContainers === undefined ? rest : { ...rest, ephemeralContainers }
}

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  const entries = keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]])
  return Object.fromEntries(entries) as Pick<T, K>
}

/** What an update may not do to the metadata. */
export function metaUpdateErrors(metadata: ObjectMeta, previous: ObjectMeta) {
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

/** The object with its generation raised where more than metadata and status changed. */
export function withGeneration(
  object: AnyKubeObject,
  previous: AnyKubeObject,
  { ownsStatus }: Pick<Strategy, 'ownsStatus'>,
): AnyKubeObject {
  const generation = previous.metadata.generation ?? 1
  const { metadata: _a, status, ...content } = object
  const { metadata: _c, status: statusBefore, ...before } = previous
  const changed =
    !sameJson(content, before) || (ownsStatus === true && !sameJson(status, statusBefore))
  return {
    ...object,
    metadata: { ...object.metadata, generation: changed ? generation + 1 : generation },
  }
}

/** The object without what changes on every write. */
export function comparable(object: AnyKubeObject): unknown {
  const managed = (object.metadata.managedFields ?? []).map((entry) =>
    typeof entry === 'object' && entry !== null ? { ...entry, time: undefined } : entry,
  )
  return {
    ...object,
    metadata: { ...object.metadata, resourceVersion: undefined, managedFields: managed },
  }
}
