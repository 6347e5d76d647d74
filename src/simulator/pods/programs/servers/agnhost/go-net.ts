import type { Protocol } from '../../../../../kube/objects.ts'
import { ByteReader } from '../../../../http/byte-reader.ts'
import type { HttpResponse } from '../../../../http/serve-http.ts'
import { exchangeDns, isIpv4, readResolvConf } from '../../../net/resolver.ts'
import { openConnection } from '../../../net/tcp.ts'
import type { ProgramContext } from '../../../process/program.ts'
import { formatDate } from '../../date-format.ts'

/** A line of Go's standard logger. */
export async function goLog(context: ProgramContext, text: string): Promise<void> {
  const stamp = formatDate('%Y/%m/%d %H:%M:%S', context.container.clock.now())
  await context.stderr.write(`${stamp} ${text}\n`)
}

/** An answer as Go's net/http writes it. */
export function goText(
  body: string,
  status = 200,
  contentType = 'text/plain; charset=utf-8',
): HttpResponse {
  return { status, quietConnection: true, headers: [['Content-Type', contentType]], body }
}

/** `http.Error`. */
export function goError(text: string, status: number): HttpResponse {
  return {
    status,
    quietConnection: true,
    headers: [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['X-Content-Type-Options', 'nosniff'],
    ],
    body: `${text}\n`,
  }
}

/** `net.SplitHostPort`; an error's text where there is none. */
export function splitHostPort(
  text: string,
): { readonly host: string; readonly port: string } | { readonly error: string } {
  const at = text.lastIndexOf(':')
  if (at === -1) return { error: `address ${text}: missing port in address` }
  const host = text.slice(0, at)
  if (host.includes(':') && !/^\[.*\]$/.test(host)) {
    return { error: `address ${text}: too many colons in address` }
  }
  return { host: host.replace(/^\[|\]$/g, ''), port: text.slice(at + 1) }
}

const ATTEMPT_MS = 5000
const ATTEMPTS = 2

/**
 * Go's own resolver (net/dnsclient_unix.go): every candidate of the search list gets two tries of five seconds, and silence goes on with the
 * next candidate.
 */
export async function goResolve(
  context: ProgramContext,
  host: string,
  port: string,
  network: 'tcp' | 'udp' | 'sctp',
): Promise<{ readonly address: string; readonly port: number } | { readonly error: string }> {
  const number = /^\d+$/.test(port) ? Number(port) : Number.NaN
  if (Number.isNaN(number)) return { error: `lookup ${network}/${port}: unknown port` }
  if (number > 65_535) return { error: `address ${port}: invalid port` }
  if (host === '') return { address: '127.0.0.1', port: number }
  if (isIpv4(host)) return { address: host, port: number }
  if (host === 'localhost') return { address: '127.0.0.1', port: number }
  const { servers, search, ndots } = readResolvConf(context)
  const server = servers[0] ?? '127.0.0.1'
  const suffixed = search.map((suffix) => `${host}.${suffix}`)
  const dots = host.split('.').length - 1
  const names = host.endsWith('.')
    ? [host.slice(0, -1)]
    : dots >= ndots
      ? [host, ...suffixed]
      : [...suffixed, host]
  let error = `lookup ${host} on ${server}:53: no such host`
  for (const name of names) {
    const { replies, refused } = await exchangeDns(context, {
      servers: servers.slice(0, 1),
      queries: [
        { name, type: 'A' },
        { name, type: 'AAAA' },
      ],
      timeoutMs: ATTEMPT_MS * ATTEMPTS,
      retryMs: ATTEMPT_MS,
      stopWhenRefused: true,
    })
    const record = replies[0]?.answers.find((answer) => answer.type === 'A')
    if (record?.type === 'A') return { address: record.address, port: number }
    if (replies[0] === undefined) {
      const path = `read udp ${context.container.network.address}:${ephemeralPort(context)}->${server}:53`
      const reason = refused ? 'read: connection refused' : 'i/o timeout'
      error = `lookup ${host} on ${server}:53: ${path}: ${reason}`
    }
  }
  return { error }
}

/** A port of a client, for the texts of errors. */
export function ephemeralPort({ container }: ProgramContext): number {
  return 32_768 + Math.floor(container.random() * 28_232)
}

export type DatagramOutcome =
  | { readonly kind: 'answered'; readonly text: string }
  | { readonly kind: 'refused' | 'timed-out' | 'ended'; readonly path: string }

/** Sends one message and waits for what comes back. `timeoutMs` undefined: for ever. */
export async function exchangeMessage(
  context: ProgramContext,
  to: { readonly address: string; readonly port: number },
  protocol: Protocol,
  data: string,
  timeoutMs: number | undefined,
): Promise<DatagramOutcome> {
  const { clock, network } = context.container
  const startedMs = clock.now()
  const path = `${network.address}:${ephemeralPort(context)}->${to.address}:${to.port}`
  const outcome = await openConnection(context, { ...to, protocol }, { timeoutMs })
  if (outcome.kind === 'refused') return { kind: 'refused', path }
  if (outcome.kind !== 'connected') return { kind: 'timed-out', path }
  const { connection } = outcome
  let late = false
  const cancel =
    timeoutMs === undefined
      ? () => {}
      : clock.after(Math.max(0, timeoutMs - (clock.now() - startedMs)), () => {
          late = true
          connection.close()
        })
  try {
    connection.send(new TextEncoder().encode(data))
    for await (const chunk of connection.incoming) {
      return { kind: 'answered', text: new TextDecoder().decode(chunk) }
    }
    context.signal.throwIfAborted()
    return { kind: late ? 'timed-out' : 'ended', path }
  } finally {
    cancel()
    connection.close()
  }
}

const CLIENT_TIMEOUT_MS = 5000

/** `http.Client.Get` with five seconds: the body, or Go's error. */
export async function goHttpGet(
  context: ProgramContext,
  to: { readonly address: string; readonly port: number },
  path: string,
): Promise<{ readonly body: string } | { readonly error: string }> {
  const url = `http://${to.address}:${to.port}/${path}`
  const fail = (reason: string) => ({ error: `Get ${JSON.stringify(url)}: ${reason}` })
  const late = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
  const { clock } = context.container
  const startedMs = clock.now()
  const outcome = await openConnection(context, to, { timeoutMs: CLIENT_TIMEOUT_MS })
  if (outcome.kind === 'refused') {
    return fail(`dial tcp ${to.address}:${to.port}: connect: connection refused`)
  }
  if (outcome.kind !== 'connected') return fail(late)
  const { connection } = outcome
  let over = false
  const cancel = clock.after(CLIENT_TIMEOUT_MS - (clock.now() - startedMs), () => {
    over = true
    connection.close()
  })
  try {
    connection.send(
      new TextEncoder().encode(
        `GET /${path} HTTP/1.1\r\nHost: ${to.address}:${to.port}\r\nUser-Agent: Go-http-client/1.1\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`,
      ),
    )
    const reader = new ByteReader(connection.incoming)
    for (let first = true; ; first = false) {
      const line = await reader.readLine()
      if (line === undefined) return fail(over ? late : 'EOF')
      if (first && !line.startsWith('HTTP/'))
        return fail(`net/http: malformed HTTP response ${JSON.stringify(line)}`)
      if (line === '') break
    }
    const parts: Uint8Array[] = []
    for (;;) {
      const chunk = await reader.read()
      if (chunk === undefined) break
      parts.push(chunk)
    }
    return { body: Buffer.concat(parts).toString() }
  } finally {
    cancel()
    connection.close()
  }
}
