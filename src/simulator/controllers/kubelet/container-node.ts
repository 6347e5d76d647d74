import type { Clock } from '../../../base/clock.ts'
import type { Pod } from '../../../kube/objects.ts'
import type { ContainerRuntime, NodeProbe, RunningContainer } from '../../ports.ts'
import type { ContainerSlot } from './container-slot.ts'
import type { PullQueue } from './pull-queue.ts'
import type { VolumeSources } from './volume-content.ts'
import type { PodVolumes } from './volumes.ts'

/** Changed files of a pod's containers and volumes, by container name; volumes as `volumes/NAME`. */
export type PodFiles = Readonly<Record<string, Readonly<Record<string, string | null>>>>

/** What the steps of one pod share: the node's runtime and images, and how the pod's state is told. */
export interface ContainerNode {
  readonly clock: Clock
  readonly runtime: ContainerRuntime
  /** Images that are on the node. */
  readonly images: Set<string>
  /** Whose turn it is to pull one. */
  readonly pulls: PullQueue
  readonly restartPolicy: string
  readonly probe: NodeProbe | undefined
  /** Files to start the containers with, of a cluster that is opened again. */
  readonly files: PodFiles | undefined
  /** Aborts when the pod is stopped. Made when it is asked for: `throwIfStopped` weighs nothing. */
  readonly signal: AbortSignal
  /** What variables and volumes refer to. */
  readonly sources: VolumeSources
  readonly volumes: PodVolumes
  /** The object, or `undefined` when it is gone. */
  currentPod(): Pod | undefined
  /** A container of the pod that runs now. */
  running(name: string): RunningContainer | undefined
  /** Throws where the pod was stopped. */
  throwIfStopped(): void
  /** Waits on the clock; rejects when the pod is stopped. */
  pause(ms: number): Promise<void>
  /** Writes the status down. */
  publish(): void
  normal(reason: string, message: string, slot?: ContainerSlot): void
  warning(reason: string, message: string, slot?: ContainerSlot): void
}
