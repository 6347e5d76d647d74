import type { KubeClient } from '../kube/client.ts'
import type { ProbeSpec } from '../lessons/model.ts'
import { type ExecTarget, runScript } from './pod-exec.ts'
import { askNameServer, quote } from './resolve-name.ts'
import type { ProbeFacts } from './types.ts'

export type ConnectionResult =
  | { readonly kind: 'tried'; readonly connection: NonNullable<ProbeFacts['connection']> }
  | { readonly kind: 'not-run'; readonly reason: string }

/** Share of the limit above which a failed attempt counts as waited out. */
const WAITED_OUT = 0.8
/** The port on which a UDP answer can be told: with a DNS question. */
const DNS_PORT = 53

/** Tries one connection from a pod to an address, and tells how it ended. */
export async function tryConnection(
  client: KubeClient,
  target: ExecTarget,
  to: { readonly address: string } & Pick<ProbeSpec, 'port' | 'protocol'>,
  options: { readonly limitSeconds: number; readonly signal: AbortSignal },
): Promise<ConnectionResult> {
  const { address, port, protocol } = to
  const { limitSeconds, signal } = options
  switch (protocol) {
    case 'ICMP': {
      const command = `ping -c 1 -W ${limitSeconds} ${quote(address)} >/dev/null 2>&1`
      const result = await runScript(client, target, command, signal)
      if (result.kind === 'not-run') return result
      if (result.code === 0) return tried('connected', result.seconds)
      return result.seconds >= limitSeconds * WAITED_OUT
        ? tried('timeout', result.seconds)
        : notRun(`ping could not send from pod ${target.namespace}/${target.pod}.`)
    }
    case 'TCP': {
      if (port === undefined) return notRun('A TCP probe needs a port.')
      const command = `nc -z -w ${limitSeconds} ${quote(address)} ${port} </dev/null >/dev/null 2>&1`
      const result = await runScript(client, target, command, signal)
      if (result.kind === 'not-run') return result
      if (result.code === 0) return tried('connected', result.seconds)
      // nc exits alike when it is refused at once and when it waited in vain: the time tells.
      const waited = result.seconds >= limitSeconds * WAITED_OUT
      return tried(waited ? 'timeout' : 'refused', result.seconds)
    }
    case 'UDP': {
      if (port !== DNS_PORT) {
        return notRun('A UDP answer can be told on port 53 only, with a DNS question.')
      }
      const result = await askNameServer(client, target, address, signal)
      if (result.kind === 'not-run') return result
      return tried(result.answered ? 'connected' : 'timeout', result.seconds)
    }
    case 'SCTP':
      return notRun('BusyBox has no tool for SCTP, so an SCTP connection cannot be probed.')
    case 'DNS':
      return notRun('A lookup makes no connection.')
  }
}

function tried(
  kind: 'connected' | 'refused' | 'timeout',
  seconds: number,
): Extract<ConnectionResult, { kind: 'tried' }> {
  return { kind: 'tried', connection: { kind, seconds } }
}

function notRun(reason: string): Extract<ConnectionResult, { kind: 'not-run' }> {
  return { kind: 'not-run', reason }
}
