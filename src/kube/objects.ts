/**
 * The Kubernetes objects that the lab reads and writes, as plain data. Field names and meaning are those of
 * the Kubernetes API (k8s.io/api core/v1, networking/v1, discovery/v1, apps/v1); only the fields that some part of the lab
 * uses are typed. Pure: no HTTP, no defaults.
 */
export type Labels = Readonly<Record<string, string>>

export interface ObjectMeta {
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  generateName?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
  finalizers?: string[]
  managedFields?: unknown[]
}

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

/** What every object has. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
}

/** An object of a kind that is not known at compile time. */
export type AnyKubeObject = KubeObject & Record<string, unknown>

export interface KubeList<T = AnyKubeObject> {
  apiVersion: string
  kind: string
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number }
  items: T[]
}

export type Protocol = 'TCP' | 'UDP' | 'SCTP'

export interface LabelSelectorRequirement {
  key: string
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  values?: string[]
}

export interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: LabelSelectorRequirement[]
}

export interface Namespace extends KubeObject {
  kind: 'Namespace'
  spec?: { finalizers?: string[] }
  status?: { phase?: 'Active' | 'Terminating' }
}

export interface ContainerPort {
  name?: string
  containerPort: number
  protocol?: Protocol
  /** Port of the node that leads to it. */
  hostPort?: number
}

/** Names an object, and whether it may be missing. */
export interface OptionalReference {
  name?: string
  optional?: boolean
}

export interface EnvVar {
  name: string
  value?: string
  valueFrom?: {
    fieldRef?: { fieldPath: string }
    resourceFieldRef?: ResourceFieldRef
    configMapKeyRef?: OptionalReference & { key: string }
    secretKeyRef?: OptionalReference & { key: string }
  }
}

export interface EnvFromSource {
  prefix?: string
  configMapRef?: OptionalReference
  secretRef?: OptionalReference
}

export interface ResourceFieldRef {
  containerName?: string
  resource: string
  divisor?: string
}

export interface VolumeMount {
  name: string
  mountPath: string
  subPath?: string
  /** A path with variables of the container: `$(POD_NAME)`. */
  subPathExpr?: string
  readOnly?: boolean
}

export interface Container {
  name: string
  image: string
  command?: string[]
  args?: string[]
  env?: EnvVar[]
  envFrom?: EnvFromSource[]
  volumeMounts?: VolumeMount[]
  ports?: ContainerPort[]
  workingDir?: string
  stdin?: boolean
  stdinOnce?: boolean
  tty?: boolean
  imagePullPolicy?: string
  livenessProbe?: Record<string, unknown>
  readinessProbe?: Record<string, unknown>
  startupProbe?: Record<string, unknown>
  resources?: Record<string, unknown>
  terminationMessagePath?: string
  terminationMessagePolicy?: string
}

export interface PodSpec {
  containers: Container[]
  initContainers?: (Container & { restartPolicy?: 'Always' })[]
  ephemeralContainers?: (Container & { targetContainerName?: string })[]
  restartPolicy?: 'Always' | 'OnFailure' | 'Never'
  nodeName?: string
  hostNetwork?: boolean
  terminationGracePeriodSeconds?: number
  serviceAccountName?: string
  dnsPolicy?: string
  dnsConfig?: {
    nameservers?: string[]
    searches?: string[]
    options?: { name?: string; value?: string }[]
  }
  hostAliases?: { ip: string; hostnames?: string[] }[]
  hostname?: string
  subdomain?: string
  [field: string]: unknown
}

export interface ContainerState {
  waiting?: { reason: string; message?: string }
  running?: { startedAt: string }
  terminated?: {
    exitCode: number
    reason?: string
    message?: string
    startedAt?: string
    finishedAt?: string
    containerID?: string
  }
}

export interface ContainerStatus {
  name: string
  ready: boolean
  restartCount: number
  image: string
  imageID: string
  containerID?: string
  started?: boolean
  state?: ContainerState
  lastState?: ContainerState
}

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'

export interface PodStatus {
  phase?: PodPhase
  reason?: string
  message?: string
  podIP?: string
  podIPs?: { ip: string }[]
  hostIP?: string
  hostIPs?: { ip: string }[]
  startTime?: string
  qosClass?: string
  nominatedNodeName?: string
  conditions?: {
    type: string
    status: 'True' | 'False' | 'Unknown'
    reason?: string
    message?: string
    /** Go writes the time that it does not have as `null`. */
    lastProbeTime?: string | null
    lastTransitionTime?: string
  }[]
  containerStatuses?: ContainerStatus[]
  initContainerStatuses?: ContainerStatus[]
  ephemeralContainerStatuses?: ContainerStatus[]
}

export interface Pod extends KubeObject {
  kind: 'Pod'
  spec: PodSpec
  status?: PodStatus
}

export interface ServicePort {
  name?: string
  port: number
  targetPort?: number | string
  protocol?: Protocol
  nodePort?: number
}

export interface Service extends KubeObject {
  kind: 'Service'
  spec: {
    type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName'
    selector?: Record<string, string>
    ports?: ServicePort[]
    clusterIP?: string
    clusterIPs?: string[]
    externalName?: string
    externalTrafficPolicy?: 'Cluster' | 'Local'
    publishNotReadyAddresses?: boolean
    sessionAffinity?: string
    sessionAffinityConfig?: { clientIP?: { timeoutSeconds?: number } }
    externalIPs?: string[]
    loadBalancerIP?: string
    loadBalancerClass?: string
    loadBalancerSourceRanges?: string[]
    ipFamilies?: string[]
    ipFamilyPolicy?: string
    internalTrafficPolicy?: string
  }
  status?: { loadBalancer?: { ingress?: { ip?: string; ipMode?: string }[] } }
}

export interface EndpointSlice extends KubeObject {
  kind: 'EndpointSlice'
  addressType: 'IPv4' | 'IPv6'
  endpoints: {
    addresses: string[]
    conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean }
    /** What DNS calls it below the service. */
    hostname?: string
    nodeName?: string
    targetRef?: { kind: string; name: string; namespace?: string; uid?: string }
  }[]
  ports: { name?: string; port?: number; protocol?: Protocol }[]
}

export interface NetworkPolicyPort {
  protocol?: Protocol
  port?: number | string
  endPort?: number
}

export interface NetworkPolicyPeer {
  podSelector?: LabelSelector
  namespaceSelector?: LabelSelector
  ipBlock?: { cidr: string; except?: string[] }
}

export interface NetworkPolicyIngressRule {
  from?: NetworkPolicyPeer[]
  ports?: NetworkPolicyPort[]
}

export interface NetworkPolicyEgressRule {
  to?: NetworkPolicyPeer[]
  ports?: NetworkPolicyPort[]
}

export type PolicyType = 'Ingress' | 'Egress'

export interface NetworkPolicy extends KubeObject {
  kind: 'NetworkPolicy'
  spec: {
    podSelector?: LabelSelector
    policyTypes?: PolicyType[]
    ingress?: NetworkPolicyIngressRule[]
    egress?: NetworkPolicyEgressRule[]
  }
}

/** The metadata of a template. Go writes the time that it does not have as `null`. */
export type TemplateMeta = Partial<Omit<ObjectMeta, 'creationTimestamp'>> & {
  creationTimestamp?: string | null
}

export interface PodTemplate {
  metadata?: TemplateMeta
  spec: PodSpec
}

export interface WorkloadCondition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason?: string
  message?: string
  lastTransitionTime?: string
  lastUpdateTime?: string
}

export interface Deployment extends KubeObject {
  kind: 'Deployment'
  spec: {
    replicas?: number
    selector: LabelSelector
    template: PodTemplate
    strategy?: {
      type?: 'RollingUpdate' | 'Recreate'
      rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string }
    }
    minReadySeconds?: number
    revisionHistoryLimit?: number
    progressDeadlineSeconds?: number
    paused?: boolean
  }
  status?: {
    observedGeneration?: number
    replicas?: number
    updatedReplicas?: number
    readyReplicas?: number
    availableReplicas?: number
    unavailableReplicas?: number
    conditions?: WorkloadCondition[]
  }
}

export interface ReplicaSet extends KubeObject {
  kind: 'ReplicaSet'
  spec: {
    replicas?: number
    selector: LabelSelector
    template: PodTemplate
    minReadySeconds?: number
  }
  status?: {
    observedGeneration?: number
    replicas?: number
    fullyLabeledReplicas?: number
    readyReplicas?: number
    availableReplicas?: number
    conditions?: WorkloadCondition[]
  }
}

export interface KubeNode extends KubeObject {
  kind: 'Node'
  spec: { podCIDR?: string; podCIDRs?: string[]; unschedulable?: boolean; [field: string]: unknown }
  status?: {
    addresses?: { type: string; address: string }[]
    conditions?: {
      type: string
      status: string
      reason?: string
      message?: string
      lastHeartbeatTime?: string
      lastTransitionTime?: string
    }[]
    nodeInfo?: Record<string, string>
    capacity?: Record<string, string>
    allocatable?: Record<string, string>
    [field: string]: unknown
  }
}

/** The core group's Event; named apart from the DOM's. */
export interface KubeEvent extends KubeObject {
  kind: 'Event'
  involvedObject: {
    kind?: string
    namespace?: string
    name?: string
    uid?: string
    apiVersion?: string
    resourceVersion?: string
    fieldPath?: string
  }
  reason?: string
  message?: string
  type?: string
  count?: number
  firstTimestamp?: string | null
  lastTimestamp?: string | null
  eventTime?: string | null
  source?: { component?: string; host?: string }
  reportingComponent?: string
  reportingInstance?: string
}

export interface EndpointAddress {
  ip: string
  hostname?: string
  nodeName?: string
  targetRef?: { kind: string; name: string; namespace?: string; uid?: string }
}

export interface Endpoints extends KubeObject {
  kind: 'Endpoints'
  subsets?: {
    addresses?: EndpointAddress[]
    notReadyAddresses?: EndpointAddress[]
    ports?: { name?: string; port: number; protocol?: Protocol }[]
  }[]
}

/** The answer of an API server that refuses. */
export interface Status {
  kind: 'Status'
  apiVersion: 'v1'
  metadata: { continue?: string }
  status: 'Success' | 'Failure'
  message?: string
  reason?: string
  code?: number
  details?: {
    name?: string
    group?: string
    kind?: string
    uid?: string
    causes?: { reason?: string; message?: string; field?: string }[]
    retryAfterSeconds?: number
  }
}
