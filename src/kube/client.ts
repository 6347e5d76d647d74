import type { AnyKubeObject, KubeList, KubeObject, Status } from './objects.ts'

/** Which resource an object belongs to, as it stands in a URL. */
export interface ResourceRef {
  /** `v1`, `networking.k8s.io/v1`, … */
  readonly apiVersion: string
  readonly plural: string
  /** Absent for cluster-scoped resources, or to list over all namespaces. */
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly subresource?: string | undefined
}

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Absolute path, with no query. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** @default application/json */
  readonly contentType?: string
  readonly accept?: string
  readonly signal?: AbortSignal | undefined
}

export interface KubeResponse {
  readonly status: number
  /** Decoded when the server answered JSON, else the text. */
  readonly body: unknown
  /** Texts of `Warning: 299 - "…"` headers. */
  readonly warnings: readonly string[]
}

export interface WatchEvent<T = AnyKubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: T
}

/** The streams of a remote process. `stdin` and the outputs are bytes; with `tty` all output comes on `stdout`. */
export interface RemoteStreams {
  readonly stdin?: AsyncIterable<Uint8Array> | undefined
  readonly stdout: (chunk: Uint8Array) => void
  readonly stderr: (chunk: Uint8Array) => void
  readonly tty?: TerminalSize | undefined
  /** Registers the receiver of later window sizes. */
  readonly onResize?: ((listener: (size: TerminalSize) => void) => void) | undefined
  /** Aborting closes the connection; the remote process may live on. */
  readonly signal?: AbortSignal | undefined
}

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** How a remote process ended, read from the Status at the end of the stream, never from its text. */
export type RemoteExit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'failed'; readonly status: Status }
  | { readonly kind: 'disconnected' }

/** Thrown when an API server answers with a failure `Status`. */
export class KubeStatusError extends Error {
  override readonly name = 'KubeStatusError'
  readonly status: Status
  constructor(status: Status) {
    super(status.message ?? status.reason ?? 'the server refused')
    this.status = status
  }
  get code(): number {
    return this.status.code ?? 0
  }
  get reason(): string {
    return this.status.reason ?? 'Unknown'
  }
}

/**
 * What the lab asks of a cluster: the Kubernetes API and nothing beside it. Methods reject with
 * `KubeStatusError` where the server refuses and with `LabError` `ERR_CLUSTER_UNREACHABLE` where nobody answers.
 */
export interface KubeClient {
  /** `https://host:port` of the API server, for messages. */
  readonly server: string
  /** Namespace of the kubeconfig's context, else `default`. */
  readonly namespace: string
  /** One request as it is; a failure `Status` is returned, not thrown. */
  request(request: KubeRequest): Promise<KubeResponse>
  get<T extends KubeObject = AnyKubeObject>(ref: ResourceRef, options?: CallOptions): Promise<T>
  /** The object, or `undefined` where the server answers NotFound. */
  find<T extends KubeObject = AnyKubeObject>(
    ref: ResourceRef,
    options?: CallOptions,
  ): Promise<T | undefined>
  list<T extends KubeObject = AnyKubeObject>(
    ref: ResourceRef,
    options?: CallOptions & { readonly labelSelector?: string; readonly fieldSelector?: string },
  ): Promise<KubeList<T>>
  create<T extends KubeObject>(object: T, options?: CallOptions & WriteOptions): Promise<T>
  replace<T extends KubeObject>(object: T, options?: CallOptions & WriteOptions): Promise<T>
  patch<T extends KubeObject = AnyKubeObject>(
    ref: ResourceRef,
    type: 'json' | 'merge' | 'strategic' | 'apply',
    body: unknown,
    options?: CallOptions & WriteOptions & { readonly force?: boolean },
  ): Promise<T>
  delete(
    ref: ResourceRef,
    options?: CallOptions & {
      readonly gracePeriodSeconds?: number
      readonly propagationPolicy?: string
    },
  ): Promise<void>
  /**
   * Watches from `resourceVersion` on until the signal aborts or the server ends it; resolves then.
   * Rejects with the Status of an ERROR event (410 Gone included).
   */
  watch<T extends KubeObject = AnyKubeObject>(
    ref: ResourceRef,
    options: {
      readonly resourceVersion?: string
      readonly labelSelector?: string
      readonly fieldSelector?: string
      /** @default application/json; with the Table form each event's object is a Table. */
      readonly accept?: string
      readonly signal: AbortSignal
    },
    onEvent: (event: WatchEvent<T>) => void,
  ): Promise<void>
  exec(
    target: {
      readonly namespace: string
      readonly pod: string
      readonly container?: string | undefined
    },
    command: readonly string[],
    streams: RemoteStreams,
  ): Promise<RemoteExit>
  attach(
    target: {
      readonly namespace: string
      readonly pod: string
      readonly container?: string | undefined
    },
    streams: RemoteStreams,
  ): Promise<RemoteExit>
  /** Calls `onText` as text comes; resolves at the end of the log, or when the signal aborts. */
  logs(
    target: {
      readonly namespace: string
      readonly pod: string
      readonly container?: string | undefined
    },
    options: {
      readonly follow?: boolean
      readonly tailLines?: number
      readonly previous?: boolean
      readonly timestamps?: boolean
      readonly sinceSeconds?: number
      readonly signal?: AbortSignal
    },
    onText: (text: string) => void,
  ): Promise<void>
  /** Closes idle connections. Can run twice. */
  close(): void
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

export interface WriteOptions {
  readonly fieldManager?: string
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
  readonly dryRun?: boolean
  /** Receives the server's warnings. */
  readonly onWarning?: (text: string) => void
}
