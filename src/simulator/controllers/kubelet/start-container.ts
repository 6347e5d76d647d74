import type { Container, Pod } from '../../../kube/objects.ts'
import { ExecError, type MountedFolder, type RunningContainer } from '../../ports.ts'
import { timeText } from '../controller.ts'
import { ContainerConfigError, environmentOf } from './container-environment.ts'
import type { ContainerNode } from './container-node.ts'
import type { ContainerSlot } from './container-slot.ts'
import { mountsOf, type VolumeSources } from './volumes.ts'

/** How long a start takes on the clock, in milliseconds. */
const START_MS = 2

/** A container's spec with what it refers to in its place. */
export interface ContainerConfig {
  readonly container: Container
  readonly mounts: readonly MountedFolder[]
}

/** @throws ContainerConfigError where something that it refers to is missing */
export function containerConfig(
  container: Container,
  pod: Pod,
  sources: VolumeSources,
): ContainerConfig {
  return {
    container: { ...container, env: environmentOf(container, pod, sources) },
    mounts: mountsOf(container, pod, sources),
  }
}

/**
 * Starts a container; `undefined` where its program cannot be started, `not-configured` where something that its spec refers to is
 * not there yet.
 */
export async function startContainer(
  slot: ContainerSlot,
  node: ContainerNode,
): Promise<RunningContainer | 'not-configured' | undefined> {
  const { clock, runtime, pause, normal, warning } = node
  const policy = node.restartPolicy
  const pod = node.currentPod()
  if (pod === undefined) return undefined
  await pause(START_MS)
  let config: ContainerConfig
  try {
    config = containerConfig(slot.container, pod, node.sources)
  } catch (error) {
    if (!(error instanceof ContainerConfigError)) throw error
    const { message } = error
    slot.state = { waiting: { reason: 'CreateContainerConfigError', message } }
    warning('Failed', `Error: ${message}`, slot)
    return 'not-configured'
  }
  const startedAt = timeText(clock.now())
  const { name: container } = slot.container
  normal('Created', `Created container: ${container}`, slot)
  try {
    const files =
      slot.restartCount === 0 && slot.previous === undefined ? node.files?.[container] : undefined
    const running = runtime.startContainer(pod, config.container, {
      mounts: config.mounts,
      ...(files === undefined ? {} : { files }),
    })
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
