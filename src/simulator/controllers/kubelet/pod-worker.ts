import type { ContainerStatus, Pod } from '../../../kube/objects.ts'
import type { ContainerRuntime, NodeProbe, RunningContainer } from '../../ports.ts'
import { type ControllerContext, timeText } from '../controller.ts'
import type { EventText } from '../event-recorder.ts'
import { type AddressPool, POD_RANGE } from './address-pool.ts'
import { createBackOff, goSeconds } from './back-off.ts'
import { ContainerConfigError } from './container-environment.ts'
import type { ContainerNode, PodFiles } from './container-node.ts'
import { type ContainerSlot, createSlot, isInitialized, terminatedState } from './container-slot.ts'
import { stopWithHook } from './life-hooks.ts'
import { podStatusOf } from './pod-status.ts'
import { isReadyAfter, isStartedAfter, watchProbes } from './probes.ts'
import { pullImage } from './pull-image.ts'
import type { PullQueue } from './pull-queue.ts'
import { type ContainerConfig, containerConfig, startContainer } from './start-container.ts'
import type { VolumeSources } from './volume-content.ts'
import { notSimulated, PodVolumes } from './volumes.ts'

export interface PodWorkerOptions extends ControllerContext {
  readonly runtime: ContainerRuntime
  readonly addresses: AddressPool
  readonly nodeIP: string
  /** Images that are on the node. */
  readonly images: Set<string>
  readonly pulls: PullQueue
  readonly probe: NodeProbe | undefined
  /** Files to start the containers with, of a cluster that is opened again. */
  readonly files?: PodFiles
}

/** One pod on the node, from its placement to its end. */
export interface PodWorker {
  readonly uid: string
  slot(name: string): ContainerSlot | undefined
  files(): PodFiles
  /** The object is another one: starts the ephemeral containers that are new in it. */
  update(pod: Pod): void
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

/** Whether there is a process to be stopped: also before the hook after the start is through. */
function isUp({ state, current }: ContainerSlot): boolean {
  return (
    state.running !== undefined ||
    (current !== undefined && state.waiting?.reason === 'ContainerCreating')
  )
}

/** What is said of a container that nobody knows any more: models convertStatusToAPIStatus of pkg/kubelet/kubelet_pods.go. */
const LOST = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was terminated',
}

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
  /** Nothing is started any more. */
  let over = false
  const waiting = new Set<() => void>()

  const savedOf = (container: string): ContainerStatus | undefined =>
    [
      ...(initial.status?.containerStatuses ?? []),
      ...(initial.status?.initContainerStatuses ?? []),
      ...(initial.status?.ephemeralContainerStatuses ?? []),
    ].find((status) => status.name === container)
  const inits = (initial.spec.initContainers ?? []).map((container) =>
    createSlot(container, 'init', 'PodInitializing', savedOf(container.name)),
  )
  const first = inits.length > 0 ? 'PodInitializing' : 'ContainerCreating'
  const apps = initial.spec.containers.map((container) =>
    createSlot(container, 'app', first, savedOf(container.name)),
  )
  const slots = [...inits, ...apps]
  /** How many of the slots are of containers that were there from the start. */
  const ownSlots = slots.length

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
    const list = slot?.ephemeral
      ? 'ephemeralContainers'
      : slot?.init
        ? 'initContainers'
        : 'containers'
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
  const volumes = new PodVolumes({ runtime, sources, saved: options.files })
  const node: ContainerNode = {
    clock,
    sources,
    volumes,
    runtime,
    images: options.images,
    pulls: options.pulls,
    probe: options.probe,
    restartPolicy: policy,
    files: options.files,
    signal,
    currentPod,
    running(container) {
      const slot = slots.find((entry) => entry.container.name === container)
      return slot?.state.running === undefined ? undefined : slot.current
    },
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
    slot.state = { terminated: terminatedState(slot, code, startedAt, clock.now()) }
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
  const stopUnhealthy = (
    slot: ContainerSlot,
    running: RunningContainer,
    why: string,
    graceSeconds = initial.spec.terminationGracePeriodSeconds ?? 30,
  ) => {
    const next = policy === 'Never' && !slot.sidecar ? '' : ', will be restarted'
    normal('Killing', `Container ${slot.container.name} ${why}${next}`, slot)
    stopOne(slot, running, graceSeconds).catch(options.onDefect)
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
          onFailed: (why, grace) => stopUnhealthy(slot, current, why, grace),
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
      if (slot.current !== undefined) await stopOne(slot, slot.current, grace)
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

  /** Runs an ephemeral container, once. */
  const runEphemeral = async (slot: ContainerSlot) => {
    const running = await pullAndStart(slot)
    publish()
    if (running === undefined) return
    const code = await running.exited
    if (!terminating && !killed) finished(slot, code)
  }

  /** Takes up the ephemeral containers of the object that are not known yet; they start as soon as the pod has its network. */
  const addEphemeral = (pod: Pod) => {
    for (const container of pod.spec.ephemeralContainers ?? []) {
      if (slots.some((slot) => slot.container.name === container.name)) continue
      const saved = savedOf(container.name)
      const reason = inits.length > 0 ? 'PodInitializing' : 'ContainerCreating'
      const slot = createSlot(container, 'ephemeral', reason, saved)
      slots.push(slot)
      if (slot.state.running !== undefined) {
        slot.state = { terminated: LOST }
        publish()
      }
      if (saved === undefined && podIP !== undefined && !terminating && !over)
        guard(runEphemeral(slot))
    }
  }

  /** The pod has ended, so nobody looks at it any more. */
  const stopEphemeral = async () => {
    over = true
    for (const slot of slots.slice(ownSlots)) {
      if (slot.state.running === undefined || terminating || killed) continue
      normal('Killing', `Stopping container ${slot.container.name}`, slot)
      const grace = initial.spec.terminationGracePeriodSeconds ?? 30
      if (slot.current !== undefined) await stopOne(slot, slot.current, grace)
    }
  }

  /** Waits until the objects of every volume are there. Models the backoff of pkg/kubelet/volumemanager. */
  const mountVolumes = async () => {
    for (let wait = MOUNT_RETRY_MS; ; wait = Math.min(wait * 2, MOUNT_RETRY_MAX_MS)) {
      const pod = currentPod()
      const problems = pod === undefined ? [] : volumes.setUp(pod)
      if (problems.length === 0) break
      for (const problem of problems) warning('FailedMount', problem)
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
    for (const slot of slots.slice(ownSlots)) guard(runEphemeral(slot))
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
    await stopEphemeral()
    if (!terminating && !killed) publish()
  }

  /** Starts again what ran when the cluster was saved, without touching the object. */
  const resume = async () => {
    if (podIP === undefined) return run()
    const pod = currentPod()
    if (pod === undefined) return undefined
    if (volumes.setUp(pod).length > 0) await mountVolumes()
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
        config = containerConfig(slot.container, pod, node)
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
    await stopEphemeral()
    if (!terminating && !killed) publish()
    return undefined
  }

  /** Stops a container as the kubelet does: the hook before the end first, then the signals. */
  const stopOne = async (slot: ContainerSlot, running: RunningContainer, graceSeconds: number) => {
    const pod = currentPod() ?? initial
    const { container } = slot
    await stopWithHook({ pod, container, running, clock, probe: options.probe }, graceSeconds, () =>
      warning('FailedPreStopHook', 'PreStopHook failed', slot),
    )
  }

  /** Its own containers first and all at once, then the sidecars, the last one first, in what is left of the time. */
  const stopContainers = async (graceSeconds: number) => {
    const startedMs = clock.now()
    await stopTogether(
      slots.filter((slot) => !slot.sidecar),
      graceSeconds,
    )
    for (const slot of inits.filter((entry) => entry.sidecar).reverse()) {
      const used = (clock.now() - startedMs) / 1000
      await stopTogether([slot], graceSeconds === 0 ? 0 : Math.max(2, graceSeconds - used))
    }
  }

  const stopTogether = async (some: readonly ContainerSlot[], graceSeconds: number) => {
    await Promise.all(
      some.map(async (slot) => {
        const running = slot.current
        if (running === undefined || !isUp(slot)) return
        normal('Killing', `Stopping container ${slot.container.name}`, slot)
        await stopOne(slot, running, graceSeconds)
        const code = await running.exited
        slot.ready = false
        const { startedAt } = slot.state.running ?? {}
        slot.state = { terminated: terminatedState(slot, code, startedAt, clock.now()) }
      }),
    )
  }

  addEphemeral(initial)
  guard(resumed ? resume() : run())

  return {
    uid,
    slot: (container) => slots.find((slot) => slot.container.name === container),
    files: () => ({
      ...volumes.files(),
      ...Object.fromEntries(
        slots.flatMap((slot) => {
          const files = slot.state.running === undefined ? {} : (slot.current?.changedFiles() ?? {})
          return Object.keys(files).length === 0 ? [] : [[slot.container.name, files]]
        }),
      ),
    }),
    update: addEphemeral,
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
      const running = slots.filter(isUp)
      await Promise.all(running.map((slot) => slot.current?.stop(0))).catch(options.onDefect)
    },
  }
}
