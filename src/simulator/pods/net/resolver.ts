import { decodeDnsMessage } from '../../dns/decode.ts'
import { encodeDnsMessage } from '../../dns/encode.ts'
import { DnsFormatError, type DnsMessage, type DnsQuestion, dnsQuery } from '../../dns/message.ts'
import { createTcpDeframer, frameForTcp } from '../../dns/name-server.ts'
import type { ProgramContext } from '../process/program.ts'

/** musl: five seconds in all for a name, the question sent again half-way (resolv.conf `timeout:5 attempts:2`). */
const TIMEOUT_MS = 5000
const RETRY_MS = 2500

export type Resolution =
  | { readonly kind: 'found'; readonly addresses: readonly string[]; readonly name: string }
  /** The name server said that there is none. */
  | { readonly kind: 'no-such-name' }
  /** The name server did not answer. */
  | { readonly kind: 'unreachable' }

interface ResolvConf {
  readonly servers: readonly string[]
  readonly search: readonly string[]
  readonly ndots: number
}

/** `/etc/resolv.conf` of the container, as it stands now. */
export function readResolvConf(context: ProgramContext): ResolvConf {
  const servers: string[] = []
  let search: string[] = []
  let ndots = 1
  const stat = context.container.files.stat('/etc/resolv.conf')
  const text = stat?.kind === 'file' ? new TextDecoder().decode(stat.data()) : ''
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/)
    if (keyword === 'nameserver') servers.push(...values.slice(0, 1))
    else if (keyword === 'search' || keyword === 'domain') search = values
    else if (keyword === 'options') {
      const option = values.find((value) => value.startsWith('ndots:'))
      if (option !== undefined) ndots = Number(option.slice('ndots:'.length))
    }
  }
  return { servers: servers.length === 0 ? ['127.0.0.1'] : servers, search, ndots }
}

/** getaddrinfo of musl: numbers, /etc/hosts, then DNS with the search list. IPv4 only, as the cluster is. */
export async function resolveHost(context: ProgramContext, name: string): Promise<Resolution> {
  if (isIpv4(name)) return { kind: 'found', addresses: [name], name }
  const listed = fromHosts(context, name)
  if (listed !== undefined) return { kind: 'found', addresses: [listed], name }
  if (name === '' || name.length > 253 || !/^[A-Za-z0-9._-]+$/.test(name))
    return { kind: 'no-such-name' }
  const conf = readResolvConf(context)
  const absolute = name.endsWith('.')
  const dots = name.split('.').length - 1
  const candidates =
    absolute || dots >= conf.ndots ? [] : conf.search.map((suffix) => `${name}.${suffix}`)
  for (const candidate of [...candidates, absolute ? name.slice(0, -1) : name]) {
    const result = await askBoth(context, conf.servers, candidate)
    // Only "there is no such name" goes on with the search list; silence ends it at once.
    if (result.kind === 'found' && result.addresses.length === 0) return { kind: 'no-such-name' }
    if (result.kind !== 'no-such-name') return result
  }
  return { kind: 'no-such-name' }
}

async function askBoth(
  context: ProgramContext,
  servers: readonly string[],
  name: string,
): Promise<Resolution> {
  const queries = (['A', 'AAAA'] as const).map((type) => ({ name, type }))
  const { replies } = await exchangeDns(context, {
    servers,
    queries,
    timeoutMs: TIMEOUT_MS,
    retryMs: RETRY_MS,
  })
  const [four, six] = replies
  const addresses = (four?.answers ?? []).flatMap((record) =>
    record.type === 'A' ? [record.address] : [],
  )
  if (four === undefined || six === undefined) return { kind: 'unreachable' }
  if (addresses.length > 0) return { kind: 'found', addresses, name }
  if (four.rcode === 'SERVFAIL') return { kind: 'unreachable' }
  // A name without an address ends the search in musl (EAI_NODATA); a program says the same as for no name.
  if (four.rcode === 'NOERROR') return { kind: 'found', addresses: [], name }
  return { kind: 'no-such-name' }
}

export interface DnsExchange {
  /** By query; `undefined` where no answer came. */
  readonly replies: readonly (DnsMessage | undefined)[]
  /** A server's machine said that nothing listens there. */
  readonly refused: boolean
}

/** Sends questions over UDP to every server, again after each `retryMs`, and takes the first answer to each. */
export async function exchangeDns(
  context: ProgramContext,
  options: {
    readonly servers: readonly string[]
    readonly port?: number
    readonly queries: readonly DnsQuestion[]
    readonly timeoutMs: number
    readonly retryMs: number
    /** A refusal ends the wait, as on a connected socket. */
    readonly stopWhenRefused?: boolean
  },
): Promise<DnsExchange> {
  const { clock, network, random } = context.container
  const port = options.port ?? 53
  const firstId = Math.floor(random() * 60_000)
  const packets = options.queries.map(({ name, type }, index) => {
    try {
      return encodeDnsMessage(dnsQuery(firstId + index, name, type))
    } catch (error) {
      if (!(error instanceof DnsFormatError)) throw error
      return undefined
    }
  })
  const replies: (DnsMessage | undefined)[] = options.queries.map(() => undefined)
  const over = new AbortController()
  const signal = AbortSignal.any([context.signal, over.signal])
  let refused = false
  const cancels: (() => void)[] = []
  try {
    await new Promise<void>((resolve, reject) => {
      context.signal.addEventListener('abort', () => reject(context.signal.reason), {
        once: true,
        signal: over.signal,
      })
      const answered = (reply: DnsMessage) => {
        const index = reply.id - firstId
        if (index < 0 || index >= replies.length || replies[index] !== undefined) return
        replies[index] = reply
        if (replies.every((other) => other !== undefined)) resolve()
      }
      const ask = async (server: string) => {
        const outcome = await network.connect(
          { address: server, port, protocol: 'UDP' },
          { signal },
        )
        if (outcome.kind !== 'connected') {
          refused = true
          if (options.stopWhenRefused) resolve()
          return
        }
        const { connection } = outcome
        signal.addEventListener('abort', () => connection.close(), { once: true })
        for (const [index, packet] of packets.entries()) {
          if (replies[index] === undefined && packet !== undefined) connection.send(packet)
        }
        for await (const datagram of connection.incoming) {
          const reply = decoded(datagram)
          if (reply === undefined) continue
          const packet = packets[reply.id - firstId]
          // An answer too long for a datagram is asked for again over TCP.
          if (reply.truncated && packet !== undefined) {
            const whole = await askOverTcp(context, { server, port, packet, signal })
            if (whole !== undefined) answered(whole)
          } else answered(reply)
        }
      }
      const round = () => {
        for (const server of options.servers) {
          ask(server).catch((error: unknown) => {
            if (!signal.aborted) reject(error)
          })
        }
      }
      round()
      for (let at = options.retryMs; at < options.timeoutMs; at += options.retryMs) {
        cancels.push(clock.after(at, round))
      }
      cancels.push(clock.after(options.timeoutMs, resolve))
    })
  } finally {
    for (const cancel of cancels) cancel()
    over.abort()
  }
  return { replies, refused }
}

async function askOverTcp(
  context: ProgramContext,
  options: {
    readonly server: string
    readonly port: number
    readonly packet: Uint8Array
    readonly signal: AbortSignal
  },
): Promise<DnsMessage | undefined> {
  const outcome = await context.container.network.connect(
    { address: options.server, port: options.port, protocol: 'TCP' },
    { signal: options.signal },
  )
  if (outcome.kind !== 'connected') return undefined
  const { connection } = outcome
  const close = () => connection.close()
  options.signal.addEventListener('abort', close, { once: true })
  const take = createTcpDeframer()
  connection.send(frameForTcp(options.packet))
  for await (const chunk of connection.incoming) {
    const [message] = take(chunk)
    if (message === undefined) continue
    close()
    return decoded(message)
  }
  return undefined
}

function decoded(bytes: Uint8Array): DnsMessage | undefined {
  try {
    return decodeDnsMessage(bytes)
  } catch (error) {
    if (!(error instanceof DnsFormatError)) throw error
    return undefined
  }
}

function fromHosts(context: ProgramContext, name: string): string | undefined {
  const stat = context.container.files.stat('/etc/hosts')
  if (stat?.kind !== 'file') return undefined
  for (const line of new TextDecoder().decode(stat.data()).split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (address !== undefined && isIpv4(address) && names.includes(name)) return address
  }
  return undefined
}

export function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)
}
