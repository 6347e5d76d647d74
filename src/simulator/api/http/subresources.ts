import type { AnyKubeObject, LabelSelector, Pod } from '../../../kube/objects.ts'
import { timestamp } from '../context.ts'
import { takeDisruption } from '../disruption.ts'
import { infoOf } from '../kinds/built-in-kinds.ts'
import type { ScalePaths, ServedKind } from '../kinds/served-kind.ts'
import { applyTo } from '../patch/apply.ts'
import { readBody } from '../read-body.ts'
import { type ApiRequest, type ApiResponse, json } from '../request.ts'
import { decodeStruct, isPlainObject } from '../schema/decode.ts'
import { structNamed } from '../schema/schema.ts'
import { errors } from '../status.ts'
import { keyOf } from '../store.ts'
import { mapText, selectorText } from '../tables/texts.ts'
import { fieldError } from '../validation/field-error.ts'
import { applyPatchTo, patchTypeOf } from './patch.ts'
import { booleanOf, dryRunOf } from './query.ts'
import { checkWriteOptions } from './request-options.ts'
import type { ResourceOptions } from './target.ts'
import { bodyOf, writerOf } from './write.ts'

const SCALE_PATHS: ScalePaths = {
  replicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
}

/** The autoscaling/v1 Scale of a workload. */
export function readScale(object: AnyKubeObject, { scalePaths }: ServedKind): AnyKubeObject {
  const paths = scalePaths ?? SCALE_PATHS
  const selector =
    object.kind === 'ReplicationController'
      ? mapText(fieldAt(object, ['spec', 'selector']) as Record<string, string> | undefined)
      : scalePaths === undefined
        ? selectorText(fieldAt(object, ['spec', 'selector']) as LabelSelector | undefined)
        : fieldAt(object, scalePaths.selector ?? [])
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: { replicas: fieldAt(object, paths.replicas) ?? 0 },
    status: {
      replicas: fieldAt(object, paths.statusReplicas) ?? 0,
      ...(typeof selector === 'string' && selector !== '' ? { selector } : {}),
    },
  }
}

function fieldAt(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path
  if (name === undefined) return value
  return isPlainObject(value) ? fieldAt(value[name], rest) : undefined
}

/** A copy with another value at the path. */
function withFieldAt(value: unknown, path: readonly string[], wanted: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return wanted
  const struct = isPlainObject(value) ? value : {}
  return { ...struct, [name]: withFieldAt(struct[name], rest, wanted) }
}

/**
 * PUT or PATCH of a scale: changes `spec.replicas` alone.
 * @throws ApiError 400, 405, 409, 422
 */
export async function writeScale(
  request: ApiRequest,
  object: AnyKubeObject,
  served: ServedKind,
  { registry, context }: ResourceOptions,
): Promise<ApiResponse> {
  let value: unknown
  if (request.method === 'PUT') {
    value = (await bodyOf(request, 'Scale')).value
  } else if (request.method === 'PATCH') {
    const type = patchTypeOf(request)
    checkWriteOptions(request, 'PatchOptions', { isApply: type === 'application/apply-patch+yaml' })
    if (type === 'application/apply-patch+yaml') {
      return applyScale(request, object, served, { registry, context })
    }
    const body = await readBody(request.body, type, 'Scale')
    value = applyPatchTo(readScale(object, served), structNamed('Scale'), type, body.value)
  } else {
    throw errors.methodNotAllowed()
  }
  const scale = decodeStruct(structNamed('Scale'), 'Scale', 'v1', value).value
  const spec = isPlainObject(scale.spec) ? scale.spec : {}
  const metadata = isPlainObject(scale.metadata) ? scale.metadata : {}
  const replicas = typeof spec.replicas === 'number' ? spec.replicas : 0
  assertReplicas(replicas, served, object.metadata.name)
  const { resourceVersion: _current, ...ownMetadata } = object.metadata
  const wanted: AnyKubeObject = {
    ...object,
    metadata: {
      ...ownMetadata,
      ...(typeof metadata.resourceVersion === 'string'
        ? { resourceVersion: metadata.resourceVersion }
        : {}),
    },
  }
  const scaled = withFieldAt(wanted, (served.scalePaths ?? SCALE_PATHS).replicas, replicas)
  const stored = registry.update(
    served.stored,
    { ...wanted, ...(isPlainObject(scaled) ? scaled : {}) },
    {
      dryRun: dryRunOf(request.query),
      as: served,
      manager: writerOf(request, context, 'scale'),
    },
  )
  return json(200, readScale(stored, served))
}

/**
 * Server-side apply of a scale: the number of replicas becomes the manager's, in the fields of the object itself. Models
 * k8s.io/apimachinery util/managedfields/scalehandler.go.
 * @throws ApiError 400, 409, 422
 */
async function applyScale(
  request: ApiRequest,
  object: AnyKubeObject,
  served: ServedKind,
  { registry, context }: Pick<ResourceOptions, 'registry' | 'context'>,
): Promise<ApiResponse> {
  const { value } = await readBody(request.body, 'application/yaml', 'Scale')
  const scale = decodeStruct(structNamed('Scale'), 'Scale', 'v1', value).value
  const spec = isPlainObject(scale.spec) ? scale.spec : {}
  const previous = served.fromStorage(object)
  const { name, namespace } = previous.metadata
  const replicas = typeof spec.replicas === 'number' ? spec.replicas : 0
  assertReplicas(replicas, served, name)
  const { replicas: path } = served.scalePaths ?? SCALE_PATHS
  const fields = withFieldAt({}, path, replicas)
  const applied = applyTo(
    previous,
    {
      ...(isPlainObject(fields) ? fields : {}),
      apiVersion: previous.apiVersion,
      kind: previous.kind,
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    },
    served.struct,
    {
      manager: request.query.get('fieldManager') ?? '',
      force: booleanOf(request.query, 'force'),
      time: timestamp(context.clock.now()),
      subresource: 'scale',
    },
  )
  const stored = registry.update(served.stored, served.toStorage(applied), {
    dryRun: dryRunOf(request.query),
    as: served,
  })
  return json(200, readScale(stored, served))
}

/** @throws ApiError 422 */
function assertReplicas(replicas: number, { info }: ServedKind, name: string): void {
  if (replicas >= 0) return
  throw errors.invalid({ ...info, group: 'autoscaling', kind: 'Scale' }, name, [
    fieldError.invalid('spec.replicas', replicas, 'must be greater than or equal to 0'),
  ])
}

/**
 * POST of an eviction: deletes the pod with its grace period, unless a disruption budget forbids it.
 * @throws ApiError 400, 409, 429
 */
export async function evictPod(
  request: ApiRequest,
  pod: AnyKubeObject,
  { registry, context }: ResourceOptions,
): Promise<ApiResponse> {
  const { value } = await bodyOf(request, 'Eviction')
  const eviction = decodeStruct(structNamed('Eviction'), 'Eviction', 'v1', value).value
  const options = isPlainObject(eviction.deleteOptions) ? eviction.deleteOptions : {}
  const dryRun = dryRunOf(request.query)
  takeDisruption(pod as AnyKubeObject & Pod, context, dryRun)
  registry.delete('Pod', keyOf(pod), {
    dryRun,
    ...(typeof options.gracePeriodSeconds === 'number'
      ? { gracePeriodSeconds: options.gracePeriodSeconds }
      : {}),
  })
  return json(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 })
}

/**
 * POST of a binding: places a pod on a node, as a scheduler does.
 * @throws ApiError 400, 409
 */
export async function bindPod(
  request: ApiRequest,
  object: AnyKubeObject,
  { registry }: ResourceOptions,
): Promise<ApiResponse> {
  const { value } = await bodyOf(request, 'Binding')
  const binding = decodeStruct(structNamed('Binding'), 'Binding', 'v1', value).value
  const target = isPlainObject(binding.target) ? binding.target : {}
  const node = typeof target.name === 'string' ? target.name : ''
  const pod = object as AnyKubeObject & Pod
  const name = pod.metadata.name
  if (node === '') {
    throw errors.invalid({ ...infoOf('Pod'), kind: 'Binding' }, name, [
      fieldError.required('target.name'),
    ])
  }
  if (pod.spec.nodeName !== undefined) {
    throw errors.conflict(
      { ...infoOf('Pod'), plural: 'pods/binding' },
      name,
      `pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`,
    )
  }
  if (!dryRunOf(request.query)) {
    registry.bind(pod, node)
  }
  return json(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 })
}
