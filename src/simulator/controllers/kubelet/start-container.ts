import type { Container, Pod } from '../../../kube/objects.ts'
import { ExecError, type RunningContainer, type VolumeMountPoint } from '../../ports.ts'
import { timeText } from '../controller.ts'
import { ContainerConfigError, environmentOf } from './container-environment.ts'
import type { ContainerNode } from './container-node.ts'
import { type ContainerSlot, terminatedState } from './container-slot.ts'
import { hookOf, runHook, stopWithHook } from './life-hooks.ts'
import { verifyNonRoot } from './run-as-non-root.ts'
import type { VolumeSources } from './volume-content.ts'
import type { PodVolumes } from './volumes.ts'

/** How long a start takes on the clock, in milliseconds. */
const START_MS = 2

/** A container's spec with what it refers to in its place. */
export interface ContainerConfig {
  readonly container: Container
  readonly mounts: readonly VolumeMountPoint[]
}

/** @throws ContainerConfigError where something that it refers to is missing */
export function containerConfig(
  container: Container,
  pod: Pod,
  { sources, volumes }: { readonly sources: VolumeSources; readonly volumes: PodVolumes },
): ContainerConfig {
  const env = environmentOf(container, pod, sources)
  return { container: { ...container, env }, mounts: volumes.mountsOf(container, env) }
}

/**
 * Starts a container; `undefined` where its program cannot be started, `not-configured` where something that its spec refers to is
 * not there yet.
 */
export async function startContainer(
  slot: ContainerSlot,
  node: ContainerNode,
): Promise<RunningContainer | 'not-configured' | undefined> {
  const { clock, runtime } = node
  const policy = node.restartPolicy
  const pod = node.currentPod()
  if (pod === undefined) return undefined
  await node.pause(START_MS)
  let config: ContainerConfig
  let target: RunningContainer | undefined
  try {
    verifyNonRoot(slot.container, pod, runtime.imageUser(slot.container.image))
    target = targetOf(slot, node)
    config = containerConfig(slot.container, pod, node)
  } catch (error) {
    if (!(error instanceof ContainerConfigError)) throw error
    const { message } = error
    slot.state = { waiting: { reason: 'CreateContainerConfigError', message } }
    node.warning('Failed', `Error: ${message}`, slot)
    return 'not-configured'
  }
  const startedAt = timeText(clock.now())
  const { name: container } = slot.container
  node.normal('Created', `Created container: ${container}`, slot)
  try {
    const files =
      slot.restartCount === 0 && slot.previous === undefined ? node.files?.[container] : undefined
    const running = runtime.startContainer(pod, config.container, {
      mounts: config.mounts,
      ...(files === undefined ? {} : { files }),
      ...(target === undefined ? {} : { target }),
    })
    slot.current = running
    slot.containerID = running.containerID
    node.normal('Started', `Started container ${container}`, slot)
    // It stays so where the pod is stopped meanwhile: its process has to be stopped too.
    slot.starting = true
    const problem = await afterStart(slot, running, node, pod)
    slot.starting = false
    if (problem !== undefined) {
      const code = await running.exited
      const terminated = terminatedState(slot, code, startedAt, clock.now())
      slot.lastState = { terminated }
      slot.state =
        policy === 'Never'
          ? { terminated }
          : { waiting: { reason: 'PostStartHookError', message: problem } }
      return undefined
    }
    slot.state = { running: { startedAt } }
    return running
  } catch (error) {
    if (!(error instanceof ExecError)) throw error
    node.warning('Failed', `Error: ${error.message}`, slot)
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

/**
 * The container whose processes an ephemeral one shares. Models getTargetID of pkg/kubelet/kuberuntime.
 * @throws ContainerConfigError where it does not run
 */
function targetOf(slot: ContainerSlot, node: ContainerNode): RunningContainer | undefined {
  const name: unknown = Reflect.get(slot.container, 'targetContainerName')
  if (typeof name !== 'string' || name === '') return undefined
  const target = node.running(name)
  if (target === undefined) {
    throw new ContainerConfigError(`unable to find target container ${name}`)
  }
  return target
}

/** Runs the hook after the start, if there is one; why it failed, where it did and its container had to go for that. */
async function afterStart(
  slot: ContainerSlot,
  running: RunningContainer,
  node: ContainerNode,
  pod: Pod,
): Promise<string | undefined> {
  const { container } = slot
  const hook = hookOf(container, 'postStart')
  if (hook === undefined) return undefined
  node.publish()
  const { clock, probe } = node
  const { namespace = 'default', name, uid = '' } = pod.metadata
  const target = {
    pod: { namespace, name, uid, podIP: pod.status?.podIP },
    container,
    running,
    clock,
    probe,
  }
  const problem = await runHook(hook, { ...target, signal: node.signal })
  node.throwIfStopped()
  if (problem === undefined) return undefined
  node.warning('FailedPostStartHook', 'PostStartHook failed', slot)
  node.normal('Killing', 'FailedPostStartHook', slot)
  await stopWithHook(target, pod.spec.terminationGracePeriodSeconds ?? 30, () =>
    node.warning('FailedPreStopHook', 'PreStopHook failed', slot),
  )
  return problem
}
