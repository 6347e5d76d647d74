import type { ContainerStatus, Pod, PodSpec } from '../../../kube/objects.ts'
import type { ContainerRuntime, NodeProbe, RunningContainer } from '../../ports.ts'
import { type ControllerContext, timeText } from '../controller.ts'
import type { EventText } from '../event-recorder.ts'
import { type AddressPool, POD_RANGE } from './address-pool.ts'
import { type BackOff, createBackOff, goSeconds } from './back-off.ts'
import { ContainerConfigError } from './container-environment.ts'
import type { ContainerNode, PodFiles } from './container-node.ts'
import { type ContainerSlot, createSlot, isInitialized, terminatedState } from './container-slot.ts'
import { stopWithHook } from './life-hooks.ts'
import { podStatusOf } from './pod-status.ts'
import { hasProbes, isReadyAfter, isStartedAfter, watchProbes } from './probes.ts'
import { pullImage } from './pull-image.ts'
import type { PullQueue } from './pull-queue.ts'
import { type ContainerConfig, containerConfig, startContainer } from './start-container.ts'
import type { VolumeSources } from './volume-content.ts'
import { notSimulated, PodVolumes } from './volumes.ts'

/** What the pods of a node share. */
export interface NodeContext extends ControllerContext {
  readonly runtime: ContainerRuntime
  readonly addresses: AddressPool
  readonly nodeIP: string
  /** Images that are on the node. */
  readonly images: Set<string>
  readonly pulls: PullQueue
  readonly probe: NodeProbe | undefined
  readonly sources: VolumeSources
}

/** How long a sandbox takes on the clock, in milliseconds: a quick node, so that nobody waits. */
const SANDBOX_MS = 3

/** How long the kubelet waits before it looks again for what a container's spec refers to, and at first for a volume's. */
const CONFIG_RETRY_MS = 10_000
const MOUNT_RETRY_MS = 500
const MOUNT_RETRY_MAX_MS = 122_000

/** Whether there is a process to be stopped. */
function isUp({ state, starting }: ContainerSlot): boolean {
  return state.running !== undefined || starting
}

/** What is said of a container that nobody knows any more: models convertStatusToAPIStatus of pkg/kubelet/kubelet_pods.go. */
const LOST = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was terminated',
}

/** The pod was stopped: rejects what its steps wait for. */
class PodStopped extends Error {
  override readonly name = 'PodStopped'
}

/**
 * One pod on the node, from its placement to its end. There may be thousands: what a pod needs only while something happens is made then.
 */
export class PodWorker implements ContainerNode {
  readonly uid: string
  readonly volumes: PodVolumes
  readonly files: PodFiles | undefined
  private readonly context: NodeContext
  private readonly namespace: string
  private readonly name: string
  private readonly spec: PodSpec
  private readonly startTime: string
  private readonly inits: readonly ContainerSlot[]
  private readonly apps: readonly ContainerSlot[]
  /** Those that were added to the running pod. */
  private ephemeral: readonly ContainerSlot[] = []
  private podIP: string | undefined
  private terminating = false
  private killed = false
  /** The pod's own containers have ended, so its sidecars may. */
  private ending = false
  /** Nothing is started any more. */
  private over = false
  /** Who is told of each new status. */
  private waiting: Set<() => void> | undefined
  /** What ends each wait on the clock. */
  private pauses: Set<() => void> | undefined
  private controller: AbortController | undefined

  /** @param files to start the containers with, of a cluster that is opened again */
  constructor(pod: Pod, context: NodeContext, files: PodFiles | undefined) {
    this.context = context
    this.files = files
    const { metadata, spec, status } = pod
    this.namespace = metadata.namespace ?? 'default'
    this.name = metadata.name
    this.uid = metadata.uid ?? ''
    this.spec = spec
    this.startTime = status?.startTime ?? timeText(context.clock.now())
    this.podIP = status?.podIP
    this.inits = (spec.initContainers ?? []).map((container) =>
      createSlot(container, 'init', 'PodInitializing', savedOf(pod, container.name)),
    )
    this.apps = spec.containers.map((container) =>
      createSlot(container, 'app', this.firstReason, savedOf(pod, container.name)),
    )
    this.volumes = new PodVolumes({ runtime: this.runtime, sources: this.sources, saved: files })
    this.update(pod)
    this.guard(status?.startTime === undefined ? this.run() : this.resume())
  }

  get clock() {
    return this.context.clock
  }
  get runtime() {
    return this.context.runtime
  }
  get images() {
    return this.context.images
  }
  get pulls() {
    return this.context.pulls
  }
  get probe() {
    return this.context.probe
  }
  get sources() {
    return this.context.sources
  }
  get restartPolicy() {
    return this.spec.restartPolicy ?? 'Always'
  }
  get stopped(): boolean {
    return this.terminating || this.killed
  }
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController()
      if (this.stopped) this.controller.abort(new PodStopped())
    }
    return this.controller.signal
  }

  slot(name: string): ContainerSlot | undefined {
    return this.slots.find((slot) => slot.container.name === name)
  }

  /** Files that its containers changed, and what its volumes hold. */
  changedFiles(): PodFiles {
    return {
      ...this.volumes.files(),
      ...Object.fromEntries(
        this.slots.flatMap((slot) => {
          const files = slot.state.running === undefined ? {} : (slot.current?.changedFiles() ?? {})
          return Object.keys(files).length === 0 ? [] : [[slot.container.name, files]]
        }),
      ),
    }
  }

  /** The object is another one: starts the ephemeral containers that are new in it, as soon as the pod has its network. */
  update(pod: Pod): void {
    for (const container of pod.spec.ephemeralContainers ?? []) {
      if (this.slot(container.name) !== undefined) continue
      const saved = savedOf(pod, container.name)
      const slot = createSlot(container, 'ephemeral', this.firstReason, saved)
      this.ephemeral = [...this.ephemeral, slot]
      if (slot.state.running !== undefined) {
        slot.state = { terminated: LOST }
        this.publish()
      }
      if (saved === undefined && this.podIP !== undefined && !this.stopped && !this.over) {
        this.guard(this.runEphemeral(slot))
      }
    }
  }

  /** The pod was deleted: stops its containers within the grace period, then lets the object go. */
  terminate(graceSeconds: number): void {
    if (this.stopped) return
    this.terminating = true
    this.endWaits()
    this.guard(this.leave(graceSeconds))
  }

  /** The object is gone, or the cluster closes: ends everything at once and without a word. */
  async kill(): Promise<void> {
    if (this.killed) return
    this.killed = true
    this.endWaits()
    const running = this.slots.filter(isUp)
    await Promise.all(running.map((slot) => slot.current?.stop(0))).catch(this.context.onDefect)
  }

  currentPod(): Pod | undefined {
    const pod = this.context.objects.get('Pod', this.namespace, this.name)
    return pod?.metadata.uid === this.uid ? pod : undefined
  }

  running(name: string): RunningContainer | undefined {
    const slot = this.slot(name)
    return slot?.state.running === undefined ? undefined : slot.current
  }

  pause(ms: number): Promise<void> {
    if (this.stopped) return Promise.reject(new PodStopped())
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(ms, () => {
        this.forgetPause(stop)
        resolve()
      })
      const stop = () => {
        cancel()
        reject(new PodStopped())
      }
      this.pauses ??= new Set()
      this.pauses.add(stop)
    })
  }

  throwIfStopped(): void {
    if (this.stopped) throw new PodStopped()
  }

  publish(ended = false): void {
    const pod = this.currentPod()
    if (pod === undefined || this.killed) return
    const status = podStatusOf({
      pod,
      slots: this.slots,
      hostIP: this.context.nodeIP,
      podIP: this.podIP,
      startTime: this.startTime,
      now: timeText(this.clock.now()),
      ended,
    })
    this.context.objects.updateStatus('Pod', { ...pod, status })
    for (const wake of [...(this.waiting ?? [])]) wake()
  }

  normal(reason: string, message: string, slot?: ContainerSlot): void {
    this.record({ type: 'Normal', reason, message }, slot)
  }

  warning(reason: string, message: string, slot?: ContainerSlot): void {
    this.record({ type: 'Warning', reason, message }, slot)
  }

  private get slots(): readonly ContainerSlot[] {
    return [...this.inits, ...this.apps, ...this.ephemeral]
  }

  private get sidecars(): readonly ContainerSlot[] {
    return this.inits.filter((slot) => slot.sidecar)
  }

  /** Why a container waits at first. */
  private get firstReason(): string {
    return (this.spec.initContainers ?? []).length > 0 ? 'PodInitializing' : 'ContainerCreating'
  }

  private get graceSeconds(): number {
    return this.spec.terminationGracePeriodSeconds ?? 30
  }

  private record(text: EventText, slot: ContainerSlot | undefined): void {
    const pod = this.currentPod()
    if (pod === undefined) return
    const list = slot?.ephemeral
      ? 'ephemeralContainers'
      : slot?.init
        ? 'initContainers'
        : 'containers'
    this.context.events.record('kubelet', pod, {
      ...text,
      ...(slot === undefined ? {} : { fieldPath: `spec.${list}{${slot.container.name}}` }),
    })
  }

  private endWaits(): void {
    this.controller?.abort(new PodStopped())
    for (const stop of [...(this.pauses ?? [])]) stop()
    this.pauses = undefined
    for (const wake of [...(this.waiting ?? [])]) wake()
  }

  private forgetPause(stop: () => void): void {
    this.pauses?.delete(stop)
    if (this.pauses?.size === 0) this.pauses = undefined
  }

  private guard(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      // Being stopped ends every wait; that is no defect.
      if (!this.stopped) this.context.onDefect(error)
    })
  }

  private finished(slot: ContainerSlot, code: number): void {
    const startedAt = slot.state.running?.startedAt
    slot.ready = false
    slot.state = { terminated: terminatedState(slot, code, startedAt, this.clock.now()) }
    this.publish()
  }

  /** Waits out the time before a restart; the first one comes at once. */
  private async restartLater(slot: ContainerSlot, wait: number): Promise<void> {
    const { name: container } = slot.container
    if (slot.state.terminated !== undefined) slot.lastState = { terminated: slot.state.terminated }
    if (wait > 0) {
      const full = `${this.name}_${this.namespace}(${this.uid})`
      this.warning(
        'BackOff',
        `Back-off restarting failed container ${container} in pod ${full}`,
        slot,
      )
      slot.state = {
        waiting: {
          reason: 'CrashLoopBackOff',
          message: `back-off ${goSeconds(wait)} restarting failed container=${container} pod=${full}`,
        },
      }
      this.publish()
      await this.pause(wait)
    }
    slot.restartCount += 1
    if (slot.current !== undefined) slot.previous = slot.current
  }

  /** Pulls the image and starts the container, and waits for what its spec refers to, as the kubelet's sync loop does. */
  private async pullAndStart(slot: ContainerSlot): Promise<RunningContainer | undefined> {
    while (true) {
      await pullImage(slot, this)
      const running = await startContainer(slot, this)
      if (running !== 'not-configured') return running
      this.publish()
      await this.pause(CONFIG_RETRY_MS)
    }
  }

  /** A probe has failed too often: the container is stopped, and started again where the pod's policy says so. */
  private stopUnhealthy(
    slot: ContainerSlot,
    running: RunningContainer,
    why: string,
    graceSeconds = this.graceSeconds,
  ): void {
    const next = this.restartPolicy === 'Never' && !slot.sidecar ? '' : ', will be restarted'
    this.normal('Killing', `Container ${slot.container.name} ${why}${next}`, slot)
    this.stopOne(slot, running, graceSeconds).catch(this.context.onDefect)
  }

  /** Starts what asks the container how it is; nothing where nobody asks. Gives what ends it. */
  private watch(slot: ContainerSlot, running: RunningContainer): (() => void) | undefined {
    if (!hasProbes(slot.container)) return undefined
    return watchProbes(slot, running, {
      clock: this.clock,
      pod: () => this.currentPod(),
      probe: this.probe,
      onChange: () => this.publish(),
      warn: (reason, message) => this.warning(reason, message, slot),
      onFailed: (why, grace) => this.stopUnhealthy(slot, running, why, grace),
    })
  }

  /** Runs one container until it may not run again. `adopted` runs already. */
  private async runApp(slot: ContainerSlot, adopted?: RunningContainer): Promise<void> {
    const again = slot.sidecar ? 'Always' : this.restartPolicy
    let backOff: BackOff | undefined
    let running = adopted
    while (true) {
      if (running === undefined) running = await this.pullAndStart(slot)
      if (running !== undefined) {
        const stopProbing = this.watch(slot, running)
        if (adopted !== running) {
          slot.started = isStartedAfter(slot.container)
          slot.ready = isReadyAfter(slot.container)
          this.publish()
        }
        const code = await running.exited
        stopProbing?.()
        if (this.stopped) return
        this.finished(slot, code)
        if (slot.sidecar && this.ending) return
        if (again === 'Never' || (again === 'OnFailure' && code === 0)) return
      } else {
        this.publish()
        if (again === 'Never') return
      }
      running = undefined
      backOff ??= createBackOff({ immediately: true })
      await this.restartLater(slot, backOff.next(this.clock.now()))
    }
  }

  private async untilStarted(slot: ContainerSlot): Promise<void> {
    while (!slot.started && !this.stopped) {
      await new Promise<void>((resolve) => {
        this.waiting ??= new Set()
        const { waiting } = this
        const wake = () => {
          waiting.delete(wake)
          resolve()
        }
        waiting.add(wake)
      })
    }
  }

  /** Stops containers one after the other because the pod has ended. */
  private async stopInTurn(slots: readonly ContainerSlot[]): Promise<void> {
    for (const slot of slots) {
      if (slot.state.running === undefined || this.stopped) continue
      this.normal('Killing', `Stopping container ${slot.container.name}`, slot)
      if (slot.current !== undefined) await this.stopOne(slot, slot.current, this.graceSeconds)
    }
  }

  /** Sidecars go when what they serve has gone, the last one first; and who was added, since nobody looks any more. */
  private async end(): Promise<void> {
    this.ending = true
    await this.stopInTurn([...this.sidecars].reverse())
    this.over = true
    await this.stopInTurn(this.ephemeral)
    if (!this.stopped) this.publish()
  }

  /** Init containers run one after the other; false where one failed for good. */
  private async runInits(): Promise<boolean> {
    for (const slot of this.inits) {
      if (slot.sidecar) {
        this.guard(this.runApp(slot))
        await this.untilStarted(slot)
        if (this.stopped) return false
        continue
      }
      const backOff = createBackOff({ immediately: true })
      while (slot.state.terminated?.exitCode !== 0) {
        const running = await this.pullAndStart(slot)
        this.publish()
        const code = running === undefined ? 128 : await running.exited
        if (this.stopped) return false
        if (running !== undefined) this.finished(slot, code)
        if (code === 0) {
          slot.ready = true
          break
        }
        if (this.restartPolicy === 'Never') return false
        await this.restartLater(slot, backOff.next(this.clock.now()))
      }
    }
    return true
  }

  /** Runs an ephemeral container, once. */
  private async runEphemeral(slot: ContainerSlot): Promise<void> {
    const running = await this.pullAndStart(slot)
    this.publish()
    if (running === undefined) return
    const code = await running.exited
    if (!this.stopped) this.finished(slot, code)
  }

  /** Waits until the objects of every volume are there. Models the backoff of pkg/kubelet/volumemanager. */
  private async mountVolumes(): Promise<void> {
    for (let wait = MOUNT_RETRY_MS; ; wait = Math.min(wait * 2, MOUNT_RETRY_MAX_MS)) {
      const pod = this.currentPod()
      const problems = pod === undefined ? [] : this.volumes.setUp(pod)
      if (problems.length === 0) break
      for (const problem of problems) this.warning('FailedMount', problem)
      await this.pause(wait)
    }
    for (const message of notSimulated(this.spec)) this.warning('NotSimulated', message)
  }

  private async enterNetwork(): Promise<void> {
    if (this.podIP !== undefined) return
    const { nodeIP, addresses } = this.context
    await this.mountVolumes()
    await this.pause(SANDBOX_MS)
    while (this.podIP === undefined) {
      this.podIP = this.spec.hostNetwork === true ? nodeIP : addresses.take()
      if (this.podIP === undefined) {
        this.warning(
          'FailedCreatePodSandBox',
          `Failed to create pod sandbox: plugin type="host-local" failed (add): failed to allocate for range 0: no IP addresses available in range set: ${POD_RANGE}`,
        )
        await this.pause(10_000)
      }
    }
    this.publish()
    for (const slot of this.ephemeral) this.guard(this.runEphemeral(slot))
  }

  private async run(): Promise<void> {
    this.publish()
    await this.enterNetwork()
    if (!(await this.runInits())) {
      this.publish()
      return
    }
    await Promise.all(this.apps.map((slot) => this.runApp(slot)))
    await this.end()
  }

  /** Starts again what ran when the cluster was saved, without touching the object. */
  private async resume(): Promise<void> {
    if (this.podIP === undefined) return this.run()
    const pod = this.currentPod()
    if (pod === undefined) return
    if (this.volumes.setUp(pod).length > 0) await this.mountVolumes()
    const phase = pod.status?.phase
    if (phase === 'Succeeded' || phase === 'Failed') return
    if (!this.inits.every(isInitialized)) return this.run()
    for (const slot of this.sidecars) this.guard(this.startAgain(slot, pod))
    await Promise.all(this.apps.map((slot) => this.startAgain(slot, pod)))
    await this.end()
  }

  private async startAgain(slot: ContainerSlot, pod: Pod): Promise<void> {
    if (slot.state.running === undefined) {
      if (slot.state.terminated !== undefined && this.restartPolicy !== 'Always') return
      return this.runApp(slot)
    }
    const files = this.files?.[slot.container.name]
    // The runtime is a new one: the image has to be there again.
    await this.runtime.pullImage(slot.container.image)
    let config: ContainerConfig
    try {
      config = containerConfig(slot.container, pod, this)
    } catch (error) {
      if (!(error instanceof ContainerConfigError)) throw error
      return this.runApp(slot)
    }
    slot.current = this.runtime.startContainer(pod, config.container, {
      mounts: config.mounts,
      ...(files === undefined ? {} : { files }),
    })
    return this.runApp(slot, slot.current)
  }

  /** Stops a container as the kubelet does: the hook before the end first, then the signals. */
  private stopOne(
    slot: ContainerSlot,
    running: RunningContainer,
    graceSeconds: number,
  ): Promise<void> {
    const { container } = slot
    const { clock, probe } = this
    const podIP = this.currentPod()?.status?.podIP ?? this.podIP
    const pod = { namespace: this.namespace, name: this.name, uid: this.uid, podIP }
    return stopWithHook({ pod, container, running, clock, probe }, graceSeconds, () =>
      this.warning('FailedPreStopHook', 'PreStopHook failed', slot),
    )
  }

  /** Its own containers first and all at once, then the sidecars, the last one first, in what is left of the time. */
  private async leave(graceSeconds: number): Promise<void> {
    const startedMs = this.clock.now()
    await this.stopTogether(
      this.slots.filter((slot) => !slot.sidecar),
      graceSeconds,
    )
    for (const slot of [...this.sidecars].reverse()) {
      const used = (this.clock.now() - startedMs) / 1000
      await this.stopTogether([slot], graceSeconds === 0 ? 0 : Math.max(2, graceSeconds - used))
    }
    const pod = this.currentPod()
    if (pod === undefined || this.killed) return
    this.publish((pod.metadata.finalizers ?? []).length > 0)
    const { objects } = this.context
    objects.delete('Pod', this.namespace, this.name, { gracePeriodSeconds: 0, uid: this.uid })
  }

  private async stopTogether(slots: readonly ContainerSlot[], graceSeconds: number): Promise<void> {
    await Promise.all(
      slots.map(async (slot) => {
        const running = slot.current
        if (running === undefined || !isUp(slot)) return
        this.normal('Killing', `Stopping container ${slot.container.name}`, slot)
        await this.stopOne(slot, running, graceSeconds)
        const code = await running.exited
        slot.starting = false
        slot.ready = false
        const { startedAt } = slot.state.running ?? {}
        slot.state = { terminated: terminatedState(slot, code, startedAt, this.clock.now()) }
      }),
    )
  }
}

function savedOf({ status }: Pod, container: string): ContainerStatus | undefined {
  return [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ].find((entry) => entry.name === container)
}
