import { KubeStatusError } from '../../../kube/client.ts'
import type { AnyKubeObject } from '../../../kube/objects.ts'
import type { KubectlContext } from '../context.ts'
import { isRecord, type JsonRecord, record, records, stringMap, strings, text } from '../values.ts'
import { describeEvents, findEvents } from './describe-events.ts'
import { DescribeWriter, writeAnnotations, writeLabels } from './describe-writer.ts'
import type { Describer } from './describer.ts'
import { rfc1123z, since } from './go-time.ts'
import { quantityText, quantityValue } from './quantity.ts'

const ROLE_PREFIX = 'node-role.kubernetes.io/'

/** `kubectl describe node` (`describeNode`). */
export const describeNode: Describer = async (context, node, options) => {
  const pods = await context.client.list(
    { apiVersion: 'v1', plural: 'pods' },
    {
      fieldSelector: `spec.nodeName=${node.metadata.name},status.phase!=Failed,status.phase!=Succeeded`,
      signal: context.signal,
    },
  )
  const lease = await leaseOf(context, node.metadata.name)
  // The kubelet reports events under the node's name in place of its uid.
  const asReported = { ...node, metadata: { ...node.metadata, uid: node.metadata.name } }
  const events = options.showEvents
    ? await findEvents(context, asReported, { withKind: true })
    : undefined
  const now = context.clock.now()
  const spec = record(node.spec)
  const status = record(node.status)
  const w = new DescribeWriter()
  w.write(0, `Name:\t${node.metadata.name}\n`)
  w.write(0, `Roles:\t${rolesOf(node).join(',') || '<none>'}\n`)
  writeLabels(w, 'Labels', node.metadata.labels)
  writeAnnotations(w, 'Annotations', node.metadata.annotations)
  w.write(0, `CreationTimestamp:\t${rfc1123z(node.metadata.creationTimestamp)}\n`)
  writeTaints(w, records(spec.taints))
  w.write(0, `Unschedulable:\t${spec.unschedulable === true}\n`)
  writeLease(w, lease)
  writeConditions(w, records(status.conditions))
  w.write(0, 'Addresses:\n')
  for (const address of records(status.addresses)) {
    w.write(1, `${text(address.type)}:\t${text(address.address)}\n`)
  }
  writeResourceList(w, 'Capacity', status.capacity)
  writeResourceList(w, 'Allocatable', status.allocatable)
  writeSystemInfo(w, record(status.nodeInfo))
  if (text(spec.podCIDR) !== '') w.write(0, `PodCIDR:\t${text(spec.podCIDR)}\n`)
  const cidrs = strings(spec.podCIDRs)
  if (cidrs.length > 0) w.write(0, `PodCIDRs:\t${cidrs.join(',')}\n`)
  if (text(spec.providerID) !== '') w.write(0, `ProviderID:\t${text(spec.providerID)}\n`)
  writePods(w, pods.items, status, now)
  describeEvents(w, events, now)
  return w.finish()
}

function rolesOf(node: AnyKubeObject): readonly string[] {
  const roles = new Set<string>()
  for (const [key, value] of Object.entries(stringMap(node.metadata.labels))) {
    if (key.startsWith(ROLE_PREFIX) && key !== ROLE_PREFIX) roles.add(key.slice(ROLE_PREFIX.length))
    if (key === 'kubernetes.io/role' && value !== '') roles.add(value)
  }
  return [...roles].sort()
}

function writeTaints(w: DescribeWriter, taints: readonly JsonRecord[]): void {
  w.write(0, 'Taints:\t')
  if (taints.length === 0) w.write(0, '<none>\n')
  const shown = taints.map((taint) => {
    const key = text(taint.key)
    const value = text(taint.value)
    const effect = text(taint.effect)
    return { order: `${effect},${key}`, line: `${key}${value === '' ? '' : `=${value}`}:${effect}` }
  })
  shown
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .forEach(({ line }, index) => {
      w.write(0, `${index === 0 ? '' : '\t'}${line}\n`)
    })
}

async function leaseOf(context: KubectlContext, name: string): Promise<JsonRecord | string> {
  try {
    return await context.client.get<AnyKubeObject>(
      {
        apiVersion: 'coordination.k8s.io/v1',
        plural: 'leases',
        namespace: 'kube-node-lease',
        name,
      },
      { signal: context.signal },
    )
  } catch (error) {
    if (error instanceof KubeStatusError) return error.status.message ?? ''
    throw error
  }
}

function writeLease(w: DescribeWriter, lease: JsonRecord | string): void {
  if (typeof lease === 'string') {
    w.write(0, `Lease:\tFailed to get lease: ${lease}\n`)
    return
  }
  const spec = record(lease.spec)
  const time = (value: unknown) => (text(value) === '' ? '<unset>' : rfc1123z(value))
  w.write(0, 'Lease:\n')
  w.write(1, `HolderIdentity:\t${text(spec.holderIdentity) || '<unset>'}\n`)
  w.write(1, `AcquireTime:\t${time(spec.acquireTime)}\n`)
  w.write(1, `RenewTime:\t${time(spec.renewTime)}\n`)
}

function writeConditions(w: DescribeWriter, conditions: readonly JsonRecord[]): void {
  if (conditions.length === 0) return
  w.write(
    0,
    'Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage\n',
  )
  w.write(1, '----\t------\t-----------------\t------------------\t------\t-------\n')
  for (const one of conditions) {
    const head = `${text(one.type)} \t${text(one.status)} \t${rfc1123z(one.lastHeartbeatTime)} \t`
    w.write(
      1,
      `${head}${rfc1123z(one.lastTransitionTime)} \t${text(one.reason)} \t${text(one.message)}\n`,
    )
  }
}

function writeResourceList(w: DescribeWriter, title: string, list: unknown): void {
  const entries = Object.entries(record(list)).sort(([a], [b]) => (a < b ? -1 : 1))
  if (entries.length === 0) return
  w.write(0, `${title}:\n`)
  for (const [name, quantity] of entries) w.write(0, `  ${name}:\t${canonical(quantity)}\n`)
}

/** Go writes 4000 as `4k`. */
function canonical(quantity: unknown): string {
  const whole = String(quantity)
  if (!/^[1-9]\d*$/.test(whole)) return whole
  const thousands = /(000)*$/.exec(whole)?.[0].length ?? 0
  return whole.slice(0, whole.length - thousands) + (['', 'k', 'M', 'G', 'T'][thousands / 3] ?? '')
}

function writeSystemInfo(w: DescribeWriter, info: JsonRecord): void {
  w.write(0, 'System Info:\n')
  for (const [title, field] of [
    ['Machine ID', 'machineID'],
    ['System UUID', 'systemUUID'],
    ['Boot ID', 'bootID'],
    ['Kernel Version', 'kernelVersion'],
    ['OS Image', 'osImage'],
    ['Operating System', 'operatingSystem'],
    ['Architecture', 'architecture'],
    ['Container Runtime Version', 'containerRuntimeVersion'],
    ['Kubelet Version', 'kubeletVersion'],
    ['Kube-Proxy Version', 'kubeProxyVersion'],
  ] as const) {
    w.write(0, `  ${title}:\t${text(info[field])}\n`)
  }
}

interface Sums {
  readonly cpuRequests: number
  readonly cpuLimits: number
  readonly memoryRequests: number
  readonly memoryLimits: number
  readonly storageRequests: number
  readonly storageLimits: number
}

function writePods(
  w: DescribeWriter,
  pods: readonly AnyKubeObject[],
  status: JsonRecord,
  now: number,
): void {
  const capacity = record(status.capacity)
  const allocatable = isRecord(status.allocatable) ? status.allocatable : capacity
  const share = (part: number, name: string) => {
    const whole = quantityValue(allocatable[name])
    return whole === 0 ? 0 : Math.trunc((part / whole) * 100)
  }
  const cell = (value: number, name: 'cpu' | 'memory' | 'ephemeral-storage') =>
    `${quantityText(value, name === 'cpu' ? 'cpu' : 'bytes')} (${share(value, name)}%)`
  w.write(0, `Non-terminated Pods:\t(${pods.length} in total)\n`)
  w.write(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge\n')
  w.write(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---\n')
  const sums = pods.map(sumsOf)
  pods.forEach((pod, index) => {
    const sum = sums[index] ?? NOTHING
    const cells = [
      pod.metadata.namespace ?? '',
      pod.metadata.name,
      '',
      cell(sum.cpuRequests, 'cpu'),
      cell(sum.cpuLimits, 'cpu'),
      cell(sum.memoryRequests, 'memory'),
      cell(sum.memoryLimits, 'memory'),
      since(pod.metadata.creationTimestamp, now),
    ]
    w.write(1, `${cells.join('\t')}\n`)
  })
  const total = (field: keyof Sums) => sums.reduce((sum, one) => sum + one[field], 0)
  w.write(
    0,
    'Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n',
  )
  w.write(1, 'Resource\tRequests\tLimits\n')
  w.write(1, '--------\t--------\t------\n')
  w.write(1, `cpu\t${cell(total('cpuRequests'), 'cpu')}\t${cell(total('cpuLimits'), 'cpu')}\n`)
  w.write(
    1,
    `memory\t${cell(total('memoryRequests'), 'memory')}\t${cell(total('memoryLimits'), 'memory')}\n`,
  )
  w.write(
    1,
    `ephemeral-storage\t${cell(total('storageRequests'), 'ephemeral-storage')}\t${cell(total('storageLimits'), 'ephemeral-storage')}\n`,
  )
  for (const name of Object.keys(allocatable)
    .filter((one) => one.startsWith('hugepages-'))
    .sort()) {
    w.write(1, `${name}\t0 (0%)\t0 (0%)\n`)
  }
}

const NOTHING: Sums = {
  cpuRequests: 0,
  cpuLimits: 0,
  memoryRequests: 0,
  memoryLimits: 0,
  storageRequests: 0,
  storageLimits: 0,
}

function sumsOf(pod: AnyKubeObject): Sums {
  const containers = records(record(pod.spec).containers)
  const sum = (part: 'requests' | 'limits', name: string) =>
    containers
      .map((container) => record(record(container.resources)[part])[name])
      .reduce((total: number, quantity) => total + quantityValue(quantity), 0)
  return {
    cpuRequests: sum('requests', 'cpu'),
    cpuLimits: sum('limits', 'cpu'),
    memoryRequests: sum('requests', 'memory'),
    memoryLimits: sum('limits', 'memory'),
    storageRequests: sum('requests', 'ephemeral-storage'),
    storageLimits: sum('limits', 'ephemeral-storage'),
  }
}
