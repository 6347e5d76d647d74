import type { KubeClient } from '../kube/client.ts'
import { ownSignal } from './own-signal.ts'

/** The pod, and the container in it, that a probe runs in. */
export interface ExecTarget {
  readonly namespace: string
  readonly pod: string
  readonly container: string | undefined
  /** Tells the pod from a later one of the same name. */
  readonly uid: string
}

/** How a small script ended in a pod: its exit status and how long it took by the pod's own clock. */
export type ScriptResult =
  | { readonly kind: 'ran'; readonly code: number; readonly seconds: number; readonly text: string }
  | { readonly kind: 'not-run'; readonly reason: string }

/**
 * Runs one command line in a pod with `sh -c` and takes exit status and time. Time is read from /proc/uptime
 * in the pod: so it is right on a cluster whose time runs faster, and the way to the cluster does not count.
 */
export async function runScript(
  client: KubeClient,
  target: ExecTarget,
  command: string,
  signal: AbortSignal,
): Promise<ScriptResult> {
  const script = `read a _ </proc/uptime; ${command}; c=$?; read b _ </proc/uptime; echo; echo $c $a $b`
  const { namespace, pod, container } = target
  const name = `${namespace}/${pod}`
  const chunks: Uint8Array[] = []
  const exit = await client.exec({ namespace, pod, container }, ['sh', '-c', script], {
    stdout: (chunk) => chunks.push(chunk),
    stderr: () => {},
    signal: ownSignal(signal),
  })
  signal.throwIfAborted()
  if (exit.kind === 'failed') {
    return { kind: 'not-run', reason: `Pod ${name} has no shell to probe from.` }
  }
  if (exit.kind === 'disconnected') {
    return { kind: 'not-run', reason: `The connection to pod ${name} was lost during the probe.` }
  }
  const text = new TextDecoder().decode(join(chunks))
  const lines = text.trimEnd().split('\n')
  const match = /^(\d+) ([\d.]+) ([\d.]+)$/.exec(lines.pop() ?? '')
  if (exit.code !== 0 || match === null) {
    return { kind: 'not-run', reason: `The probe could not be carried out in pod ${name}.` }
  }
  const [, code, before, after] = match.map(Number)
  // A shell answers 126 and 127 for a program that it cannot start.
  if (code === 126 || code === 127) {
    const [program = 'the tool'] = command.split(' ')
    return { kind: 'not-run', reason: `Pod ${name} has no ${program} to probe with.` }
  }
  return {
    kind: 'ran',
    code: code ?? 1,
    seconds: Math.max(0, (after ?? 0) - (before ?? 0)),
    text: lines.join('\n'),
  }
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}
