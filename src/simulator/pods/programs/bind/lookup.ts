import { type DnsMessage, type DnsQuestion, dnsQuery } from '../../../dns/message.ts'
import { type DnsQueryOutcome, queryDns } from '../../net/dns-query.ts'
import { readResolvConf } from '../../net/resolver.ts'
import type { ProgramContext } from '../../process/program.ts'

/** How dig, host and nslookup of BIND ask (bin/dig/dighost.c). */
export interface LookupSettings {
  readonly servers: readonly string[]
  readonly port: number
  readonly tcp: boolean
  readonly timeoutMs: number
  /** How often a server is asked before the next one is. */
  readonly tries: number
  readonly recurse: boolean
  /** Largest answer over UDP, for an EDNS record with a cookie; none without. */
  readonly udpSize?: number | undefined
  readonly cookie?: boolean
  /** Takes an answer that was cut, instead of asking again over TCP. */
  readonly ignoreTruncation?: boolean
  /** Says what went wrong on the way. */
  readonly complain: (text: string) => Promise<void>
}

export type LookupOutcome =
  | {
      readonly kind: 'reply'
      readonly message: DnsMessage
      readonly size: number
      readonly server: string
      readonly tcp: boolean
      readonly elapsedMs: number
    }
  | { readonly kind: 'no-servers' | 'bad-name' }

const COOKIE_OPTION = 10

/** Asks one question: each server some times, over TCP where the answer was cut. */
export async function lookUp(
  context: ProgramContext,
  question: DnsQuestion,
  settings: LookupSettings,
): Promise<LookupOutcome> {
  const { clock } = context.container
  for (const server of settings.servers) {
    for (let attempt = 0; attempt < settings.tries; attempt++) {
      const startedMs = clock.now()
      const ask = (tcp: boolean) => askOnce(context, question, server, { ...settings, tcp })
      let { tcp } = settings
      let outcome = await ask(tcp)
      if (
        outcome.kind === 'reply' &&
        outcome.message.truncated &&
        !tcp &&
        settings.ignoreTruncation !== true
      ) {
        tcp = true
        outcome = await ask(true)
      }
      if (outcome.kind === 'bad-name') return { kind: 'bad-name' }
      if (outcome.kind === 'reply') {
        return { ...outcome, server, tcp, elapsedMs: clock.now() - startedMs }
      }
      const reason = outcome.kind === 'refused' ? 'connection refused' : 'timed out'
      await settings.complain(`communications error to ${server}#${settings.port}: ${reason}`)
    }
  }
  return { kind: 'no-servers' }
}

async function askOnce(
  context: ProgramContext,
  question: DnsQuestion,
  server: string,
  settings: LookupSettings,
): Promise<DnsQueryOutcome> {
  const { random } = context.container
  const id = Math.floor(random() * 65_536)
  const cookie = Array.from({ length: 8 }, () => Math.floor(random() * 256))
  const query: DnsMessage = {
    ...dnsQuery(id, question.name, question.type),
    recursionDesired: settings.recurse,
    ...(settings.udpSize === undefined ? {} : { udpSize: settings.udpSize }),
    ...(settings.udpSize === undefined || settings.cookie === false
      ? {}
      : { ednsOptions: Uint8Array.of(0, COOKIE_OPTION, 0, cookie.length, ...cookie) }),
  }
  const { port, tcp, timeoutMs } = settings
  return queryDns(context, query, { server, port, tcp, timeoutMs })
}

/** The names to try for a name, in turn: with few dots the search list goes first. */
export function candidates(
  context: ProgramContext,
  name: string,
  options: { readonly ndots?: number | undefined } = {},
): string[] {
  const { search, ndots } = readResolvConf(context)
  if (name.endsWith('.')) return [name.slice(0, -1)]
  const found = search.map((suffix) => `${name}.${suffix}`)
  const dots = name.split('.').length - 1
  return dots >= (options.ndots ?? ndots) ? [name, ...found] : [...found, name]
}

/** `10.96.0.10` as the name of its PTR record. */
export function reverseName(address: string): string {
  return `${address.split('.').reverse().join('.')}.in-addr.arpa`
}
