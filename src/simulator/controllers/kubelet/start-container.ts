import { ExecError, type RunningContainer } from '../../ports.ts'
import { timeText } from '../controller.ts'
import type { ContainerNode } from './container-node.ts'
import type { ContainerSlot } from './container-slot.ts'

/** How long a start takes on the clock, in milliseconds. */
const START_MS = 2

/** Starts a container; `undefined` where its program cannot be started. */
export async function startContainer(
  slot: ContainerSlot,
  node: ContainerNode,
): Promise<RunningContainer | undefined> {
  const { clock, runtime, pause, normal, warning } = node
  const policy = node.restartPolicy
  const pod = node.currentPod()
  if (pod === undefined) return undefined
  await pause(START_MS)
  const startedAt = timeText(clock.now())
  const { name: container } = slot.container
  normal('Created', `Created container: ${container}`, slot)
  try {
    const files =
      slot.restartCount === 0 && slot.previous === undefined ? node.files?.[container] : undefined
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
