import type { KubeObject, Pod } from '../../../kube/objects.ts'
import type { AccountTokenRequest, ContainerRuntime, NodeAgent, NodeProbe } from '../../ports.ts'
import type { Controller, ControllerContext } from '../controller.ts'
import { createWorkQueue } from '../work-queue.ts'
import { createAddressPool } from './address-pool.ts'
import type { PodFiles } from './container-node.ts'
import { type NodeContext, PodWorker } from './pod-worker.ts'
import { PullQueue } from './pull-queue.ts'

/** Runs the pods of one node and answers for their containers. */
export interface Kubelet extends Controller, NodeAgent {
  /** Files that containers changed, by pod uid. */
  files(): Readonly<Record<string, PodFiles>>
}

export interface KubeletOptions extends ControllerContext {
  readonly runtime: ContainerRuntime
  readonly nodeName: string
  readonly nodeIP: string
  /** A signed token of a service account. */
  readonly accountToken: (request: AccountTokenRequest) => string
  /** For probes over the network. Without it such probes count as passed. */
  readonly probe?: NodeProbe
  /** Files of a saved cluster, by pod uid. */
  readonly files?: Readonly<Record<string, PodFiles>>
  /** Images that are on the node from the start. */
  readonly images?: readonly string[]
}

export function startKubelet(options: KubeletOptions): Kubelet {
  const { files: saved, objects, clock, nodeName } = options
  const addresses = createAddressPool()
  const images = new Set(options.images ?? [])
  const { events, onDefect, randomBytes, runtime, nodeIP, probe } = options
  const context: NodeContext = {
    objects,
    clock,
    events,
    onDefect,
    randomBytes,
    runtime,
    nodeIP,
    probe,
    addresses,
    images,
    pulls: new PullQueue(),
    sources: { objects, nodeIP, now: () => clock.now(), accountToken: options.accountToken },
  }
  const workers = new Map<string, PodWorker>()

  const take = (pod: Pod) => {
    const uid = pod.metadata.uid ?? ''
    if (pod.spec.nodeName !== nodeName) return
    let worker = workers.get(uid)
    if (worker === undefined) {
      worker = new PodWorker(pod, context, saved?.[uid])
      workers.set(uid, worker)
    } else if (pod.spec.ephemeralContainers !== undefined) worker.update(pod)
    if (pod.metadata.deletionTimestamp !== undefined) {
      worker.terminate(pod.metadata.deletionGracePeriodSeconds ?? 30)
    }
  }
  const drop = (pod: Pod) => {
    const uid = pod.metadata.uid ?? ''
    void workers.get(uid)?.kill()
    workers.delete(uid)
    const address = pod.status?.podIP
    if (address !== undefined && pod.spec.hostNetwork !== true) addresses.release(address)
  }

  const existing = objects.list('Pod')
  for (const pod of existing) {
    if (pod.status?.podIP !== undefined && pod.spec.hostNetwork !== true)
      addresses.keep(pod.status.podIP)
    for (const container of pod.spec.containers) {
      if (pod.status?.podIP !== undefined) images.add(container.image)
    }
  }
  const queue = createWorkQueue({
    clock: options.clock,
    onDefect: options.onDefect,
    reconcile(key) {
      const slash = key.indexOf('/')
      const pod = objects.get('Pod', key.slice(0, slash), key.slice(slash + 1))
      if (pod !== undefined) take(pod)
    },
  })
  const add = (pod: KubeObject) => queue.add(`${pod.metadata.namespace}/${pod.metadata.name}`)
  const stop = objects.onChange((change) => {
    if (change.kind !== 'Pod') return
    if (change.type === 'DELETED') drop(change.object as KubeObject as Pod)
    else add(change.object)
  })
  for (const pod of existing) add(pod)

  return {
    container(podUid, name) {
      const slot = workers.get(podUid)?.slot(name)
      if (slot?.current === undefined) {
        return slot?.previous === undefined ? undefined : { current: slot.previous, running: false }
      }
      return {
        current: slot.current,
        running: slot.state.running !== undefined,
        ...(slot.previous === undefined ? {} : { previous: slot.previous }),
      }
    },
    connectInPod: (pod, port, connectOptions) =>
      options.runtime.connectInPod(pod, port, connectOptions),
    files: () =>
      Object.fromEntries(
        [...workers.values()].flatMap((worker) => {
          const files = worker.changedFiles()
          return Object.keys(files).length === 0 ? [] : [[worker.uid, files]]
        }),
      ),
    async close() {
      stop()
      queue.close()
      await Promise.all([...workers.values()].map((worker) => worker.kill()))
    },
  }
}
