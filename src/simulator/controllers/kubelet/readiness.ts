import type { Clock } from '../../../base/clock.ts'
import type { Container, Pod } from '../../../kube/objects.ts'
import { ExecError, type RunningContainer } from '../../ports.ts'
import type { ContainerSlot } from './container-slot.ts'

/** Asks a pod something from its node, as the kubelet's probes do. Policies never forbid that. */
export interface NodeProbe {
  /** Resolves with nothing where the pod answered well, else with the kubelet's message. */
  tcp(pod: Pod, port: number, signal: AbortSignal): Promise<string | undefined>
  http(pod: Pod, port: number, path: string, signal: AbortSignal): Promise<string | undefined>
}

/** Whether a container is ready as soon as it runs. */
export function isReadyAfter(container: Container): boolean {
  return container.readinessProbe === undefined
}

/**
 * Runs the readiness probe of a container for as long as it runs. Returns the function that stops it. Liveness and startup probes are
 * not simulated: containers here do not hang.
 */
export function watchReadiness(
  slot: ContainerSlot,
  running: RunningContainer,
  options: {
    readonly clock: Clock
    readonly pod: () => Pod | undefined
    readonly probe: NodeProbe | undefined
    readonly onChange: () => void
    readonly onUnhealthy: (message: string) => void
  },
): () => void {
  const spec = slot.container.readinessProbe
  if (spec === undefined) return () => {}
  const { clock } = options
  const stopped = new AbortController()
  const numberOf = (field: string, otherwise: number) => {
    const value = spec[field]
    return typeof value === 'number' ? value : otherwise
  }
  const wait = (ms: number) => clock.sleep(ms, { signal: stopped.signal })
  let good = 0
  let bad = 0

  const probeOnce = async (): Promise<string | undefined> => {
    const limit = new AbortController()
    const cancel = clock.after(numberOf('timeoutSeconds', 1) * 1000, () => limit.abort())
    try {
      return await probeContainer(slot.container, running, options, limit.signal)
    } finally {
      cancel()
    }
  }
  const loop = async () => {
    await wait(numberOf('initialDelaySeconds', 0) * 1000)
    while (!stopped.signal.aborted) {
      const problem = await probeOnce()
      if (stopped.signal.aborted) return
      good = problem === undefined ? good + 1 : 0
      bad = problem === undefined ? 0 : bad + 1
      if (problem !== undefined) options.onUnhealthy(`Readiness probe failed: ${problem}`)
      const ready =
        good >= numberOf('successThreshold', 1)
          ? true
          : bad >= numberOf('failureThreshold', 3)
            ? false
            : slot.ready
      if (ready !== slot.ready) {
        slot.ready = ready
        options.onChange()
      }
      await wait(numberOf('periodSeconds', 10) * 1000)
    }
  }
  loop().catch((error: unknown) => {
    if (!stopped.signal.aborted) throw error
  })
  return () => stopped.abort()
}

async function probeContainer(
  container: Container,
  running: RunningContainer,
  options: { readonly pod: () => Pod | undefined; readonly probe: NodeProbe | undefined },
  signal: AbortSignal,
): Promise<string | undefined> {
  const spec = container.readinessProbe ?? {}
  const exec = recordOf(spec.exec)
  if (exec !== undefined) {
    const command = Array.isArray(exec.command) ? exec.command.map(String) : []
    return probeExec(running, command, signal)
  }
  const pod = options.pod()
  const http = recordOf(spec.httpGet)
  const tcp = recordOf(spec.tcpSocket)
  const port = portOf(container, (http ?? tcp)?.port)
  // Kinds of probes that are not simulated never keep a pod from being ready.
  if (pod === undefined || options.probe === undefined || port === undefined) return undefined
  if (http !== undefined) return options.probe.http(pod, port, String(http.path ?? '/'), signal)
  return tcp === undefined ? undefined : options.probe.tcp(pod, port, signal)
}

async function probeExec(
  running: RunningContainer,
  command: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  let output = ''
  const take = (chunk: Uint8Array) => {
    output += new TextDecoder().decode(chunk)
  }
  try {
    const process = running.exec(command, { stdout: take, stderr: take })
    const kill = () => process.signal('SIGKILL')
    signal.addEventListener('abort', kill, { once: true })
    const code = await process.exited
    signal.removeEventListener('abort', kill)
    if (signal.aborted)
      return `command timed out: ${JSON.stringify(command.join(' '))} timed out after 1s`
    return code === 0 ? undefined : output
  } catch (error) {
    if (!(error instanceof ExecError)) throw error
    return error.message
  }
}

function portOf(container: Container, port: unknown): number | undefined {
  if (typeof port === 'number') return port
  return container.ports?.find((entry) => entry.name === port)?.containerPort
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? { ...value } : undefined
}
