import {
  type KubeClient,
  type KubeRequest,
  KubeStatusError,
  type RemoteExit,
} from '../../kube/client.ts'
import { kindOf, resourcePath } from '../../kube/kinds.ts'
import type { KubeObject, Status } from '../../kube/objects.ts'
import { LAB_LABELS } from '../ownership.ts'
import { type ApiTarget, parseApiPath } from './api-target.ts'
import {
  foreignPods,
  isKnownKind,
  isOurs,
  MARK,
  namespaceOwner,
  SHARED_NAMESPACE,
} from './ownership-rules.ts'

type Method = KubeRequest['method']

/** Groups whose objects are questions, not state: `kubectl auth can-i`. */
const QUESTIONS: readonly string[] = ['authorization.k8s.io', 'authentication.k8s.io']

/**
 * A client for a cluster that belongs to somebody else: everything may be read, and only what the lab made may be changed or entered.
 * What it makes is labelled (namespaces) or marked (objects in `default`). A write that would touch anything else is answered
 * like any forbidden one: 403 with the reason. The rules stand in `README.md` of the cluster folder.
 */
export function createGuardedClient(inner: KubeClient): KubeClient {
  /** Throws where the write is not the lab's business; returns the body to send. */
  const check = async (
    method: Method,
    target: ApiTarget,
    body: unknown,
    signal: AbortSignal | undefined,
  ): Promise<unknown> => {
    if (QUESTIONS.includes(target.group) && method === 'POST') return body
    if (target.namespace === undefined) return checkCluster(method, target, body, signal)
    const { namespace } = target
    const owner = await namespaceOwner(inner, namespace, signal)
    // The server's own NotFound says it best.
    if (owner === 'lab' || owner === 'absent') return body
    if (namespace !== SHARED_NAMESPACE) {
      throw forbidden(target, `namespace "${namespace}" was not made by netpol-lab`)
    }
    return checkShared(method, target, body, signal)
  }

  const checkCluster = async (
    method: Method,
    target: ApiTarget,
    body: unknown,
    signal: AbortSignal | undefined,
  ): Promise<unknown> => {
    const { name, plural } = target
    if (plural !== 'namespaces' || target.group !== '') {
      throw forbidden(target, 'netpol-lab changes nothing that belongs to the whole cluster')
    }
    if (method === 'POST' && name === undefined) return withMeta(body, 'labels', LAB_LABELS)
    if (name === undefined) throw forbidden(target, 'netpol-lab removes namespaces one by one')
    const owner = await namespaceOwner(inner, name, signal)
    if (owner === 'other') throw forbidden(target, 'netpol-lab did not make it')
    // Replacing must not take the label away, and server-side apply may create.
    if (method === 'PUT' || (method === 'PATCH' && owner === 'absent')) {
      return withMeta(body, 'labels', LAB_LABELS)
    }
    return body
  }

  const checkShared = async (
    method: Method,
    target: ApiTarget,
    body: unknown,
    signal: AbortSignal | undefined,
  ): Promise<unknown> => {
    const { namespace = SHARED_NAMESPACE, name, plural, apiVersion, subresource } = target
    if (!isKnownKind(apiVersion, plural)) {
      throw forbidden(target, 'netpol-lab does not know this kind and could not clean it up again')
    }
    if (plural === 'networkpolicies' && method !== 'DELETE') {
      const others = await foreignPods(inner, namespace, signal)
      if (others.length > 0) {
        throw forbidden(
          target,
          `a policy in "${namespace}" would govern pods that netpol-lab did not make: ${others.join(', ')}`,
        )
      }
    }
    if (method === 'POST' && name === undefined) return withMeta(body, 'annotations', MARK)
    if (name === undefined) throw forbidden(target, 'netpol-lab removes objects one by one')
    const object = await inner.find({ apiVersion, plural, namespace, name }, { signal })
    if (object !== undefined && !(await isOurs(inner, object, signal))) {
      throw forbidden(target, 'netpol-lab did not make it')
    }
    const writesWhole = method === 'PUT' || (method === 'PATCH' && object === undefined)
    return writesWhole && subresource === undefined ? withMeta(body, 'annotations', MARK) : body
  }

  const checkObject = async <T extends KubeObject>(
    method: 'POST' | 'PUT',
    object: T,
    signal: AbortSignal | undefined,
  ): Promise<T> => {
    const kind = kindOf(object)
    if (kind === undefined) {
      throw forbidden(
        { plural: object.kind, group: '', name: object.metadata.name },
        'netpol-lab does not know this kind and could not clean it up again',
      )
    }
    const namespace = object.metadata.namespace ?? inner.namespace
    const name = method === 'PUT' ? object.metadata.name : undefined
    const path = resourcePath({
      apiVersion: object.apiVersion,
      plural: kind.plural,
      ...(kind.namespaced ? { namespace } : {}),
      ...(name === undefined ? {} : { name }),
    })
    // `check` only adds to labels or annotations, so the type stays.
    return (await check(method, targetOf(path), object, signal)) as T
  }

  const checkPod = async (
    { namespace, pod }: { readonly namespace: string; readonly pod: string },
    subresource: string,
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const path = resourcePath({
      apiVersion: 'v1',
      plural: 'pods',
      namespace,
      name: pod,
      subresource,
    })
    await check('POST', targetOf(path), undefined, signal)
  }

  return {
    ...inner,
    request: async (request) => {
      if (request.method === 'GET') return inner.request(request)
      try {
        const body = await check(
          request.method,
          targetOf(request.path),
          request.body,
          request.signal,
        )
        return await inner.request(body === undefined ? request : { ...request, body })
      } catch (error) {
        // A failure is an answer here.
        if (!(error instanceof KubeStatusError)) throw error
        return { status: error.code, body: error.status, warnings: [] }
      }
    },
    create: async (object, options) =>
      inner.create(await checkObject('POST', object, options?.signal), options),
    replace: async (object, options) =>
      inner.replace(await checkObject('PUT', object, options?.signal), options),
    patch: async (ref, type, body, options) => {
      const checked = await check('PATCH', targetOf(resourcePath(ref)), body, options?.signal)
      return inner.patch(ref, type, checked, options)
    },
    delete: async (ref, options) => {
      await check('DELETE', targetOf(resourcePath(ref)), undefined, options?.signal)
      return inner.delete(ref, options)
    },
    exec: async (target, command, streams): Promise<RemoteExit> => {
      await checkPod(target, 'exec', streams.signal)
      return inner.exec(target, command, streams)
    },
    attach: async (target, streams): Promise<RemoteExit> => {
      await checkPod(target, 'attach', streams.signal)
      return inner.attach(target, streams)
    },
  }
}

function targetOf(path: string): ApiTarget {
  const target = parseApiPath(path)
  if (target === undefined) {
    throw forbidden(
      { plural: path, group: '', name: undefined },
      'netpol-lab only writes resources',
    )
  }
  return target
}

/** Adds labels or annotations to what is sent. A patch that is a list of operations is left as it is: it changes what exists. */
function withMeta(
  body: unknown,
  field: 'labels' | 'annotations',
  added: Readonly<Record<string, string>>,
): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const metadata = plainObject('metadata' in body ? body.metadata : undefined)
  const before = plainObject(metadata[field])
  return { ...body, metadata: { ...metadata, [field]: { ...before, ...added } } }
}

function plainObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {}
}

/** Worded like the API server's own (k8s.io/apimachinery/pkg/api/errors, NewForbidden). */
function forbidden(
  { plural, group, name }: Pick<ApiTarget, 'plural' | 'group' | 'name'>,
  why: string,
): KubeStatusError {
  const resource = group === '' ? plural : `${plural}.${group}`
  const status: Status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `${resource} ${name === undefined ? '' : `"${name}" `}is forbidden: ${why}`,
    reason: 'Forbidden',
    code: 403,
    details: { kind: plural, ...(name === undefined ? {} : { name }) },
  }
  return new KubeStatusError(status)
}
