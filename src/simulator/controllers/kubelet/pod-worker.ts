import type { ContainerStatus, Pod } from '../../../kube/objects.ts'
import type { ContainerRuntime, NodeProbe, RunningContainer } from '../../ports.ts'
import { type ControllerContext, timeText } from '../controller.ts'
import type { EventText } from '../event-recorder.ts'
import { type AddressPool, POD_RANGE } from './address-pool.ts'
import { createBackOff, goSeconds } from './back-off.ts'
import { ContainerConfigError } from './container-environment.ts'
import type { ContainerNode, PodFiles } from './container-node.ts'
import { type ContainerSlot, createSlot, isInitialized } from './container-slot.ts'
import { podStatusOf } from './pod-status.ts'
import { isReadyAfter, isStartedAfter, watchProbes } from './probes.ts'
import { pullImage } from './pull-image.ts'
import { type ContainerConfig, containerConfig, startContainer } from './start-container.ts'
import { mountProblem, notSimulated, type VolumeSources } from './volumes.ts'

export interface PodWorkerOptions extends ControllerContext {
  readonly runtime: ContainerRuntime
  readonly addresses: AddressPool
  readonly nodeIP: string
  /** Images that are on the node. */
  readonly images: Set<string>
  readonly probe: NodeProbe | undefined
  /** Files to start the containers with, of a cluster that is opened again. */
  readonly files?: PodFiles
}

/** One pod on the node, from its placement to its end. */
export interface PodWorker {
  readonly uid: string
  slot(name: string): ContainerSlot | undefined
  files(): PodFiles
  /** The pod was deleted: stops its containers within the grace period, then lets the object go. */
  terminate(graceSeconds: number): void
  /** The object is gone, or the cluster closes: ends everything at once and without a word. */
  kill(): Promise<void>
}

/** How long a sandbox takes on the clock, in milliseconds: a quick node, so that nobody waits. */
const SANDBOX_MS = 3

/** How long the kubelet waits before it looks again for what a container's spec refers to, and at first for a volume's. */
const CONFIG_RETRY_MS = 10_000
const MOUNT_RETRY_MS = 500
const MOUNT_RETRY_MAX_MS = 122_000

export function startPodWorker(initial: Pod, options: PodWorkerOptions): PodWorker {
  const { objects, clock, events, runtime } = options
  const namespace = initial.metadata.namespace ?? 'default'
  const { name } = initial.metadata
  const uid = initial.metadata.uid ?? ''
  const policy = initial.spec.restartPolicy ?? 'Always'
  const stopped = new AbortController()
  const { signal } = stopped
  const resumed = initial.status?.startTime !== undefined
  const startTime = initial.status?.startTime ?? timeText(clock.now())
  let podIP = initial.status?.podIP
  let terminating = false
  let killed = false
  /** The pod's own containers have ended, so its sidecars may. */
  let ending = false
  const waiting = new Set<() => void>()

  const savedOf = (container: string): ContainerStatus | undefined =>
    [
      ...(initial.status?.containerStatuses ?? []),
      ...(initial.status?.initContainerStatuses ?? []),
    ].find((status) => status.name === container)
  const inits = (initial.spec.initContainers ?? []).map((container) =>
    createSlot(container, true, 'PodInitializing', savedOf(container.name)),
  )
  const first = inits.length > 0 ? 'PodInitializing' : 'ContainerCreating'
  const apps = initial.spec.containers.map((container) =>
    createSlot(container, false, first, savedOf(container.name)),
  )
  const slots = [...inits, ...apps]

  const currentPod = (): Pod | undefined => {
    const pod = objects.get('Pod', namespace, name)
    return pod?.metadata.uid === uid ? pod : undefined
  }
  const publish = () => {
    const pod = currentPod()
    if (pod === undefined || killed) return
    const now = timeText(clock.now())
    const hostIP = options.nodeIP
    const status = podStatusOf({ pod, slots, hostIP, podIP, startTime, now })
    objects.updateStatus('Pod', { ...pod, status })
    for (const wake of [...waiting]) wake()
  }
  const record = (text: EventText, slot?: ContainerSlot) => {
    const pod = currentPod()
    if (pod === undefined) return
    const list = slot?.init === true ? 'initContainers' : 'containers'
    events.record('kubelet', pod, {
      ...text,
      ...(slot === undefined ? {} : { fieldPath: `spec.${list}{${slot.container.name}}` }),
    })
  }
  const normal = (reason: string, message: string, slot?: ContainerSlot) =>
    record({ type: 'Normal', reason, message }, slot)
  const warning = (reason: string, message: string, slot?: ContainerSlot) =>
    record({ type: 'Warning', reason, message }, slot)
  const pause = (ms: number) => clock.sleep(ms, { signal })
  const sources: VolumeSources = {
    objects,
    nodeIP: options.nodeIP,
    now: () => clock.now(),
    randomBytes: options.randomBytes,
  }
  const node: ContainerNode = {
    clock,
    sources,
    runtime,
    images: options.images,
    restartPolicy: policy,
    files: options.files,
    signal,
    currentPod,
    pause,
    publish,
    normal,
    warning,
  }

  const guard = (work: Promise<unknown>) => {
    work.catch((error: unknown) => {
      // Being stopped ends every wait; that is no defect.
      if (!signal.aborted) options.onDefect(error)
    })
  }

  const finished = (slot: ContainerSlot, code: number) => {
    const startedAt = slot.state.running?.startedAt
    slot.ready = false
    slot.state = {
      terminated: {
        exitCode: code,
        reason: code === 0 ? 'Completed' : 'Error',
        ...(startedAt === undefined ? {} : { startedAt }),
        finishedAt: timeText(clock.now()),
        ...(slot.containerID === '' ? {} : { containerID: slot.containerID }),
      },
    }
    publish()
  }

  /** Waits out the time before a restart; the first one comes at once. */
  const restartLater = async (slot: ContainerSlot, wait: number) => {
    const { name: container } = slot.container
    if (slot.state.terminated !== undefined) slot.lastState = { terminated: slot.state.terminated }
    if (wait > 0) {
      const full = `${name}_${namespace}(${uid})`
      warning('BackOff', `Back-off restarting failed container ${container} in pod ${full}`, slot)
      slot.state = {
        waiting: {
          reason: 'CrashLoopBackOff',
          message: `back-off ${goSeconds(wait)} restarting failed container=${container} pod=${full}`,
        },
      }
      publish()
      await pause(wait)
    }
    slot.restartCount += 1
    if (slot.current !== undefined) slot.previous = slot.current
  }

  /** Pulls the image and starts the container, and waits for what its spec refers to, as the kubelet's sync loop does. */
  const pullAndStart = async (slot: ContainerSlot): Promise<RunningContainer | undefined> => {
    while (true) {
      await pullImage(slot, node)
      const running = await startContainer(slot, node)
      if (running !== 'not-configured') return running
      publish()
      await pause(CONFIG_RETRY_MS)
    }
  }

  /** A probe has failed too often: the container is stopped, and started again where the pod's policy says so. */
  const stopUnhealthy = (slot: ContainerSlot, running: RunningContainer, why: string) => {
    const next = policy === 'Never' && !slot.sidecar ? '' : ', will be restarted'
    normal('Killing', `Container ${slot.container.name} ${why}${next}`, slot)
    const grace = initial.spec.terminationGracePeriodSeconds ?? 30
    running.stop(grace).catch(options.onDefect)
  }

  /** Runs one container until it may not run again. `adopted` runs already. */
  const runApp = async (slot: ContainerSlot, adopted: RunningContainer | undefined) => {
    const backOff = createBackOff({ immediately: true })
    const again = slot.sidecar ? 'Always' : policy
    let running = adopted
    while (true) {
      if (running === undefined) {
        running = await pullAndStart(slot)
      }
      if (running !== undefined) {
        const current = running
        const stopProbing = watchProbes(slot, current, {
          clock,
          pod: () => currentPod(),
          probe: options.probe,
          onChange: publish,
          warn: (reason, message) => warning(reason, message, slot),
          onFailed: (why) => stopUnhealthy(slot, current, why),
        })
        if (adopted !== running) {
          slot.started = isStartedAfter(slot.container)
          slot.ready = isReadyAfter(slot.container)
          publish()
        }
        const code = await running.exited
        stopProbing()
        if (terminating || killed) return
        finished(slot, code)
        if (slot.sidecar && ending) return
        if (again === 'Never' || (again === 'OnFailure' && code === 0)) return
      } else {
        publish()
        if (again === 'Never') return
      }
      running = undefined
      await restartLater(slot, backOff.next(clock.now()))
    }
  }

  const untilStarted = async (slot: ContainerSlot) => {
    while (!slot.started && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          waiting.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        waiting.add(wake)
        signal.addEventListener('abort', wake)
      })
    }
  }

  /** Sidecars go when what they serve has gone, the last one first. */
  const stopSidecars = async () => {
    ending = true
    const grace = initial.spec.terminationGracePeriodSeconds ?? 30
    for (const slot of inits.filter((entry) => entry.sidecar).reverse()) {
      if (slot.state.running === undefined || terminating || killed) continue
      normal('Killing', `Stopping container ${slot.container.name}`, slot)
      await slot.current?.stop(grace)
    }
  }

  /** Init containers run one after the other; false where one failed for good. */
  const runInits = async (): Promise<boolean> => {
    for (const slot of inits) {
      if (slot.sidecar) {
        guard(runApp(slot, undefined))
        await untilStarted(slot)
        if (terminating || killed) return false
        continue
      }
      const backOff = createBackOff({ immediately: true })
      while (slot.state.terminated?.exitCode !== 0) {
        const running = await pullAndStart(slot)
        publish()
        const code = running === undefined ? 128 : await running.exited
        if (terminating || killed) return false
        if (running !== undefined) finished(slot, code)
        if (code === 0) {
          slot.ready = true
          break
        }
        if (policy === 'Never') return false
        await restartLater(slot, backOff.next(clock.now()))
      }
    }
    return true
  }

  /** Waits until the objects of every volume are there. Models the backoff of pkg/kubelet/volumemanager. */
  const mountVolumes = async () => {
    for (let wait = MOUNT_RETRY_MS; ; wait = Math.min(wait * 2, MOUNT_RETRY_MAX_MS)) {
      const pod = currentPod()
      const problem = pod === undefined ? undefined : mountProblem(pod, sources)
      if (problem === undefined) break
      warning('FailedMount', problem)
      await pause(wait)
    }
    for (const message of notSimulated(initial)) warning('NotSimulated', message)
  }

  const enterNetwork = async () => {
    if (podIP !== undefined) return
    await mountVolumes()
    await pause(SANDBOX_MS)
    while (podIP === undefined) {
      podIP = initial.spec.hostNetwork === true ? options.nodeIP : options.addresses.take()
      if (podIP === undefined) {
        warning(
          'FailedCreatePodSandBox',
          `Failed to create pod sandbox: plugin type="host-local" failed (add): failed to allocate for range 0: no IP addresses available in range set: ${POD_RANGE}`,
        )
        await pause(10_000)
      }
    }
    publish()
  }

  const run = async () => {
    publish()
    await enterNetwork()
    if (!(await runInits())) {
      publish()
      return
    }
    await Promise.all(apps.map((slot) => runApp(slot, undefined)))
    await stopSidecars()
    if (!terminating && !killed) publish()
  }

  /** Starts again what ran when the cluster was saved, without touching the object. */
  const resume = async () => {
    if (podIP === undefined) return run()
    const pod = currentPod()
    if (pod === undefined) return undefined
    const phase = pod.status?.phase
    if (phase === 'Succeeded' || phase === 'Failed') return undefined
    if (!inits.every(isInitialized)) return run()
    const startAgain = async (slot: ContainerSlot) => {
      if (slot.state.running === undefined) {
        if (slot.state.terminated !== undefined && policy !== 'Always') return undefined
        return runApp(slot, undefined)
      }
      const files = options.files?.[slot.container.name]
      // The runtime is a new one: the image has to be there again.
      await runtime.pullImage(slot.container.image)
      let config: ContainerConfig
      try {
        config = containerConfig(slot.container, pod, sources)
      } catch (error) {
        if (!(error instanceof ContainerConfigError)) throw error
        return runApp(slot, undefined)
      }
      slot.current = runtime.startContainer(pod, config.container, {
        mounts: config.mounts,
        ...(files === undefined ? {} : { files }),
      })
      return runApp(slot, slot.current)
    }
    for (const slot of inits.filter((entry) => entry.sidecar)) guard(startAgain(slot))
    await Promise.all(apps.map(startAgain))
    await stopSidecars()
    if (!terminating && !killed) publish()
    return undefined
  }

  const stopContainers = async (graceSeconds: number) => {
    await Promise.all(
      slots.map(async (slot) => {
        const running = slot.state.running === undefined ? undefined : slot.current
        if (running === undefined) return
        normal('Killing', `Stopping container ${slot.container.name}`, slot)
        await running.stop(graceSeconds)
        const code = await running.exited
        slot.ready = false
        const { startedAt } = slot.state.running ?? {}
        slot.state = {
          terminated: {
            exitCode: code,
            reason: code === 0 ? 'Completed' : 'Error',
            ...(startedAt === undefined ? {} : { startedAt }),
            finishedAt: timeText(clock.now()),
            containerID: slot.containerID,
          },
        }
      }),
    )
  }

  guard(resumed ? resume() : run())

  return {
    uid,
    slot: (container) => slots.find((slot) => slot.container.name === container),
    files: () =>
      Object.fromEntries(
        slots.flatMap((slot) => {
          const files = slot.state.running === undefined ? {} : (slot.current?.changedFiles() ?? {})
          return Object.keys(files).length === 0 ? [] : [[slot.container.name, files]]
        }),
      ),
    terminate(graceSeconds) {
      if (terminating || killed) return
      terminating = true
      stopped.abort()
      guard(
        stopContainers(graceSeconds).then(() => {
          const pod = currentPod()
          if (pod === undefined || killed) return
          publish()
          objects.delete('Pod', namespace, name, { gracePeriodSeconds: 0, uid })
        }),
      )
    },
    async kill() {
      if (killed) return
      killed = true
      stopped.abort()
      const running = slots.filter((slot) => slot.state.running !== undefined)
      await Promise.all(running.map((slot) => slot.current?.stop(0))).catch(options.onDefect)
    },
  }
}
