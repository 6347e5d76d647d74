import type { Clock } from '../../base/clock.ts'
import type { Container, Pod, Service } from '../../kube/objects.ts'
import { createProcessor } from '../../platform/processor.ts'
import {
  type AttachedPodNetwork,
  type ClusterView,
  type ContainerRuntime,
  ExecError,
  type PodNetworks,
} from '../ports.ts'
import { randomHex, startContainer } from './container.ts'
import { SharedLines } from './container-log.ts'
import { expandReferences } from './expand-references.ts'
import { KernelFiles } from './files/computed-files.ts'
import { withMounts } from './files/mounted-files.ts'
import { createImageStore } from './images/image-store.ts'
import { NodeShare } from './process/process-table.ts'

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
  const attachments = new Map<
    string,
    { readonly network: AttachedPodNetwork; containers: number }
  >()
  const uptimeMs = () => clock.now() - startedMs + UPTIME_AT_START_MS

  const attach = (pod: Pod) => {
    const key = `${pod.metadata.uid ?? `${pod.metadata.namespace}/${pod.metadata.name}`} ${pod.status?.podIP}`
    let attachment = attachments.get(key)
    if (attachment === undefined) {
      attachment = { network: network.attach(pod), containers: 0 }
      attachments.set(key, attachment)
    }
    const held = attachment
    held.containers++
    return {
      network: held.network,
      release() {
        held.containers--
        if (held.containers > 0 || attachments.get(key) !== held) return
        attachments.delete(key)
        held.network.detach()
      },
    }
  }

  return {
    async pullImage(reference) {
      return images.pull(reference)
    },
    startContainer(pod, spec, startOptions = {}) {
      const image = images.find(spec.image)
      if (image === undefined) {
        throw new ExecError(
          `failed to create containerd container: image "${spec.image}": not found`,
        )
      }
      const { mounts = [] } = startOptions
      const attachment = attach(pod)
      const { env, references } = environment(
        pod,
        spec,
        image.env,
        attachment.network.hostname,
        view,
      )
      const expand = (text: string) => expandReferences(text, (name) => references.get(name))
      try {
        return startContainer({
          containerID: `containerd://${randomHex(random, 64)}`,
          spec: {
            ...spec,
            ...(spec.command === undefined ? {} : { command: spec.command.map(expand) }),
            ...(spec.args === undefined ? {} : { args: spec.args.map(expand) }),
          },
          image,
          base: images.layerOf(image),
          computed: withMounts(
            new KernelFiles({ pod, network: attachment.network, uptimeMs }),
            mounts,
          ),
          env,
          network: attachment.network,
          clock,
          share,
          logLines,
          view,
          uptimeMs,
          random,
          files: startOptions.files,
          mounts,
          onExit: () => attachment.release(),
        })
      } catch (error) {
        attachment.release()
        throw error
      }
    },
  }
}

/**
 * Variables as a container gets them: the image's, the services of its namespace, its own. `references` are those that its spec may
 * name as `$(NAME)`; the image's are none of them.
 */
function environment(
  pod: Pod,
  spec: Container,
  imageEnv: Readonly<Record<string, string>>,
  hostname: string,
  view: ClusterView,
): { readonly env: Map<string, string>; readonly references: Map<string, string> } {
  const references = new Map<string, string>()
  for (const service of view.services()) {
    const master =
      service.metadata.name === 'kubernetes' && service.metadata.namespace === 'default'
    const near =
      service.metadata.namespace === pod.metadata.namespace && pod.spec.enableServiceLinks !== false
    if (master || near)
      for (const [name, value] of serviceVariables(service)) references.set(name, value)
  }
  for (const { name, value } of spec.env ?? []) {
    references.set(
      name,
      expandReferences(value ?? '', (key) => references.get(key)),
    )
  }
  const env = new Map<string, string>(Object.entries(imageEnv))
  env.set('HOSTNAME', hostname)
  if (spec.tty) env.set('TERM', 'xterm')
  for (const [name, value] of references) env.set(name, value)
  if (!env.has('HOME')) env.set('HOME', '/root')
  return { env, references }
}

/** `WEB_SERVICE_HOST` and its kin (kubernetes pkg/kubelet/envvars). */
function serviceVariables(service: Service): [string, string][] {
  const address = service.spec.clusterIP
  const [firstPort] = service.spec.ports ?? []
  if (address === undefined || address === '' || address === 'None' || firstPort === undefined)
    return []
  const prefix = service.metadata.name.toUpperCase().replaceAll('-', '_')
  const variables: [string, string][] = [
    [`${prefix}_SERVICE_HOST`, address],
    [`${prefix}_SERVICE_PORT`, String(firstPort.port)],
  ]
  for (const port of service.spec.ports ?? []) {
    if (port.name === undefined) continue
    variables.push([
      `${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`,
      String(port.port),
    ])
  }
  const url = (port: { readonly port: number; readonly protocol?: string }) =>
    `${(port.protocol ?? 'TCP').toLowerCase()}://${address}:${port.port}`
  variables.push([`${prefix}_PORT`, url(firstPort)])
  for (const port of service.spec.ports ?? []) {
    const protocol = port.protocol ?? 'TCP'
    const key = `${prefix}_PORT_${port.port}_${protocol}`
    variables.push(
      [key, url(port)],
      [`${key}_PROTO`, protocol.toLowerCase()],
      [`${key}_PORT`, String(port.port)],
      [`${key}_ADDR`, address],
    )
  }
  return variables
}

/** The same series in every run, so that a run can be repeated. */
function createRandom(): () => number {
  let state = 0x9e37_79b9
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x85eb_ca6b) + 0x1234_5677) >>> 0
    return state / 0x1_0000_0000
  }
}
