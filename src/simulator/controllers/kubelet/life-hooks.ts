import type { Clock } from '../../../base/clock.ts'
import type { Container } from '../../../kube/objects.ts'
import { ExecError, type NodeProbe, type RunningContainer } from '../../ports.ts'
import { headersOf, portOf, recordOf } from './probe-container.ts'

/** What a hook of a container's life needs: models pkg/kubelet/lifecycle. */
export interface HookTarget {
  readonly pod: {
    readonly namespace: string
    readonly name: string
    readonly uid: string
    readonly podIP: string | undefined
  }
  readonly container: Container
  readonly running: RunningContainer
  readonly clock: Clock
  readonly probe: NodeProbe | undefined
  /** Aborts when nobody waits for the hook any more. */
  readonly signal: AbortSignal
}

const USER_AGENT = ['User-Agent', 'kube-lifecycle/1.32'] as const

/** The handler of a hook, where the container has one. */
export function hookOf(
  container: Container,
  name: 'postStart' | 'preStop',
): Record<string, unknown> | undefined {
  return recordOf(recordOf(Reflect.get(container, 'lifecycle'))?.[name])
}

/** Runs a hook: resolves with nothing where it did well or was given up, else with the kubelet's message. */
export async function runHook(
  hook: Readonly<Record<string, unknown>>,
  target: HookTarget,
): Promise<string | undefined> {
  const { exec, httpGet, sleep } = hook
  const own = recordOf(exec)
  if (own !== undefined) return execHook(own, target)
  const http = recordOf(httpGet)
  if (http !== undefined) return httpHook(http, target)
  const pause = recordOf(sleep)
  if (pause !== undefined) {
    const over = new AbortController()
    const end = () => over.abort()
    target.signal.addEventListener('abort', end, { once: true })
    void target.running.exited.then(end)
    await target.clock
      .sleep(Number(pause.seconds ?? 0) * 1000, { signal: over.signal })
      .catch(() => {})
    target.signal.removeEventListener('abort', end)
    return undefined
  }
  return 'invalid handler: a tcpSocket is not supported as a hook'
}

async function execHook(
  exec: Readonly<Record<string, unknown>>,
  { pod, container, running, signal }: HookTarget,
): Promise<string | undefined> {
  const command = Array.isArray(exec.command) ? exec.command.map(String) : []
  const words = `Exec lifecycle hook ([${command.join(' ')}]) for Container ${JSON.stringify(container.name)} in Pod ${JSON.stringify(nameOf(pod))} failed`
  let output = ''
  let errors = ''
  const decode = (chunk: Uint8Array) => new TextDecoder().decode(chunk)
  try {
    const process = running.exec(command, {
      stdout: (chunk) => {
        output += decode(chunk)
      },
      stderr: (chunk) => {
        output += decode(chunk)
        errors += decode(chunk)
      },
    })
    const kill = () => process.signal('SIGKILL')
    signal.addEventListener('abort', kill, { once: true })
    const code = await process.exited
    signal.removeEventListener('abort', kill)
    if (code === 0 || signal.aborted) return undefined
    return `${words} - error: command '${command.join(' ')}' exited with ${code}: ${errors}, message: ${JSON.stringify(output)}`
  } catch (error) {
    if (!(error instanceof ExecError)) throw error
    return `${words} - error: rpc error: code = Unknown desc = ${error.message}, message: ""`
  }
}

/** Any answer will do: only one that does not come is a failure. */
async function httpHook(
  http: Readonly<Record<string, unknown>>,
  { pod, container, probe, signal }: HookTarget,
): Promise<string | undefined> {
  if (probe === undefined) return undefined
  const path = String(http.path ?? '/')
  const words = `HTTP lifecycle hook (${path}) for Container ${JSON.stringify(container.name)} in Pod ${JSON.stringify(nameOf(pod))} failed`
  const port = portOf(container, http.port)
  if (port === undefined) {
    return `${words} - error: strconv.Atoi: parsing ${JSON.stringify(String(http.port))}: invalid syntax`
  }
  const host = typeof http.host === 'string' && http.host !== '' ? http.host : pod.podIP
  const problem = await probe.http(
    {
      address: host ?? '',
      port,
      path,
      headers: [USER_AGENT, ...headersOf(http.httpHeaders)],
      secure: http.scheme === 'HTTPS',
    },
    signal,
  )
  if (problem === undefined || problem.startsWith('HTTP probe failed')) return undefined
  return signal.aborted ? undefined : `${words} - error: ${problem}`
}

function nameOf({ name, namespace, uid }: HookTarget['pod']): string {
  return `${name}_${namespace}(${uid})`
}

/** The kubelet gives a container two seconds at least, whatever its hook has used up. */
const LEAST_GRACE_SECONDS = 2

/**
 * Runs the hook before the end, if there is one, and stops the container in what is left of the grace period. Models killContainer of
 * pkg/kubelet/kuberuntime.
 * @param onFailed hears that the hook failed
 */
export async function stopWithHook(
  target: Omit<HookTarget, 'signal'>,
  graceSeconds: number,
  onFailed: () => void,
): Promise<void> {
  const { container, running, clock } = target
  const hook = hookOf(container, 'preStop')
  if (hook === undefined || graceSeconds <= 0) return running.stop(graceSeconds)
  const startedMs = clock.now()
  const over = new AbortController()
  const cancel = clock.after(graceSeconds * 1000, () => over.abort())
  void running.exited.then(() => over.abort())
  const given = new Promise<undefined>((resolve) => {
    over.signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  const problem = await Promise.race([runHook(hook, { ...target, signal: over.signal }), given])
  cancel()
  if (problem !== undefined) onFailed()
  const used = (clock.now() - startedMs) / 1000
  return running.stop(Math.max(LEAST_GRACE_SECONDS, graceSeconds - used))
}
