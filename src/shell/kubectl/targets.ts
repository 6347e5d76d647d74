import { KubeStatusError } from '../../kube/client.ts'
import { apiVersionOf, type KindInfo } from '../../kube/kinds.ts'
import type { AnyKubeObject, KubeList, KubeObject } from '../../kube/objects.ts'
import type { KubectlContext } from './context.ts'
import { KubectlError, throwCollected } from './kubectl-error.ts'
import { loadManifests } from './manifests.ts'

/** One thing that a command was told to work on. */
export interface Target {
  readonly kind: KindInfo
  readonly namespace: string | undefined
  readonly name: string
  /** Present where it came from a list or a file. */
  readonly object?: AnyKubeObject
  /** The file it came from. */
  readonly source?: string
  /** `status`, `scale`: what `get --subresource` reads in place of the object. */
  readonly subresource?: string
}

/** All objects of a kind that fit selectors. */
export interface Selection {
  readonly kind: KindInfo
  readonly namespace: string | undefined
  readonly labelSelector: string | undefined
  readonly fieldSelector: string | undefined
}

export interface TargetRequest {
  readonly args: readonly string[]
  readonly filenames?: readonly string[]
  readonly recursive?: boolean
  /** Files must say their `apiVersion` and `kind`, with the words of `--validate`. */
  readonly validate?: boolean
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly all?: boolean
  readonly allNamespaces?: boolean
  /** A kind alone means all its objects (`get`, `describe`). */
  readonly kindAlone?: boolean
  /** The kind of a word that stands alone, for `exec web`. */
  readonly defaultKind?: string
  /** Refuse objects of several kinds. */
  readonly singleKind?: boolean
}

export type Resolved =
  | { readonly by: 'name'; readonly targets: readonly Target[]; readonly single: boolean }
  | { readonly by: 'selection'; readonly selections: readonly Selection[] }

const MISSING_RESOURCE = `You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`

/** What the words, files and selectors of a command name, with the rules and texts of kubectl's `resource.Builder`. */
export async function resolveTargets(
  context: KubectlContext,
  request: TargetRequest,
): Promise<Resolved> {
  const filenames = request.filenames ?? []
  const labelSelector = request.labelSelector?.trim() || undefined
  const fieldSelector = request.fieldSelector?.trim() || undefined
  const words = joinSeveralKinds(request.args)
  if (request.all === true && (labelSelector !== undefined || fieldSelector !== undefined)) {
    throw new KubectlError("setting 'all' parameter but found a non empty selector. ")
  }
  if (filenames.length > 0) return byFiles(context, request, filenames)
  const slashes = words.filter((word) => word.includes('/')).length
  if (slashes > 0 && slashes < words.length && request.defaultKind === undefined) {
    throw new KubectlError(
      "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
    )
  }
  const selecting =
    labelSelector !== undefined ||
    fieldSelector !== undefined ||
    request.all === true ||
    (request.kindAlone === true && words.length === 1 && slashes === 0)
  const [first = ''] = words
  if (selecting && !(request.defaultKind !== undefined && words.length === 0)) {
    if (words.length === 0) {
      throw new KubectlError('at least one resource must be specified to use a selector')
    }
    if (slashes > 0) {
      throw new KubectlError(
        'selectors and the all flag cannot be used when passing resource/name arguments',
      )
    }
    if (words.length > 1) {
      throw new KubectlError('name cannot be provided when a selector is specified')
    }
    const selections: Selection[] = []
    for (const kind of await kindsOf(context, first)) {
      if (selections.some((other) => other.kind === kind)) continue
      selections.push({
        kind,
        namespace: place(context, kind, request),
        labelSelector,
        fieldSelector,
      })
    }
    if (request.singleKind === true && selections.length > 1) throw severalKinds()
    return { by: 'selection', selections }
  }
  if (slashes > 0 || (request.defaultKind !== undefined && words.length > 0)) {
    const targets: Target[] = []
    for (const word of words) targets.push(await byWord(context, word, request))
    if (request.singleKind === true && new Set(targets.map((target) => target.kind)).size > 1) {
      throw severalKinds()
    }
    return { by: 'name', targets, single: targets.length === 1 }
  }
  if (words.length === 0) throw new KubectlError(MISSING_RESOURCE)
  const kinds = await kindsOf(context, first)
  const names = words.slice(1)
  if (names.length === 0) {
    throw new KubectlError('resource(s) were provided, but no name was specified')
  }
  const [kind] = kinds
  if (kind === undefined || kinds.length > 1) {
    throw new KubectlError('you must specify only one resource')
  }
  const targets = names.map((name) => ({
    kind,
    namespace: placeByName(context, kind, request),
    name,
  }))
  return { by: 'name', targets, single: targets.length === 1 }
}

/** `pod,service web` means `pod/web service/web`. */
function joinSeveralKinds(args: readonly string[]): readonly string[] {
  const [first = '', ...names] = args
  const kinds = [...new Set(first.split(','))]
  if (names.length === 0 || kinds.length < 2) return args
  return kinds.flatMap((kind) => names.map((name) => `${kind}/${name}`))
}

async function kindsOf(context: KubectlContext, words: string): Promise<readonly KindInfo[]> {
  const kinds: KindInfo[] = []
  for (const word of new Set(words.split(','))) {
    const members = context.kinds.category(word)
    if (members !== undefined) kinds.push(...members)
    else kinds.push(await context.kinds.typed(word))
  }
  return kinds
}

async function byWord(
  context: KubectlContext,
  word: string,
  request: TargetRequest,
): Promise<Target> {
  const parts = word.split('/')
  if (parts.length > 2) {
    throw new KubectlError('arguments in resource/name form may not have more than one slash')
  }
  const [typed, name] = parts.length === 2 ? parts : [request.defaultKind, word]
  if (!typed || !name || typed.includes(',')) {
    throw new KubectlError('arguments in resource/name form must have a single resource and name')
  }
  const kind = await context.kinds.typed(typed)
  return { kind, namespace: placeByName(context, kind, request), name }
}

async function byFiles(
  context: KubectlContext,
  request: TargetRequest,
  filenames: readonly string[],
): Promise<Resolved> {
  if (request.args.length > 0) {
    throw new KubectlError(
      'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
    )
  }
  const manifests = await loadManifests(context, filenames, {
    recursive: request.recursive ?? false,
    validate: request.validate ?? false,
  })
  const targets: Target[] = []
  for (const { object, source } of manifests) {
    targets.push(await targetOf(context, object, source))
  }
  return { by: 'name', targets, single: targets.length === 1 && filenames.length === 1 }
}

/** The target that an object of a manifest is, in the namespace that it and `-n` say. */
export async function targetOf(
  context: KubectlContext,
  object: AnyKubeObject,
  source: string,
): Promise<Target> {
  const kind = await context.kinds.ofObject(object)
  if (kind === undefined) {
    throw new KubectlError(
      `resource mapping not found for name: ${JSON.stringify(object.metadata.name)} namespace: ${JSON.stringify(object.metadata.namespace ?? '')} from ${JSON.stringify(source)}: no matches for kind ${JSON.stringify(object.kind)} in version ${JSON.stringify(object.apiVersion)}\nensure CRDs are installed first`,
    )
  }
  if (!kind.namespaced)
    return { kind, namespace: undefined, name: object.metadata.name, object, source }
  const own = object.metadata.namespace ?? ''
  if (context.enforceNamespace && own !== '' && own !== context.namespace) {
    throw new KubectlError(
      `the namespace from the provided object ${JSON.stringify(own)} does not match the namespace ${JSON.stringify(context.namespace)}. You must pass '--namespace=${own}' to perform this operation.`,
    )
  }
  const namespace = own === '' ? context.namespace : own
  const placed = { ...object, metadata: { ...object.metadata, namespace } }
  return { kind, namespace, name: object.metadata.name, object: placed, source }
}

function place(
  context: KubectlContext,
  kind: KindInfo,
  request: TargetRequest,
): string | undefined {
  return kind.namespaced && request.allNamespaces !== true ? context.namespace : undefined
}

function placeByName(context: KubectlContext, kind: KindInfo, request: TargetRequest) {
  if (kind.namespaced && request.allNamespaces === true) {
    throw new KubectlError('a resource cannot be retrieved by name across all namespaces')
  }
  return kind.namespaced ? context.namespace : undefined
}

function severalKinds(): KubectlError {
  return new KubectlError('you may only specify a single resource type')
}

export function refOf(target: {
  readonly kind: KindInfo
  readonly namespace: string | undefined
  readonly name?: string
  readonly subresource?: string
}) {
  return {
    apiVersion: apiVersionOf(target.kind),
    plural: target.kind.plural,
    namespace: target.namespace,
    name: target.name,
    subresource: target.subresource,
  }
}

/** Lists one selection; items of a list carry no kind of their own on the wire, so they get it here. */
export async function listSelection(
  context: KubectlContext,
  selection: Selection,
): Promise<KubeList> {
  const { labelSelector, fieldSelector } = selection
  const list = await context.client
    .list(refOf(selection), {
      signal: context.signal,
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    })
    .catch((error: unknown) => {
      throw listError(error, selection)
    })
  const own = { apiVersion: apiVersionOf(selection.kind), kind: selection.kind.kind }
  return { ...list, items: list.items.map((item) => ({ ...item, ...own })) }
}

/** kubectl says what it looked for (`resource.EnhanceListError`). */
export function listError(error: unknown, selection: Selection): unknown {
  if (!(error instanceof KubeStatusError) || (error.code !== 400 && error.code !== 404))
    return error
  const { kind, labelSelector = '', fieldSelector = '' } = selection
  const subject = JSON.stringify(`${kind.group}/${kind.version}, Resource=${kind.plural}`)
  const what =
    labelSelector === '' && fieldSelector === ''
      ? `Unable to list ${subject}`
      : `Unable to find ${subject} that match label selector ${JSON.stringify(labelSelector)}, field selector ${JSON.stringify(fieldSelector)}`
  return new KubeStatusError({
    ...error.status,
    message: `${what}: ${error.status.message ?? ''}`,
  })
}

/** Targets of a selection as objects. */
export async function targetsOf(
  context: KubectlContext,
  resolved: Resolved,
): Promise<readonly Target[]> {
  if (resolved.by === 'name') return resolved.targets
  const targets: Target[] = []
  for (const selection of resolved.selections) {
    const list = await listSelection(context, selection)
    for (const object of list.items) {
      targets.push({
        kind: selection.kind,
        namespace: object.metadata.namespace,
        name: object.metadata.name,
        object,
      })
    }
  }
  return targets
}

/**
 * Does something with each target. A failure of one does not stop the others; all are thrown at the end.
 *
 * @throws what an action threw
 */
export async function visitEach(
  targets: readonly Target[],
  action: (target: Target) => Promise<void>,
): Promise<void> {
  const errors: unknown[] = []
  for (const target of targets) {
    try {
      await action(target)
    } catch (error) {
      if (!(error instanceof KubeStatusError || error instanceof KubectlError)) throw error
      errors.push(error)
    }
  }
  throwCollected(errors)
}

/** Reads an object; where its whole namespace does not exist, that is what is not found (`resource.Info.Get`). */
export async function getTarget<T extends KubeObject = AnyKubeObject>(
  context: KubectlContext,
  target: Target,
): Promise<T> {
  const { namespace = 'default' } = target
  const { signal } = context
  return context.client.get<T>(refOf(target), { signal }).catch(async (error: unknown) => {
    if (!(error instanceof KubeStatusError) || error.code !== 404 || namespace === 'default') {
      throw error
    }
    const place = { apiVersion: 'v1', plural: 'namespaces', name: namespace }
    await context.client.get(place, { signal }).catch((why: unknown) => {
      throw why instanceof KubeStatusError && why.code === 404 ? why : error
    })
    throw error
  })
}

/** The live object of a target: as listed, or read now. A file's object is only its name here. */
export async function readTarget(context: KubectlContext, target: Target): Promise<AnyKubeObject> {
  if (target.object !== undefined && target.source === undefined) return target.object
  const object = await getTarget(context, target)
  if (target.subresource !== undefined) return object
  return { ...object, apiVersion: apiVersionOf(target.kind), kind: target.kind.kind }
}
