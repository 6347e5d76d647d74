import {
  type CallOptions,
  type KubeClient,
  type KubeRequest,
  type KubeResponse,
  KubeStatusError,
  type RemoteExit,
  type RemoteStreams,
  type ResourceRef,
  type WatchEvent,
  type WriteOptions,
} from '../../kube/client.ts'
import { resourcePath } from '../../kube/kinds.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { createConnection } from './connection.ts'
import type { Credentials } from './credentials.ts'
import { queryString } from './query-string.ts'
import { readBody, readText } from './read-body.ts'
import { REMOTE_PROTOCOLS, runRemoteCommand, streamQuery } from './remote-command.ts'
import { findResourceKind } from './resource-kind.ts'
import { statusOf } from './status.ts'
import { parseWarnings } from './warnings.ts'
import { readWatchEvents } from './watch-stream.ts'

const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const

/** The `KubeClient` port over one connection. */
export function createKubeClient(credentials: Credentials, userAgent: string): KubeClient {
  const connection = createConnection(credentials, userAgent)

  const request = async (asked: KubeRequest): Promise<KubeResponse> => {
    const response = await connection.send(asked.path + queryString(asked.query ?? {}), {
      method: asked.method,
      headers: {
        Accept: asked.accept ?? 'application/json',
        ...(asked.body === undefined
          ? {}
          : { 'Content-Type': asked.contentType ?? 'application/json' }),
      },
      body: asked.body === undefined ? undefined : JSON.stringify(asked.body),
      signal: asked.signal,
    })
    const body = await readBody(response, connection.server, asked.signal)
    return { status: response.status, body, warnings: parseWarnings(response.headers.raw()) }
  }

  /** One request whose failure is thrown. The API is trusted to answer with the kind that was asked for. */
  const call = async <T>(asked: KubeRequest, onWarning?: (text: string) => void): Promise<T> => {
    const { status, body, warnings } = await request(asked)
    for (const warning of warnings) onWarning?.(warning)
    if (status >= 400) throw new KubeStatusError(statusOf(status, body))
    return body as T
  }

  const refOf = async (object: KubeObject, signal?: AbortSignal): Promise<ResourceRef> => {
    const kind = await findResourceKind(object, (path) => call({ method: 'GET', path, signal }))
    if (kind === undefined) {
      throw new KubeStatusError({
        ...statusOf(404, undefined),
        message: `no matches for kind "${object.kind}" in version "${object.apiVersion}"`,
      })
    }
    const namespace = object.metadata.namespace ?? connection.namespace
    return {
      apiVersion: object.apiVersion,
      plural: kind.plural,
      ...(kind.namespaced ? { namespace } : {}),
    }
  }

  const remote = async (
    path: string,
    query: Parameters<typeof queryString>[0],
    streams: RemoteStreams,
  ): Promise<RemoteExit> => {
    try {
      const socket = await connection.upgrade(
        path + queryString({ ...query, ...streamQuery(streams) }),
        REMOTE_PROTOCOLS,
        streams.signal,
      )
      return await runRemoteCommand(socket, streams)
    } catch (error) {
      if (streams.signal?.aborted) return { kind: 'disconnected' }
      throw error
    }
  }

  const podPath = (target: { readonly namespace: string; readonly pod: string }, sub: string) =>
    resourcePath({
      apiVersion: 'v1',
      plural: 'pods',
      namespace: target.namespace,
      name: target.pod,
      subresource: sub,
    })

  return {
    server: connection.server,
    namespace: connection.namespace,
    request,
    get: (ref, options) =>
      call({ method: 'GET', path: resourcePath(ref), signal: options?.signal }),
    find: async <T>(ref: ResourceRef, options?: CallOptions) => {
      try {
        return await call<T>({ method: 'GET', path: resourcePath(ref), signal: options?.signal })
      } catch (error) {
        if (error instanceof KubeStatusError && error.code === 404) return undefined
        throw error
      }
    },
    list: (ref, options) =>
      call({
        method: 'GET',
        path: resourcePath(ref),
        query: { labelSelector: options?.labelSelector, fieldSelector: options?.fieldSelector },
        signal: options?.signal,
      }),
    create: async (object, options) =>
      call(
        {
          method: 'POST',
          path: resourcePath(await refOf(object, options?.signal)),
          query: writeQuery(options),
          body: object,
          signal: options?.signal,
        },
        options?.onWarning,
      ),
    replace: async (object, options) =>
      call(
        {
          method: 'PUT',
          path: resourcePath({
            ...(await refOf(object, options?.signal)),
            name: object.metadata.name,
          }),
          query: writeQuery(options),
          body: object,
          signal: options?.signal,
        },
        options?.onWarning,
      ),
    patch: (ref, type, body, options) =>
      call(
        {
          method: 'PATCH',
          path: resourcePath(ref),
          query: {
            ...writeQuery(options),
            // Server-side apply insists on a manager.
            ...(type === 'apply' ? { fieldManager: options?.fieldManager ?? 'netpol-lab' } : {}),
            force: options?.force === undefined ? undefined : String(options.force),
          },
          body,
          contentType: PATCH_TYPES[type],
          signal: options?.signal,
        },
        options?.onWarning,
      ),
    delete: async (ref, options) => {
      const { gracePeriodSeconds, propagationPolicy } = options ?? {}
      await call({
        method: 'DELETE',
        path: resourcePath(ref),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
          ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
        },
        signal: options?.signal,
      })
    },
    watch: async <T>(
      ref: ResourceRef,
      options: Parameters<KubeClient['watch']>[1],
      onEvent: (event: WatchEvent<T>) => void,
    ) => {
      const { resourceVersion, labelSelector, fieldSelector, signal } = options
      const query = { resourceVersion, labelSelector, fieldSelector }
      try {
        const response = await connection.send(
          resourcePath(ref) + queryString({ watch: true, allowWatchBookmarks: true, ...query }),
          { method: 'GET', headers: { Accept: options.accept ?? 'application/json' }, signal },
        )
        if (response.status !== 200) {
          throw new KubeStatusError(
            statusOf(response.status, await readBody(response, connection.server, signal)),
          )
        }
        await readWatchEvents(response.body, (event) => {
          if (!signal.aborted) onEvent(event as WatchEvent<T>)
        })
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
    exec: (target, command, streams) =>
      remote(podPath(target, 'exec'), { command, container: target.container }, streams),
    attach: (target, streams) =>
      remote(podPath(target, 'attach'), { container: target.container }, streams),
    logs: async (target, options, onText) => {
      const { signal, ...query } = options
      try {
        const response = await connection.send(
          podPath(target, 'log') + queryString({ container: target.container, ...query }),
          // kubectl asks with the same; the answer is text, a refusal is a Status.
          { method: 'GET', headers: { Accept: 'application/json, */*' }, signal },
        )
        if (response.status !== 200) {
          throw new KubeStatusError(
            statusOf(response.status, await readBody(response, connection.server, signal)),
          )
        }
        await readText(response, connection.server, onText)
      } catch (error) {
        if (!signal?.aborted) throw error
      }
    },
    close: () => connection.close(),
  }
}

function writeQuery(options: WriteOptions | undefined): Record<string, string | undefined> {
  return {
    fieldManager: options?.fieldManager,
    fieldValidation: options?.fieldValidation,
    dryRun: options?.dryRun === true ? 'All' : undefined,
  }
}
