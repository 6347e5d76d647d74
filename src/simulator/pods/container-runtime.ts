import type { Clock } from '../../base/clock.ts'
import { expandReferences } from '../../kube/expand-references.ts'
import type { Container, Pod } from '../../kube/objects.ts'
import { createProcessor } from '../../platform/processor.ts'
import {
  type AttachedPodNetwork,
  type ClusterView,
  type ContainerRuntime,
  ExecError,
  type PodNetworks,
  type RunningContainer,
  type VolumeMountPoint,
} from '../ports.ts'
import { randomHex, startContainer } from './container.ts'
import { SharedLines } from './container-log.ts'
import { environmentOf } from './environment.ts'
import { KernelFiles } from './files/computed-files.ts'
import { normalizePath } from './files/file-node.ts'
import { VolumeMount, VolumeTree } from './files/volume-tree.ts'
import { createImageStore } from './images/image-store.ts'
import { FdTable } from './process/fd-table.ts'
import { ProcessGroup } from './process/process.ts'
import { NodeShare, ProcessTable } from './process/process-table.ts'

export interface ContainerRuntimeOptions {
  readonly network: PodNetworks
  readonly clock: Clock
  /** The live objects: service variables of new containers, and what CoreDNS watches. */
  readonly view: ClusterView
}

/** How long the node has been up when the cluster starts, so that `/proc/uptime` looks like a machine's. */
const UPTIME_AT_START_MS = 86_400_000 + 4_242_420

/** Runs containers in this process: images are tables of small programs, pods share the network's address. */
export function createContainerRuntime(options: ContainerRuntimeOptions): ContainerRuntime {
  const { clock, view, network } = options
  const startedMs = clock.now()
  const images = createImageStore()
  const share = new NodeShare(createProcessor({ clock }))
  const logLines = new SharedLines()
  const random = createRandom()
  const attachments = new Map<string, Attachment>()
  const uptimeMs = () => clock.now() - startedMs + UPTIME_AT_START_MS

  const attach = (pod: Pod): Attachment => {
    const key = attachmentKey(pod)
    const known = attachments.get(key)
    const attachment = known ?? new Attachment(network.attach(pod), () => attachments.delete(key))
    attachments.set(key, attachment)
    return attachment
  }

  return {
    async pullImage(reference) {
      return images.pull(reference)
    },
    imageUser: (reference) => images.find(reference)?.user,
    startContainer(pod, spec, startOptions = {}) {
      const image = images.find(spec.image)
      if (image === undefined) {
        throw new ExecError(
          `failed to create containerd container: image "${spec.image}": not found`,
        )
      }
      const { mounts = [] } = startOptions
      const attachment = attach(pod)
      attachment.retain()
      try {
        const { hostname } = attachment.network
        const { env, references } = environmentOf(pod, spec, image.env, hostname, view)
        return startContainer({
          containerID: `containerd://${randomHex(random, 64)}`,
          spec: withReferences(spec, references),
          image,
          base: images.layerOf(image),
          computed: new KernelFiles({ pod, network: attachment.network, uptimeMs }),
          env,
          network: attachment.network,
          clock,
          share,
          logLines,
          view,
          uptimeMs,
          random,
          files: startOptions.files,
          mounts: mounts.map(mountOf),
          processes: sharedWith(startOptions.target) ?? attachment.processesOf(pod, clock, share),
          onExit: attachment.release,
        })
      } catch (error) {
        attachment.release()
        throw error
      }
    },
    createVolume: (volume) => new VolumeTree({ ...volume, clock }),
    connectInPod: (pod, port, { signal }) =>
      attachments
        .get(attachmentKey(pod))
        ?.network.connect({ address: '127.0.0.1', port, protocol: 'TCP' }, { signal }),
  }
}

function attachmentKey({ metadata, status }: Pod): string {
  return `${metadata.uid ?? `${metadata.namespace}/${metadata.name}`} ${status?.podIP}`
}

function mountOf({ path, volume, subPath = '', readOnly }: VolumeMountPoint): VolumeMount {
  if (!(volume instanceof VolumeTree)) {
    throw new TypeError(`the volume at ${path} is of another runtime`)
  }
  return new VolumeMount(normalizePath(path), volume, subPath, readOnly)
}

function sharedWith(target: RunningContainer | undefined): ProcessTable | undefined {
  return target !== undefined && 'processes' in target && target.processes instanceof ProcessTable
    ? target.processes
    : undefined
}

/** The network of a pod, held by its containers. */
class Attachment {
  readonly network: AttachedPodNetwork
  private containers = 0
  private processes: ProcessTable | undefined
  private readonly onLast: () => void

  constructor(network: AttachedPodNetwork, onLast: () => void) {
    this.network = network
    this.onLast = onLast
  }

  /** The processes of a pod whose containers share them (`shareProcessNamespace`): the first holds the sandbox. */
  processesOf(pod: Pod, clock: Clock, share: NodeShare): ProcessTable | undefined {
    if (pod.spec.shareProcessNamespace !== true) return undefined
    if (this.processes === undefined) {
      this.processes = new ProcessTable(clock, share)
      const pause = this.processes.create({
        parent: undefined,
        command: ['/pause'],
        fds: new FdTable(),
        group: new ProcessGroup(),
      })
      pause.run(() => new Promise(() => {}))
    }
    return this.processes
  }

  retain(): void {
    this.containers++
  }

  readonly release = (): void => {
    this.containers--
    if (this.containers > 0) return
    this.onLast()
    this.processes?.killAll()
    this.network.detach()
  }
}

/** A container whose command and arguments name variables as `$(NAME)`, with their values. */
function withReferences(spec: Container, references: ReadonlyMap<string, string>): Container {
  const expand = (text: string) => expandReferences(text, (name) => references.get(name))
  return {
    ...spec,
    ...(spec.command === undefined ? {} : { command: spec.command.map(expand) }),
    ...(spec.args === undefined ? {} : { args: spec.args.map(expand) }),
  }
}

/** The same series in every run, so that a run can be repeated. */
function createRandom(): () => number {
  let state = 0x9e37_79b9
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x85eb_ca6b) + 0x1234_5677) >>> 0
    return state / 0x1_0000_0000
  }
}
