import type { Container, Pod } from '../../../kube/objects.ts'
import { ExecError, type NodeProbe, type RunningContainer } from '../../ports.ts'

/** How one probe ended. */
export type ProbeAnswer =
  | { readonly kind: 'good' }
  | { readonly kind: 'bad'; readonly message: string }
  /** It could not be asked, which counts for nothing. */
  | { readonly kind: 'unknown'; readonly message: string }

export interface ProbedContainer {
  readonly container: Container
  readonly running: RunningContainer
  readonly pod: Pod | undefined
  /** Without it probes over the network count as good. */
  readonly probe: NodeProbe | undefined
  /** Aborts when the probe's time is up. */
  readonly signal: AbortSignal
  readonly timeoutSeconds: number
}

const GOOD: ProbeAnswer = { kind: 'good' }

/** Asks a container by `exec`, `httpGet`, `tcpSocket` or `grpc`. Models pkg/probe. */
export async function probeContainer(
  spec: Readonly<Record<string, unknown>>,
  target: ProbedContainer,
): Promise<ProbeAnswer> {
  const exec = recordOf(spec.exec)
  if (exec !== undefined) {
    const command = Array.isArray(exec.command) ? exec.command.map(String) : []
    return probeExec(command, target)
  }
  const { pod, probe, signal } = target
  const http = recordOf(spec.httpGet)
  const tcp = recordOf(spec.tcpSocket)
  const grpc = recordOf(spec.grpc)
  const action = http ?? tcp ?? grpc
  if (action === undefined || pod === undefined || probe === undefined) return GOOD
  const port = portOf(target.container, action.port)
  if (port === undefined) {
    const message = `strconv.Atoi: parsing ${JSON.stringify(String(action.port))}: invalid syntax`
    return { kind: 'unknown', message }
  }
  if (grpc !== undefined) {
    const service = typeof grpc.service === 'string' ? grpc.service : ''
    const address = pod.status?.podIP ?? ''
    const problem = await probe.grpc(
      { address, port, service, timeoutSeconds: target.timeoutSeconds },
      signal,
    )
    return problem === undefined ? GOOD : { kind: 'bad', message: problem }
  }
  const host = typeof action.host === 'string' && action.host !== '' ? action.host : undefined
  const address = host ?? pod.status?.podIP ?? ''
  const problem =
    http === undefined
      ? await probe.tcp({ address, port }, signal)
      : await probe.http(
          {
            address,
            port,
            path: String(http.path ?? '/'),
            headers: headersOf(http.httpHeaders),
            secure: http.scheme === 'HTTPS',
          },
          signal,
        )
  return problem === undefined ? GOOD : { kind: 'bad', message: problem }
}

async function probeExec(
  command: readonly string[],
  { running, signal, timeoutSeconds }: ProbedContainer,
): Promise<ProbeAnswer> {
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
    if (signal.aborted) {
      const text = JSON.stringify(command.join(' '))
      return {
        kind: 'bad',
        message: `command timed out: ${text} timed out after ${timeoutSeconds}s`,
      }
    }
    return code === 0 ? GOOD : { kind: 'bad', message: output }
  } catch (error) {
    if (!(error instanceof ExecError)) throw error
    return { kind: 'bad', message: error.message }
  }
}

/** A port by number or by its name in the container; `undefined` where there is none of that name. */
export function portOf(container: Container, port: unknown): number | undefined {
  if (typeof port === 'number') return port
  const named = container.ports?.find((entry) => entry.name === port)?.containerPort
  return named ?? (/^\d+$/.test(String(port)) ? Number(port) : undefined)
}

/** `httpHeaders` of an action. */
export function headersOf(list: unknown): readonly (readonly [string, string])[] {
  return (Array.isArray(list) ? list : []).flatMap((entry: unknown) => {
    const header = recordOf(entry)
    return header === undefined ? [] : [[String(header.name), String(header.value ?? '')] as const]
  })
}

/** A value that is a structure. */
export function recordOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? { ...value } : undefined
}
