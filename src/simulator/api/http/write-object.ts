import { apiVersionOf } from '../../../kube/kinds.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import { timestamp } from '../context.ts'
import type { ServedKind } from '../kinds/served-kind.ts'
import { applyTo } from '../patch/apply.ts'
import { lastAppliedFields, withLastApplied } from '../patch/last-applied.ts'
import type { ApiRequest, ApiResponse } from '../request.ts'
import { isPlainObject } from '../schema/decode.ts'
import { ApiError, errors } from '../status.ts'
import { goPrint } from '../validation/go-value.ts'
import { assertNoEscalation } from './escalation.ts'
import { applyPatchTo, patchBodyOf, patchTypeOf } from './patch.ts'
import { booleanOf, dryRunOf } from './query.ts'
import { objectResponse } from './read.ts'
import { checkWriteOptions } from './request-options.ts'
import type { ResourceOptions, Target } from './target.ts'
import { warningHeaders } from './warning-headers.ts'
import { bodyOf, checkFields, decodeObject, placeObject, withSpec, writerOf } from './write.ts'

/** What was found before a refusal is told with it. */
function warned<T>(texts: readonly string[], write: () => T): T {
  try {
    return write()
  } catch (error) {
    if (error instanceof ApiError) throw new ApiError(error.status, [...texts, ...error.warnings])
    throw error
  }
}

/** POST of an object. */
export async function createObject(
  request: ApiRequest,
  target: Target,
  { registry, context }: ResourceOptions,
): Promise<ApiResponse> {
  const { info, kind, served } = target
  if (info.namespaced && target.namespace === undefined) throw errors.methodNotAllowed()
  if (served.isTerminating === true) throw errors.definitionTerminating('create')
  checkWriteOptions(request, 'CreateOptions')
  const body = await bodyOf(request, info.kind)
  const { object, warnings } = decodeObject(request, served, body.value, body.text)
  const placed = placeObject(object, info, target.namespace, undefined)
  const texts = [...warnings]
  assertNoEscalation(request, target, placed, undefined, context)
  const stored = warned(texts, () =>
    registry.create(kind, served.toStorage(withoutManagers(placed)), {
      as: served,
      manager: writerOf(request, context),
      dryRun: dryRunOf(request.query),
      onWarning: (text) => texts.push(text),
    }),
  )
  return objectResponse(request, stored, served, context, {
    status: 201,
    headers: warningHeaders(texts),
  })
}

/** What a definition fills in comes after what is applied. */
function withDefaults(object: AnyKubeObject, served: ServedKind): AnyKubeObject {
  const { apiVersion, kind, metadata } = object
  return { ...served.decode(object).value, apiVersion, kind, metadata }
}

function withoutManagers(object: AnyKubeObject): AnyKubeObject {
  const { managedFields: _managed, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** PUT of an object or of a part of it. */
export async function replaceObject(
  request: ApiRequest,
  target: Target,
  name: string,
  { registry, context }: ResourceOptions,
  subresource?: 'status' | 'finalize' | 'ephemeralcontainers',
): Promise<ApiResponse> {
  const { info, kind, served } = target
  checkWriteOptions(request, 'UpdateOptions')
  const body = await bodyOf(request, info.kind)
  const { object, warnings } = decodeObject(request, served, body.value, body.text)
  const placed = placeObject(object, info, target.namespace, name)
  const previous = context.store.get(kind, target.key)
  if (previous === undefined) throw errors.notFound(info, name)
  assertNoEscalation(request, target, placed, previous, context)
  const texts = [...warnings]
  const stored = registry.update(kind, served.toStorage(placed), {
    as: served,
    manager: writerOf(request, context, subresource),
    dryRun: dryRunOf(request.query),
    onWarning: (text) => texts.push(text),
    ...(subresource === undefined ? {} : { subresource }),
  })
  return objectResponse(request, stored, served, context, { headers: warningHeaders(texts) })
}

/** PATCH of an object or of its status. */
export async function patchObject(
  request: ApiRequest,
  target: Target,
  name: string,
  { registry, context }: ResourceOptions,
  subresource?: 'status' | 'ephemeralcontainers',
): Promise<ApiResponse> {
  const { info, kind, served } = target
  const type = patchTypeOf(request, served)
  checkWriteOptions(request, 'PatchOptions', { isApply: type === 'application/apply-patch+yaml' })
  const body = await patchBodyOf(request, type, info)
  const found = context.store.get(kind, target.key)
  const previous = found === undefined ? undefined : served.fromStorage(found)
  const texts: string[] = []
  const write = {
    as: served,
    dryRun: dryRunOf(request.query),
    onWarning: (text: string) => {
      texts.push(text)
    },
  }
  if (type === 'application/apply-patch+yaml') {
    const manager = request.query.get('fieldManager') ?? ''
    const { object: applied, warnings } = decodeObject(request, served, body.value, body.text, {
      withoutDefaults: true,
    })
    texts.push(...warnings)
    const placed = placeObject(applied, info, target.namespace, name)
    const merged = applyTo(previous, placed, served.struct, {
      manager,
      force: booleanOf(request.query, 'force'),
      // Only kubectl takes over from itself.
      ...(manager === 'kubectl' && previous !== undefined
        ? { takenOver: () => lastAppliedFields(previous, served) }
        : {}),
      time: timestamp(context.clock.now()),
      ...(subresource === undefined ? {} : { subresource }),
    })
    const whole = served.itemsNameKind ? withDefaults(merged, served) : merged
    const object = manager === 'kubectl' ? withLastApplied(whole, placed) : whole
    assertNoEscalation(request, target, object, previous, context)
    if (previous === undefined) {
      if (subresource !== undefined) throw errors.notFound(info, name)
      const created = warned(texts, () => registry.create(kind, served.toStorage(object), write))
      return objectResponse(request, created, served, context, {
        status: 201,
        headers: warningHeaders(texts),
      })
    }
    const stored = warned(texts, () =>
      registry.update(kind, served.toStorage(object), {
        ...write,
        ...(subresource === undefined ? {} : { subresource }),
      }),
    )
    return objectResponse(request, stored, served, context, { headers: warningHeaders(texts) })
  }
  if (previous === undefined) throw errors.notFound(info, name)
  const patched = applyPatchTo(previous, served.struct, type, body.value)
  const isStrategic = type === 'application/strategic-merge-patch+json'
  // What a patch makes of an object is refused as a bad patch, which is shown: pkg/endpoints/handlers/patch.go.
  const shown = isStrategic ? goPrint(body.value) : JSON.stringify(patched)
  const refuse = (why: string) => errors.invalidPatch(shown, why)
  const { value, unknownFields } = served.decode(patched, {
    refuse,
    ...(isStrategic ? { words: 'converter' } : {}),
  })
  texts.push(
    ...checkFields(
      request,
      info.kind,
      info.version,
      unknownFields,
      isPlainObject(body.value) ? body.text : '[]',
      refuse,
    ),
  )
  const metadata = isPlainObject(value.metadata) ? value.metadata : {}
  const object: AnyKubeObject = {
    ...withSpec(served.struct, value),
    apiVersion: apiVersionOf(info),
    kind: info.kind,
    metadata: { ...metadata, name: typeof metadata.name === 'string' ? metadata.name : '' },
  }
  const placed = placeObject(object, info, target.namespace, name)
  assertNoEscalation(request, target, placed, previous, context)
  const stored = warned(texts, () =>
    registry.update(kind, served.toStorage(placed), {
      ...write,
      manager: writerOf(request, context, subresource),
      ...(subresource === undefined ? {} : { subresource }),
    }),
  )
  return objectResponse(request, stored, served, context, { headers: warningHeaders(texts) })
}
