import { LabError } from '../../base/errors.ts'
import type { KubeClient } from '../../kube/client.ts'

export type ConnectionTry = 'connected' | 'refused' | 'timeout'

/** Seconds that BusyBox `nc` waits for a connection. */
const PATIENCE = 2

/**
 * Opens one TCP connection to port 80 from inside a pod and tells how it ended: by the exit code of `nc`, and by the time that it took on the pod's own clock,
 * because `nc` exits alike when it is refused at once and when it gave up waiting. No text of a tool is read.
 */
export async function tryConnection(
  client: KubeClient,
  options: {
    readonly namespace: string
    readonly pod: string
    readonly address: string
    readonly signal: AbortSignal
  },
): Promise<ConnectionTry> {
  const { namespace, pod, address, signal } = options
  const script =
    'read a _ </proc/uptime; ' +
    `nc -z -w ${PATIENCE} ${address} 80 </dev/null >/dev/null 2>&1; ` +
    'c=$?; read b _ </proc/uptime; echo $c $a $b'
  let output = ''
  let errors = ''
  const exit = await client.exec({ namespace, pod }, ['sh', '-c', script], {
    stdout: (chunk) => {
      output += Buffer.from(chunk).toString()
    },
    stderr: (chunk) => {
      errors += Buffer.from(chunk).toString()
    },
    signal,
  })
  signal.throwIfAborted()
  const [code, before, after] = output.trim().split(' ').map(Number)
  const ran =
    exit.kind === 'exited' && exit.code === 0 && before !== undefined && after !== undefined
  if (ran && code === 0) return 'connected'
  // 126 and 127 would be a shell that found no nc.
  if (ran && code === 1) return after - before >= PATIENCE * 0.75 ? 'timeout' : 'refused'
  throw new LabError('ERR_CANARY_INCONCLUSIVE', 'The enforcement test could not run its probe.', {
    why: `In pod ${namespace}/${pod}: ${
      exit.kind === 'failed'
        ? (exit.status.message ?? 'the command could not be started')
        : errors.trim() || `the probe ended with ${exit.kind === 'exited' ? code : exit.kind}`
    }`,
    next: ['Try again. If it stays like this, use another cluster, for example the simulated one.'],
  })
}
