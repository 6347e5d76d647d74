import type { Container, ContainerState, ContainerStatus } from '../../../kube/objects.ts'
import type { RunningContainer } from '../../ports.ts'
import { timeText } from '../controller.ts'

/** One container of a pod on the node: what runs, and what its status says. */
export interface ContainerSlot {
  readonly container: Container
  readonly init: boolean
  /** An init container that goes on running beside the others (`restartPolicy: Always`). */
  readonly sidecar: boolean
  /** Added to the running pod, and never started again. */
  readonly ephemeral: boolean
  state: ContainerState
  lastState: ContainerState
  ready: boolean
  /** It has a process, and its hook after the start is not through. */
  starting: boolean
  /** The startup probe has passed, or there is none. */
  started: boolean
  restartCount: number
  imageID: string
  containerID: string
  current?: RunningContainer
  previous?: RunningContainer
}

export function createSlot(
  container: Container,
  kind: 'init' | 'app' | 'ephemeral',
  reason: string,
  saved?: ContainerStatus,
): ContainerSlot {
  const init = kind === 'init'
  return {
    container,
    init,
    ephemeral: kind === 'ephemeral',
    sidecar: init && Reflect.get(container, 'restartPolicy') === 'Always',
    state: saved?.state ?? { waiting: { reason } },
    lastState: saved?.lastState ?? {},
    ready: saved?.ready ?? false,
    starting: false,
    started: saved?.started ?? false,
    restartCount: saved?.restartCount ?? 0,
    imageID: saved?.imageID ?? '',
    containerID: saved?.containerID ?? '',
  }
}

/** Whether the containers after an init container may start. */
export function isInitialized(slot: ContainerSlot): boolean {
  return slot.sidecar ? slot.started : slot.state.terminated?.exitCode === 0
}

/** The entry of `status.containerStatuses`. */
export function statusOf(slot: ContainerSlot): ContainerStatus {
  const { state, lastState } = slot
  return {
    name: slot.container.name,
    state,
    lastState,
    ready: slot.ready,
    restartCount: slot.restartCount,
    image: slot.imageID === '' ? slot.container.image : canonicalImage(slot.container.image),
    imageID: slot.imageID,
    ...(slot.containerID === '' ? {} : { containerID: slot.containerID }),
    ...(slot.ephemeral ? {} : { started: state.running !== undefined && slot.started }),
  }
}

/** What is said of a container that has ended, with its last words. Times in milliseconds. */
export function terminatedState(
  slot: ContainerSlot,
  exitCode: number,
  startedAt: string | undefined,
  now: number,
): NonNullable<ContainerState['terminated']> {
  const { terminationMessagePolicy: policy } = slot.container
  const fallback = policy === 'FallbackToLogsOnError' && exitCode !== 0
  const message = slot.current?.lastWords({ orLog: fallback }) ?? ''
  return {
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    ...(message === '' ? {} : { message }),
    ...(startedAt === undefined ? {} : { startedAt }),
    finishedAt: timeText(now),
    ...(slot.containerID === '' ? {} : { containerID: slot.containerID }),
  }
}

/** `nginx` → `docker.io/library/nginx:latest`, as containerd names it. */
export function canonicalImage(image: string): string {
  const slash = image.indexOf('/')
  const host = slash === -1 ? '' : image.slice(0, slash)
  const named = /[.:]/.test(host) || host === 'localhost'
  const full = named ? image : `docker.io/${slash === -1 ? `library/${image}` : image}`
  return /[:@][^/]*$/.test(full.slice(full.lastIndexOf('/'))) ? full : `${full}:latest`
}
