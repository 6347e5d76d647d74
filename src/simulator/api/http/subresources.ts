import type { AnyKubeObject, LabelSelector, Pod } from '../../../kube/objects.ts'
import { timestamp } from '../context.ts'
import { withManager } from '../patch/managed-fields.ts'
import { readBody } from '../read-body.ts'
import { infoOf } from '../registry.ts'
import { type ApiRequest, type ApiResponse, json } from '../request.ts'
import { decodeStruct, isPlainObject } from '../schema/decode.ts'
import { structNamed, structOf } from '../schema/schema.ts'
import { errors } from '../status.ts'
import { keyOf } from '../store.ts'
import { isKindName } from '../strategies/strategies.ts'
import { selectorText } from '../tables/texts.ts'
import { fieldError } from '../validation/field-error.ts'
import { applyPatchTo, patchTypeOf } from './patch.ts'
import { dryRunOf } from './query.ts'
import type { ResourceOptions } from './target.ts'
import { bodyOf, fieldManagerOf } from './write.ts'

/** The autoscaling/v1 Scale of a deployment or replica set. */
export function readScale(object: AnyKubeObject): AnyKubeObject {
  const spec = isPlainObject(object.spec) ? object.spec : {}
  const status = isPlainObject(object.status) ? object.status : {}
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
    spec: { replicas: spec.replicas ?? 0 },
    status: {
      replicas: status.replicas ?? 0,
      selector: selectorText(
        isPlainObject(spec.selector) ? (spec.selector as LabelSelector) : undefined,
      ),
    },
  }
}

/**
 * PUT or PATCH of a scale: changes `spec.replicas` alone.
 * @throws ApiError 400, 405, 409, 422
 */
export async function writeScale(
  request: ApiRequest,
  object: AnyKubeObject,
  { registry, context }: ResourceOptions,
): Promise<ApiResponse> {
  if (!isKindName(object.kind)) throw errors.noSuchPath()
  const info = infoOf(object.kind)
  const name = object.metadata.name
  let value: unknown
  if (request.method === 'PUT') {
    value = (await bodyOf(request, 'Scale')).value
  } else if (request.method === 'PATCH') {
    const type = patchTypeOf(request)
    if (type === 'application/apply-patch+yaml') {
      throw errors.notSimulated(501, 'server-side apply of the scale subresource is not simulated')
    }
    const body = await readBody(request.body, type, 'Scale')
    value = applyPatchTo(readScale(object), structNamed('Scale'), type, body.value)
  } else {
    throw errors.methodNotAllowed()
  }
  const scale = decodeStruct(structNamed('Scale'), 'Scale', 'v1', value).value
  const spec = isPlainObject(scale.spec) ? scale.spec : {}
  const metadata = isPlainObject(scale.metadata) ? scale.metadata : {}
  const replicas = typeof spec.replicas === 'number' ? spec.replicas : 0
  if (replicas < 0) {
    throw errors.invalid({ ...info, group: 'autoscaling', kind: 'Scale' }, name, [
      fieldError.invalid('spec.replicas', replicas, 'must be greater than or equal to 0'),
    ])
  }
  const { resourceVersion: _current, ...ownMetadata } = object.metadata
  const wanted: AnyKubeObject = {
    ...object,
    metadata: {
      ...ownMetadata,
      ...(typeof metadata.resourceVersion === 'string'
        ? { resourceVersion: metadata.resourceVersion }
        : {}),
    },
    spec: { ...(isPlainObject(object.spec) ? object.spec : {}), replicas },
  }
  const stored = registry.update(
    object.kind,
    withManager(object, wanted, structOf(object), {
      manager: fieldManagerOf(request),
      time: timestamp(context.clock.now()),
      subresource: 'scale',
    }),
    { dryRun: dryRunOf(request.query) },
  )
  return json(200, readScale(stored))
}

/**
 * POST of an eviction: deletes the pod with its grace period. Disruption budgets are not simulated, so none forbids it.
 * @throws ApiError 400, 409
 */
export async function evictPod(
  request: ApiRequest,
  pod: AnyKubeObject,
  { registry }: ResourceOptions,
): Promise<ApiResponse> {
  const { value } = await bodyOf(request, 'Eviction')
  const eviction = decodeStruct(structNamed('Eviction'), 'Eviction', 'v1', value).value
  const options = isPlainObject(eviction.deleteOptions) ? eviction.deleteOptions : {}
  registry.delete('Pod', keyOf(pod), {
    dryRun: dryRunOf(request.query),
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
