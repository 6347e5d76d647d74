import { randomBytes as cryptoBytes } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { createAccountTokens } from './api/access/account-tokens.ts'
import { type Certificate, createCertificate } from './api/certificate.ts'
import { createClusterObjects, createClusterView } from './api/cluster-objects.ts'
import { type ApiContext, randomUid, timestamp } from './api/context.ts'
import { type Api, createApi } from './api/http/api.ts'
import type { Listener, ListenOptions } from './api/listen.ts'
import { createRegistry } from './api/registry.ts'
import { restoreObjects } from './api/restore-objects.ts'
import { createStore } from './api/store.ts'
import { LEASE_NAMESPACE } from './controllers/kubelet/node-heartbeat.ts'
import { startControllers } from './controllers/start-controllers.ts'
import type {
  ClusterView,
  ConnectionHandler,
  ContainerRuntime,
  NodeDialer,
  NodeProbe,
} from './ports.ts'
import type { SavedCluster } from './saved-cluster.ts'
import { seedCluster } from './seed/seed-cluster.ts'
import { COREDNS_IMAGE, NODE_IP, NODE_NAME } from './seed/seed-objects.ts'
import { seedServerObjects } from './seed/seed-server-objects.ts'
import { API_PORT, serveFromInside, type TokenCheck } from './serve-from-inside.ts'

export interface SimulatedClusterOptions {
  readonly clock: Clock
  /** Opens that cluster again: addresses, uids and resourceVersions stay, containers start again with their files. */
  readonly saved?: SavedCluster
  /** A kept certificate. @default a new one when the cluster listens */
  readonly certificate?: Certificate
  /** Bearer token of the API. @default a random one */
  readonly token?: string
  /** @default node:crypto's */
  readonly randomBytes?: (length: number) => Uint8Array
  /** Hears of defects in the simulator; the cluster goes on. @default they are dropped */
  readonly onDefect?: (error: unknown) => void
}

/** Where a cluster listens, and what a kubeconfig needs. */
export interface ClusterAddress {
  /** `https://127.0.0.1:port`. */
  readonly server: string
  readonly token: string
  /** PEM. */
  readonly certificateAuthority: string
  /** To be kept, so that the next start needs no new one. */
  readonly certificate: Certificate
  /** Stops listening; the cluster goes on. Can run twice. */
  close(): Promise<void>
}

export interface SimulatedCluster {
  /** The API without a socket. */
  readonly api: Api
  /** Opens the API on 127.0.0.1. Rejects with the system's error where the port is taken. */
  listen(options?: Pick<ListenOptions, 'port' | 'aside' | 'limits'>): Promise<ClusterAddress>
  save(): SavedCluster
  /**
   * Calls back after each change of an object, before the change is answered; not for the leases of nodes, which only say that time
   * passes. Returns the function that ends it.
   */
  onChange(listener: () => void): () => void
  /** Ends every container, loop and connection. Can run twice. */
  close(): Promise<void>
}

/** What stands behind the pods; given in, so that the API and the controllers can be tested without the simulated programs. */
export interface ClusterBackend {
  readonly runtime: ContainerRuntime
  readonly probe?: NodeProbe
  /** For what the API server hands on to pods and services. @default the API says that it cannot */
  readonly dialer?: NodeDialer
  /** Listens on the node, inside the simulated network. @default nobody inside reaches the API server */
  readonly listenOnNode?: (port: number, accept: ConnectionHandler) => void
}

/** Joins store, API, controllers and a backend to a cluster. Importing or calling this opens no socket. */
export function assembleCluster(
  options: SimulatedClusterOptions,
  createBackend: (view: ClusterView, clock: Clock) => ClusterBackend,
): SimulatedCluster {
  const { clock, saved, onDefect = () => {} } = options
  const randomBytes = options.randomBytes ?? ((length: number) => cryptoBytes(length))
  const token = options.token ?? Buffer.from(randomBytes(24)).toString('hex')
  let known = options.certificate
  let making: Promise<Certificate> | undefined
  const store = createStore(saved === undefined ? {} : { revision: saved.revision })
  const kinds = restoreObjects(store, saved?.objects ?? [])
  const tokens = createAccountTokens({
    store,
    clock,
    randomBytes,
    ...(saved?.accountKey === undefined ? {} : { key: saved.accountKey }),
  })
  const context: ApiContext = { clock, randomBytes, store, kinds, tokens }
  const registry = createRegistry(context)
  const objects = createClusterObjects(context, registry)
  const backend = createBackend(createClusterView(store), clock)
  if (saved === undefined) {
    seedCluster(objects, timestamp(clock.now()), () => randomUid(randomBytes))
  }
  const unsaved = seedServerObjects(store)
  const controllers = startControllers({
    ...backend,
    objects,
    clock,
    randomBytes,
    onDefect,
    nodeName: NODE_NAME,
    nodeIP: NODE_IP,
    certificateAuthority: () => known?.cert,
    accountToken: (request) => tokens.issue(request).token,
    images: [COREDNS_IMAGE],
    ...(saved === undefined ? {} : { files: saved.files }),
  })
  const api = createApi({
    context,
    registry,
    node: controllers.kubelet,
    onDefect,
    ...(backend.dialer === undefined ? {} : { dialer: backend.dialer }),
  })
  const ownCertificate = async (): Promise<Certificate> => {
    if (known !== undefined) return known
    making ??= createCertificate()
    known = await making
    controllers.publishCertificateAuthority()
    return known
  }
  const accountOf = (given: string) => {
    const checked = tokens.check(given)
    return checked.kind === 'user' ? checked.user : undefined
  }
  const check: TokenCheck = (given) => (given === token ? 'administrator' : accountOf(given))
  backend.listenOnNode?.(API_PORT, (connection) => {
    // What goes wrong takes the connection along, and nothing else.
    serveFromInside(connection, { api, check }).catch(() => connection.close())
  })
  const listeners = new Set<Listener>()
  let closed = false

  return {
    api,
    async listen(listenOptions = {}) {
      const { listen } = await import('./api/listen.ts')
      const certificate = await ownCertificate()
      const listener = await listen({
        api,
        certificate,
        token,
        accountOf,
        ...listenOptions,
      })
      listeners.add(listener)
      return {
        server: listener.server,
        token,
        certificateAuthority: certificate.cert,
        certificate,
        close: () => listener.close(),
      }
    },
    save() {
      const accountKey = tokens.key()
      return {
        version: 1,
        revision: store.revision(),
        objects: store
          .kinds()
          .flatMap((kind) => store.list(kind))
          .filter((object) => !unsaved.has(object)),
        files: controllers.kubelet.files(),
        ...(accountKey === undefined ? {} : { accountKey }),
      }
    },
    onChange: (listener) =>
      store.onChange(({ kind, object }) => {
        if (kind !== 'Lease' || object.metadata.namespace !== LEASE_NAMESPACE) listener()
      }),
    async close() {
      if (closed) return
      closed = true
      await Promise.all([
        controllers.close(),
        ...[...listeners].map((listener) => listener.close()),
      ])
    },
  }
}
