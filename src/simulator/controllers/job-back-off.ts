import type { Pod } from '../../kube/objects.ts'
import { isFinished } from './pod-facts.ts'

/** How long a job waits before it replaces a pod that failed; twice as long after each one more. */
const FIRST_MS = 10_000
const LAST_MS = 600_000

/** How long the pods that failed since the last success keep their places empty, in milliseconds; not for ever. */
export function backOffMs(pods: readonly Pod[], now: number): number {
  const ends = pods.filter(isFinished).map((pod) => ({
    failed: pod.status?.phase === 'Failed',
    time: endOf(pod),
  }))
  const lastSuccess = Math.max(0, ...ends.filter((end) => !end.failed).map((end) => end.time))
  const since = ends.filter((end) => end.failed && end.time > lastSuccess)
  if (since.length === 0) return 0
  return Math.max(...since.map((end) => end.time)) + delayMs(since.length) - now
}

/** The same for the one pod that an index had last, which was not the first one to fail there. */
export function indexBackOffMs(last: Pod, failures: number, now: number): number {
  return endOf(last) + delayMs(failures) - now
}

function delayMs(failures: number): number {
  return Math.min(FIRST_MS * 2 ** (failures - 1), LAST_MS)
}

function endOf(pod: Pod): number {
  const at = (pod.status?.containerStatuses ?? [])
    .map((entry) => Date.parse(entry.state?.terminated?.finishedAt ?? ''))
    .filter((time) => !Number.isNaN(time))
  return Math.max(...at, Date.parse(pod.metadata.creationTimestamp ?? '') || 0)
}
