import type { Clock } from '../../../base/clock.ts'
import type { Container, Pod } from '../../../kube/objects.ts'
import type { NodeProbe, RunningContainer } from '../../ports.ts'
import type { ContainerSlot } from './container-slot.ts'
import { type ProbeAnswer, probeContainer } from './probe-container.ts'

type ProbeName = 'livenessProbe' | 'readinessProbe' | 'startupProbe'
const WORDS: Readonly<Record<ProbeName, string>> = {
  livenessProbe: 'Liveness',
  readinessProbe: 'Readiness',
  startupProbe: 'Startup',
}

export interface ProbeOptions {
  readonly clock: Clock
  readonly pod: () => Pod | undefined
  readonly probe: NodeProbe | undefined
  /** The container became ready, or started, or no longer is. */
  readonly onChange: () => void
  readonly warn: (reason: string, message: string) => void
  /** A probe asks for the container to be stopped: `failed liveness probe`. */
  readonly onFailed: (why: string, graceSeconds: number | undefined) => void
}

/** Whether anybody asks a container how it is. */
export function hasProbes({ startupProbe, readinessProbe, livenessProbe }: Container): boolean {
  return (startupProbe ?? readinessProbe ?? livenessProbe) !== undefined
}

/** Whether a container is ready as soon as it runs. */
export function isReadyAfter(container: Container): boolean {
  return container.readinessProbe === undefined && isStartedAfter(container)
}

/** Whether a container counts as started as soon as it runs. */
export function isStartedAfter(container: Container): boolean {
  return container.startupProbe === undefined
}

/**
 * Runs the probes of a container for as long as it runs: the startup probe first, then the others beside each other. Returns the
 * function that stops them. Models pkg/kubelet/prober.
 */
export function watchProbes(
  slot: ContainerSlot,
  running: RunningContainer,
  options: ProbeOptions,
): () => void {
  const stopped = new AbortController()
  const { signal } = stopped
  const { container } = slot
  const run = async () => {
    if (container.startupProbe !== undefined && slot.started !== true) {
      const passed = await probeUntil('startupProbe', 'passed')
      if (!passed) return
      slot.started = true
      if (container.readinessProbe === undefined) slot.ready = true
      options.onChange()
    }
    await Promise.all([watchReadiness(), watchLiveness()])
  }
  const watchReadiness = async () => {
    if (container.readinessProbe === undefined) return
    await probeUntil('readinessProbe', 'never', (ready) => {
      if (ready === slot.ready) return
      slot.ready = ready
      options.onChange()
    })
  }
  const watchLiveness = async () => {
    if (container.livenessProbe !== undefined) await probeUntil('livenessProbe', 'never')
  }

  /**
   * Probes again and again. `until` says whether passing ends it. A liveness or startup probe that fails too often ends it as well, and has
   * the container stopped. Resolves with whether it passed last.
   */
  const probeUntil = async (
    name: ProbeName,
    until: 'passed' | 'never',
    onResult: (good: boolean) => void = () => {},
  ): Promise<boolean> => {
    const spec = container[name] ?? {}
    const numberOf = (field: string, otherwise: number) => {
      const value = spec[field]
      return typeof value === 'number' ? value : otherwise
    }
    const wait = (seconds: number) => options.clock.sleep(seconds * 1000, { signal })
    let [good, bad] = [0, 0]
    await wait(numberOf('initialDelaySeconds', 0))
    while (!signal.aborted) {
      const answer = await probeOnce(spec, numberOf('timeoutSeconds', 1))
      if (signal.aborted) return false
      if (answer.kind === 'unknown') {
        options.warn(
          'Unhealthy',
          `${WORDS[name]} probe errored and resulted in unknown state: ${answer.message}`,
        )
      }
      if (answer.kind !== 'unknown') {
        const failed = answer.kind === 'bad'
        good = failed ? 0 : good + 1
        bad = failed ? bad + 1 : 0
        if (answer.kind === 'bad') {
          options.warn('Unhealthy', `${WORDS[name]} probe failed: ${answer.message}`)
        }
      }
      if (good >= numberOf('successThreshold', 1)) {
        onResult(true)
        if (until === 'passed') return true
      } else if (bad >= numberOf('failureThreshold', 3)) {
        onResult(false)
        if (name !== 'readinessProbe') {
          const grace = spec.terminationGracePeriodSeconds
          options.onFailed(
            `failed ${WORDS[name].toLowerCase()} probe`,
            typeof grace === 'number' ? grace : undefined,
          )
          return false
        }
      }
      await wait(numberOf('periodSeconds', 10))
    }
    return false
  }

  const probeOnce = async (
    spec: Readonly<Record<string, unknown>>,
    timeoutSeconds: number,
  ): Promise<ProbeAnswer> => {
    const limit = new AbortController()
    const cancel = options.clock.after(timeoutSeconds * 1000, () => limit.abort())
    const stop = () => limit.abort()
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await probeContainer(spec, {
        container,
        running,
        pod: options.pod(),
        probe: options.probe,
        signal: limit.signal,
        timeoutSeconds,
      })
    } finally {
      cancel()
      signal.removeEventListener('abort', stop)
    }
  }
  run().catch((error: unknown) => {
    // Being stopped ends every wait; that is no defect.
    if (!signal.aborted) throw error
  })
  return () => stopped.abort()
}
