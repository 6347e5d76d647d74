import type { CustomResourceDefinition } from '../kube/custom-resource-definition.ts'
import type { KindInfo } from '../kube/kinds.ts'
import type {
  AnyKubeObject,
  Container,
  Deployment,
  EndpointSlice,
  Endpoints,
  KubeEvent,
  KubeNode,
  KubeObject,
  Namespace,
  NetworkPolicy,
  Pod,
  Protocol,
  ReplicaSet,
  Service,
} from '../kube/objects.ts'
import type {
  ClusterRole,
  ClusterRoleBinding,
  HorizontalPodAutoscaler,
  Ingress,
  IngressClass,
  Lease,
  LimitRange,
  PersistentVolume,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  PriorityClass,
  ResourceQuota,
  Role,
  RoleBinding,
  StorageClass,
} from '../kube/stored-objects.ts'
import type {
  ControllerRevision,
  CronJob,
  DaemonSet,
  Job,
  ReplicationController,
  StatefulSet,
  StoredPodTemplate,
} from '../kube/workload-objects.ts'

/** The live objects that the network judges connections by; owned by the API server's store. */
export interface ClusterView {
  pods(): readonly Pod[]
  services(): readonly Service[]
  endpointSlices(): readonly EndpointSlice[]
  namespaces(): readonly Namespace[]
  networkPolicies(): readonly NetworkPolicy[]
}

/** How one attempt to open a connection ended. A timeout is decided by the caller's patience, never by the network. */
export type ConnectOutcome =
  | { readonly kind: 'connected'; readonly connection: Connection }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unreachable' }

/** A stream (TCP, SCTP) or a pair of datagram ends (UDP) inside the simulated network. */
export interface Connection {
  readonly localAddress: string
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  send(data: Uint8Array): void
  /** Half-close: the peer reads the end. */
  end(): void
  /** Ends both directions; the peer reads the end. Can run twice. */
  close(): void
  /** Data from the peer, in order; ends when the peer ends. */
  readonly incoming: AsyncIterable<Uint8Array>
  /**
   * For who sends much: nothing where the peer has at most `bytes` left to read, else a promise that is settled when that holds, or when
   * the peer reads no more.
   */
  drained(bytes: number): Promise<void> | undefined
}

export type ConnectionHandler = (connection: Connection) => void

/** What a process in a pod can do on the network. Every wait is on the injected clock and ends when the signal aborts. */
export interface PodNetwork {
  /** The pod's own address, `10.244.0.7`. */
  readonly address: string
  readonly hostname: string
  /** `/etc/resolv.conf` of the pod. */
  readonly resolver: {
    readonly nameserver: string
    /** All of them, the first among them. @default that one */
    readonly nameservers?: readonly string[]
    /** Options but `ndots`, as `timeout:1`. */
    readonly options?: readonly string[]
    readonly search: readonly string[]
    readonly ndots: number
  }
  /**
   * Opens a connection to an address. Never resolves while the packet is dropped (denied, or an address nobody
   * owns): the caller gives up by the signal, as a program does by its own time limit.
   */
  connect(
    to: { readonly address: string; readonly port: number; readonly protocol: Protocol },
    options: { readonly signal: AbortSignal },
  ): Promise<ConnectOutcome>
  /** One ICMP echo. Resolves with the round trip in milliseconds; never resolves while dropped. */
  ping(address: string, options: { readonly signal: AbortSignal }): Promise<number>
  /** Listens in this pod. Throws `EADDRINUSE` where taken. Returns the function that stops it. */
  listen(
    port: number,
    protocol: Protocol,
    handler: ConnectionHandler,
    /** `7/nginx`, for who lists sockets. */
    owner?: string,
  ): () => void
  /** What listens in this pod now. */
  listening(): readonly {
    readonly port: number
    readonly protocol: Protocol
    readonly owner?: string
  }[]
  /** The sockets of this pod that have a peer, or wait for one. */
  sockets(): readonly PodSocket[]
  /** The node that the pod runs on: its address, and the gateway of the pods. */
  readonly node: { readonly address: string; readonly gateway: string }
  /** Whether the pod has sent a packet over its link: from then on it knows the hardware address of its gateway. */
  hasSent(): boolean
  /** The machines on the way to an address that answer for it now, nearest first, the address itself left out. */
  hops(address: string): readonly string[]
}

/** One socket as `netstat` and `ss` show it. */
export interface PodSocket {
  readonly protocol: Protocol
  readonly localAddress: string
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly state: 'SYN_SENT' | 'ESTABLISHED'
}

/** Thrown by `listen` where another process of the pod has the port. */
export class AddressInUseError extends Error {
  override readonly name = 'AddressInUseError'
  readonly code = 'EADDRINUSE'
  constructor(port: number, protocol: Protocol) {
    super(`EADDRINUSE: ${protocol} port ${port} is taken`)
  }
}

/** A pod's network while the pod has its sandbox. */
export interface AttachedPodNetwork extends PodNetwork {
  /** Stops listening and ends every connection. Can run twice. */
  detach(): void
}

/** The network of a cluster, to the container runtime. */
export interface PodNetworks {
  /** Puts a pod on the network. It must have its address already. */
  attach(pod: Pod): AttachedPodNetwork
}

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** The streams that a caller gives to a process. With `terminal`, output comes on `stdout` only and input is cooked by a line discipline. */
export interface ProcessStreams {
  readonly stdin?: AsyncIterable<Uint8Array> | undefined
  /** A process without a terminal waits for a promise that it returns, before it writes more. */
  readonly stdout: (chunk: Uint8Array) => unknown
  readonly stderr: (chunk: Uint8Array) => unknown
  readonly terminal?: TerminalSize | undefined
}

export interface RunningProcess {
  /** Exit code; 128 + n after signal n. Never rejects. */
  readonly exited: Promise<number>
  resize(size: TerminalSize): void
  signal(name: 'SIGINT' | 'SIGTERM' | 'SIGKILL' | 'SIGHUP'): void
}

export interface RunningContainer {
  readonly containerID: string
  readonly exited: Promise<number>
  /** Starts another process in the container, as `exec` does. A missing program gives `ExecError`. */
  exec(command: readonly string[], streams: ProcessStreams): RunningProcess
  /** Joins the streams of the first process. Resolves when it ends or when `detach` is called. */
  attach(streams: ProcessStreams): {
    readonly ended: Promise<void>
    detach(): void
    resize(size: TerminalSize): void
  }
  /** What the first process printed. With `follow` the iteration goes on until the container ends or `signal` aborts. */
  logs(options: {
    readonly follow: boolean
    readonly tailLines?: number
    readonly timestamps?: boolean
    readonly sinceSeconds?: number
    readonly signal?: AbortSignal
  }): AsyncIterable<string>
  /**
   * What it wrote into its message file, at most the last 4,096 bytes; with `orLog` the end of its log where that is nothing.
   */
  lastWords(options: { readonly orLog: boolean }): string
  /** SIGTERM, then SIGKILL after the grace period. Resolves when it is gone. */
  stop(graceSeconds: number): Promise<void>
  /** Files that were changed since the start, for saving a cluster; path to base64 content, `null` for a deleted file. */
  changedFiles(): Readonly<Record<string, string | null>>
}

/** Thrown by `exec` and `startContainer` for a program that does not exist; message as containerd words it. */
export class ExecError extends Error {
  override readonly name = 'ExecError'
}

export type ImagePull =
  | { readonly ok: true; readonly imageID: string; readonly sizeBytes?: number }
  /** `ErrImagePull` or `InvalidImageName`, and the kubelet's message. */
  | {
      readonly ok: false
      readonly reason: 'ErrImagePull' | 'InvalidImageName'
      readonly message: string
    }

/** Opens connections from the node itself, as the API server does that runs there. Policies never forbid that for the node's own pods. */
export type NodeDialer = Pick<PodNetwork, 'connect'>

/** Asks an address something from the node, as the kubelet's probes do. Policies never forbid that for the node's own pods. */
export interface NodeProbe {
  /** Resolves with nothing where the port opened, else with the kubelet's message. Ends when the signal aborts. */
  tcp(
    target: { readonly address: string; readonly port: number },
    signal: AbortSignal,
  ): Promise<string | undefined>
  /** Resolves with nothing where the status was 200 to 399, else with the kubelet's message. */
  http(
    target: {
      readonly address: string
      readonly port: number
      readonly path: string
      readonly headers: readonly (readonly [string, string])[]
      /** Whether it is asked by TLS; nobody looks at the certificate. @default false */
      readonly secure?: boolean
    },
    signal: AbortSignal,
  ): Promise<string | undefined>
  /** Resolves with nothing where the service is SERVING (grpc.health.v1), else with the kubelet's message. */
  grpc(
    target: {
      readonly address: string
      readonly port: number
      readonly service: string
      readonly timeoutSeconds: number
    },
    signal: AbortSignal,
  ): Promise<string | undefined>
}

/** One file that the kubelet writes into a volume. */
export interface VolumeFile {
  readonly data: Uint8Array
  /** Permission bits. */
  readonly mode: number
}

/** Where the files of a volume come from that the kubelet fills. */
export interface VolumeContent {
  /** The files as they are to be now, by path in the volume; `undefined` where nothing has changed since the last call. */
  next(): ReadonlyMap<string, VolumeFile> | undefined
}

/** A volume of a pod on its node. What it holds is the same for all containers that mount it, and outlives them. */
export interface PodVolume {
  /** Files in it, for saving a cluster; as of a container. Nothing where the kubelet fills it. */
  changedFiles(): Readonly<Record<string, string | null>>
}

/** A volume in a container, at its path. */
export interface VolumeMountPoint {
  readonly path: string
  readonly volume: PodVolume
  /** A folder or a file of the volume instead of all of it; a folder is made where there is nothing. */
  readonly subPath?: string
  readonly readOnly: boolean
}

/** Runs containers: to the kubelet what containerd is on a node. */
export interface ContainerRuntime {
  pullImage(image: string): Promise<ImagePull>
  /** Who runs the processes of an image: a number, a name, or nothing, which is root. */
  imageUser(image: string): string | undefined
  /** Starts the first process of a container of a pod that has its address already. */
  startContainer(
    pod: Pod,
    /** Its variables carry values: what they refer to has been read. */
    container: Container,
    options?: {
      readonly files?: Readonly<Record<string, string | null>>
      readonly mounts?: readonly VolumeMountPoint[]
      /** A container of the pod whose processes it sees, and whose end is its end. */
      readonly target?: RunningContainer
    },
  ): RunningContainer
  /** Makes a volume that containers can mount. */
  createVolume(options: {
    /** Where its files come from; they are looked at again whenever they are read. @default it is empty at first */
    readonly content?: VolumeContent
    /** Kept in memory (`tmpfs`). */
    readonly inMemory?: boolean
    /** The most that it holds, in bytes. @default what a disk of the node holds */
    readonly limit?: number
    /** Files of a saved cluster. */
    readonly files?: Readonly<Record<string, string | null>>
  }): PodVolume
  /**
   * Opens a connection to a port of a pod inside its own network, at 127.0.0.1, as forwarding a port does: no policy is asked. Nothing
   * where none of the pod's containers runs.
   */
  connectInPod(
    pod: Pod,
    port: number,
    options: { readonly signal: AbortSignal },
  ): Promise<ConnectOutcome> | undefined
}

/** The kinds of the simulated cluster, by name; each name is unique among them. */
export interface ObjectsByKind {
  ClusterRole: ClusterRole
  ClusterRoleBinding: ClusterRoleBinding
  ConfigMap: KubeObject & { data?: Record<string, string>; binaryData?: Record<string, string> }
  ControllerRevision: ControllerRevision
  CronJob: CronJob
  CustomResourceDefinition: CustomResourceDefinition
  DaemonSet: DaemonSet
  Deployment: Deployment
  EndpointSlice: EndpointSlice
  Endpoints: Endpoints
  Event: KubeEvent
  HorizontalPodAutoscaler: HorizontalPodAutoscaler
  Ingress: Ingress
  IngressClass: IngressClass
  Job: Job
  Lease: Lease
  LimitRange: LimitRange
  Namespace: Namespace
  NetworkPolicy: NetworkPolicy
  Node: KubeNode
  PersistentVolume: PersistentVolume
  PersistentVolumeClaim: PersistentVolumeClaim
  Pod: Pod
  PodDisruptionBudget: PodDisruptionBudget
  PodTemplate: StoredPodTemplate
  PriorityClass: PriorityClass
  ReplicaSet: ReplicaSet
  ReplicationController: ReplicationController
  ResourceQuota: ResourceQuota
  Role: Role
  RoleBinding: RoleBinding
  Secret: KubeObject & { type?: string; data?: Record<string, string> }
  Service: Service
  ServiceAccount: KubeObject
  StatefulSet: StatefulSet
  StorageClass: StorageClass
}
export type KindName = keyof ObjectsByKind
/** A kind that a CustomResourceDefinition adds, by the name of the definition: `plural.group`. */
export type CustomKind = `${string}.${string}`
/** Whatever is stored. No built-in kind has a dot in its name. */
export type StoredKind = KindName | CustomKind
/** The type of a stored kind's objects. */
export type ObjectOf<K extends StoredKind> = K extends KindName ? ObjectsByKind[K] : KubeObject

/** One change of the store. For `DELETED`, `object` is the last state. */
export interface ObjectChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly kind: StoredKind
  readonly object: AnyKubeObject
  readonly previous?: AnyKubeObject
}

/**
 * The API as controllers see it: the rules of any client (defaults, validation, resourceVersion), without HTTP. Calls take effect
 * at once and return what is stored; what they return is frozen. They throw the API's error, which carries a `Status`.
 */
export interface ClusterObjects {
  /** The same, written in the name of that component: `metadata.managedFields` says what it owns. */
  as(manager: string): ClusterObjects
  /** Every kind that can be stored now, custom ones too. */
  kinds(): readonly { readonly kind: StoredKind; readonly info: KindInfo }[]
  get<K extends StoredKind>(
    kind: K,
    namespace: string | undefined,
    name: string,
  ): ObjectOf<K> | undefined
  list<K extends StoredKind>(kind: K, namespace?: string): readonly ObjectOf<K>[]
  create<K extends StoredKind>(kind: K, object: ObjectOf<K>): ObjectOf<K>
  /** Replaces everything but the status. */
  update<K extends StoredKind>(kind: K, object: ObjectOf<K>): ObjectOf<K>
  /** Replaces the status alone. */
  updateStatus<K extends StoredKind>(kind: K, object: ObjectOf<K>): ObjectOf<K>
  /** Replaces everything but the status, by way of the number of replicas alone. */
  updateScale(kind: StoredKind, object: KubeObject): void
  /** Places a pod on a node, as the scheduler does. */
  bind(pod: Pod, nodeName: string): Pod
  /** Replaces a namespace's `spec.finalizers`; a deleted one with none left is gone. */
  finalize(namespace: Namespace): void
  delete(
    kind: StoredKind,
    namespace: string | undefined,
    name: string,
    options?: {
      readonly gracePeriodSeconds?: number
      readonly uid?: string
      /** @default Background */
      readonly propagationPolicy?: 'Foreground' | 'Orphan'
    },
  ): void
  /** Calls back after each change, in order, before the call that made it returns. */
  onChange(listener: (change: ObjectChange) => void): () => void
}

/** What the token of a service account is asked for with. */
export interface AccountTokenRequest {
  readonly namespace: string
  readonly name: string
  /** Whom it is for; nobody named: the API server. */
  readonly audiences: readonly string[]
  /** How long it is good for. */
  readonly seconds: number
  /** Its holder keeps it fresh: one that does not gets more time. */
  readonly renewed?: boolean
  /** What it ends with, beside the account. */
  readonly bound?: {
    readonly kind: 'Pod' | 'Secret' | 'Node'
    readonly name: string
    readonly uid: string
  }
}

/** What the API server asks of the node that runs a pod: the containers behind log, exec and attach, and connections into the pod. */
export interface NodeAgent extends Pick<ContainerRuntime, 'connectInPod'> {
  /** The container that runs now, or the last one that ran. `previous` is the one before it. */
  container(
    podUid: string,
    name: string,
  ):
    | {
        readonly current: RunningContainer
        readonly running: boolean
        readonly previous?: RunningContainer
      }
    | undefined
}
