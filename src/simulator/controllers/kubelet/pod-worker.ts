import type { ContainerStatus, Pod } from '../../../kube/objects.ts'
import { type ContainerRuntime, ExecError, type RunningContainer } from '../../ports.ts'
import { type ControllerContext, timeText } from '../controller.ts'
import type { EventText } from '../event-recorder.ts'
import type { AddressPool } from './address-pool.ts'
import { createBackOff, goMilliseconds, goSeconds } from './back-off.ts'
import { type ContainerSlot, createSlot } from './container-slot.ts'
import { podStatusOf } from './pod-status.ts'
import { isReadyAfter, type NodeProbe, watchReadiness } from './readiness.ts'

/** Changed files of a pod's containers, by container name. */
export type PodFiles = Readonly<Record<string, Readonly<Record<string, string | null>>>>

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

/** Times on the clock, in milliseconds: as a quick node, so that nobody waits. */
const SANDBOX_MS = 3
const PULL_MS = 5
const START_MS = 2

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

  /** Pulls until the image is there: ErrImagePull and ImagePullBackOff in turn. */
  const pull = async (slot: ContainerSlot) => {
    const { image, imagePullPolicy } = slot.container
    const backOff = createBackOff({ immediately: false })
    while (true) {
      const present = options.images.has(image)
      const started = clock.now()
      if (imagePullPolicy !== 'Never' && (imagePullPolicy === 'Always' || !present)) {
        normal('Pulling', `Pulling image ${JSON.stringify(image)}`, slot)
        await pause(PULL_MS)
      }
      const result = await runtime.pullImage(image)
      signal.throwIfAborted()
      if (result.ok) {
        slot.imageID = result.imageID
        options.images.add(image)
        if (present && imagePullPolicy !== 'Always') {
          normal(
            'Pulled',
            `Container image ${JSON.stringify(image)} already present on machine`,
            slot,
          )
        } else {
          const took = goMilliseconds(clock.now() - started)
          const size =
            result.sizeBytes === undefined ? '' : ` Image size: ${result.sizeBytes} bytes.`
          normal(
            'Pulled',
            `Successfully pulled image ${JSON.stringify(image)} in ${took} (${took} including waiting).${size}`,
            slot,
          )
        }
        return
      }
      slot.state = { waiting: { reason: result.reason, message: result.message } }
      publish()
      if (result.reason === 'InvalidImageName') {
        warning(
          'InspectFailed',
          `Failed to apply default image tag ${JSON.stringify(image)}: ${result.message}`,
          slot,
        )
      } else {
        warning('Failed', `Failed to pull image ${JSON.stringify(image)}: ${result.message}`, slot)
      }
      warning('Failed', `Error: ${result.reason}`, slot)
      const wait = backOff.next(clock.now())
      if (result.reason !== 'InvalidImageName') {
        // The kubelet looks again about a second later and finds itself in the back-off.
        await pause(1000)
        normal('BackOff', `Back-off pulling image ${JSON.stringify(image)}`, slot)
        warning('Failed', 'Error: ImagePullBackOff', slot)
        slot.state = {
          waiting: {
            reason: 'ImagePullBackOff',
            message: `Back-off pulling image ${JSON.stringify(image)}: ErrImagePull: ${result.message}`,
          },
        }
        publish()
      }
      await pause(wait)
    }
  }

  /** Starts a container; `undefined` where its program cannot be started. */
  const start = async (slot: ContainerSlot): Promise<RunningContainer | undefined> => {
    const pod = currentPod()
    if (pod === undefined) return undefined
    await pause(START_MS)
    const startedAt = timeText(clock.now())
    const { name: container } = slot.container
    normal('Created', `Created container: ${container}`, slot)
    try {
      const files =
        slot.restartCount === 0 && slot.previous === undefined
          ? options.files?.[container]
          : undefined
      const running = runtime.startContainer(
        pod,
        slot.container,
        files === undefined ? {} : { files },
      )
      slot.current = running
      slot.containerID = running.containerID
      slot.state = { running: { startedAt } }
      normal('Started', `Started container ${container}`, slot)
      return running
    } catch (error) {
      if (!(error instanceof ExecError)) throw error
      warning('Failed', `Error: ${error.message}`, slot)
      slot.lastState = {
        terminated: {
          exitCode: 128,
          reason: 'StartError',
          message: error.message,
          startedAt: '1970-01-01T00:00:00Z',
          finishedAt: startedAt,
        },
      }
      slot.state =
        policy === 'Never'
          ? {
              terminated: {
                exitCode: 128,
                reason: 'StartError',
                message: error.message,
                startedAt,
                finishedAt: startedAt,
              },
            }
          : { waiting: { reason: 'RunContainerError', message: error.message } }
      return undefined
    }
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

  /** Runs one container until it may not run again. `adopted` runs already. */
  const runApp = async (slot: ContainerSlot, adopted: RunningContainer | undefined) => {
    const backOff = createBackOff({ immediately: true })
    let running = adopted
    while (true) {
      if (running === undefined) {
        await pull(slot)
        running = await start(slot)
      }
      if (running !== undefined) {
        const stopProbing = watchReadiness(slot, running, {
          clock,
          pod: () => currentPod(),
          probe: options.probe,
          onChange: publish,
          onUnhealthy: (message) => warning('Unhealthy', message, slot),
        })
        slot.ready = adopted === running ? slot.ready : isReadyAfter(slot.container)
        if (adopted !== running) publish()
        const code = await running.exited
        stopProbing()
        if (terminating || killed) return
        finished(slot, code)
        if (policy === 'Never' || (policy === 'OnFailure' && code === 0)) return
      } else {
        publish()
        if (policy === 'Never') return
      }
      running = undefined
      await restartLater(slot, backOff.next(clock.now()))
    }
  }

  /** Init containers run one after the other; false where one failed for good. */
  const runInits = async (): Promise<boolean> => {
    for (const slot of inits) {
      const backOff = createBackOff({ immediately: true })
      while (slot.state.terminated?.exitCode !== 0) {
        await pull(slot)
        const running = await start(slot)
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

  const enterNetwork = async () => {
    if (podIP !== undefined) return
    await pause(SANDBOX_MS)
    while (podIP === undefined) {
      podIP = initial.spec.hostNetwork === true ? options.nodeIP : options.addresses.take()
      if (podIP === undefined) {
        warning(
          'FailedCreatePodSandBox',
          'Failed to create pod sandbox: plugin type="host-local" failed (add): failed to allocate for range 0: no IP addresses available in range set: 10.244.0.1-10.244.0.254',
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
    if (!terminating && !killed) publish()
  }

  /** Starts again what ran when the cluster was saved, without touching the object. */
  const resume = async () => {
    if (podIP === undefined) return run()
    const pod = currentPod()
    if (pod === undefined) return undefined
    const phase = pod.status?.phase
    if (phase === 'Succeeded' || phase === 'Failed') return undefined
    if (inits.some((slot) => slot.state.terminated?.exitCode !== 0)) return run()
    await Promise.all(
      apps.map(async (slot) => {
        if (slot.state.running === undefined) {
          if (slot.state.terminated !== undefined && policy !== 'Always') return undefined
          return runApp(slot, undefined)
        }
        const files = options.files?.[slot.container.name]
        // The runtime is a new one: the image has to be there again.
        await runtime.pullImage(slot.container.image)
        slot.current = runtime.startContainer(
          pod,
          slot.container,
          files === undefined ? {} : { files },
        )
        return runApp(slot, slot.current)
      }),
    )
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

  const guard = (work: Promise<unknown>) => {
    work.catch((error: unknown) => {
      // Being stopped ends every wait; that is no defect.
      if (!signal.aborted) options.onDefect(error)
    })
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
