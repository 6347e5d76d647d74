import { decodeDnsMessage } from '../../dns/decode.ts'
import { encodeDnsMessage } from '../../dns/encode.ts'
import { DnsFormatError, type DnsMessage, type DnsQuestion, dnsQuery } from '../../dns/message.ts'
import { createTcpDeframer, frameForTcp } from '../../dns/name-server.ts'
import type { ProgramContext } from '../process/program.ts'
import { cLibraryOf } from './c-library.ts'

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
  readonly timeoutMs: number
  readonly attempts: number
}

/** `/etc/resolv.conf` of the container, as it stands now. */
export function readResolvConf(context: ProgramContext): ResolvConf {
  const servers: string[] = []
  let search: string[] = []
  let ndots = 1
  let timeoutMs = 5000
  let attempts = 2
  const stat = context.container.files.stat('/etc/resolv.conf')
  const text = stat?.kind === 'file' ? new TextDecoder().decode(stat.data()) : ''
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/)
    if (keyword === 'nameserver') servers.push(...values.slice(0, 1))
    else if (keyword === 'search' || keyword === 'domain') search = values
    else if (keyword === 'options') {
      for (const option of values) {
        const [key, value] = option.split(':')
        if (value === undefined || !/^\d+$/.test(value)) continue
        if (key === 'ndots') ndots = Number(value)
        if (key === 'timeout') timeoutMs = Math.min(60, Math.max(1, Number(value))) * 1000
        if (key === 'attempts') attempts = Math.min(10, Math.max(1, Number(value)))
      }
    }
  }
  return {
    servers: servers.length === 0 ? ['127.0.0.1'] : servers,
    search,
    ndots,
    timeoutMs,
    attempts,
  }
}

/** getaddrinfo of the image's C library: numbers, /etc/hosts, then DNS with the search list. IPv4 only, as the cluster is. */
export async function resolveHost(context: ProgramContext, name: string): Promise<Resolution> {
  if (isIpv4(name)) return { kind: 'found', addresses: [name], name }
  // An address of the other family is one, though nothing leads there.
  if (/^[0-9a-f]*:[0-9a-f:.]*$/i.test(name)) return { kind: 'found', addresses: [name], name }
  const listed = fromHosts(context, name)
  if (listed !== undefined) return { kind: 'found', addresses: [listed], name }
  if (name === '' || name.length > 253 || !/^[A-Za-z0-9._-]+$/.test(name))
    return { kind: 'no-such-name' }
  const conf = readResolvConf(context)
  if (name.endsWith('.')) return settled(await askBoth(context, conf, name.slice(0, -1)))
  const suffixed = conf.search.map((suffix) => `${name}.${suffix}`)
  const manyDots = name.split('.').length - 1 >= conf.ndots
  return cLibraryOf(context) === 'musl'
    ? searchAsMusl(context, conf, manyDots ? [name] : [...suffixed, name])
    : searchAsGlibc(context, conf, { name, suffixed, manyDots })
}

/** Only "there is no such name" goes on with the search list; silence and a name without an address end it at once. */
async function searchAsMusl(
  context: ProgramContext,
  conf: ResolvConf,
  candidates: readonly string[],
): Promise<Resolution> {
  for (const candidate of candidates) {
    const answer = await askBoth(context, conf, candidate)
    if (answer.kind !== 'no-such-name') return settled(answer)
  }
  return { kind: 'no-such-name' }
}

/** res_search of glibc: silence ends the list, and the name is tried as it is before it gives up. */
async function searchAsGlibc(
  context: ProgramContext,
  conf: ResolvConf,
  {
    name,
    suffixed,
    manyDots,
  }: {
    readonly name: string
    readonly suffixed: readonly string[]
    readonly manyDots: boolean
  },
): Promise<Resolution> {
  let failed = false
  const asIs = async () => settled(await askBoth(context, conf, name))
  if (manyDots) {
    const answer = await asIs()
    if (answer.kind === 'found') return answer
    failed = answer.kind === 'unreachable'
  }
  for (const candidate of suffixed) {
    const answer = await askBoth(context, conf, candidate)
    if (answer.kind === 'found') return answer
    if (answer.kind === 'refused') return { kind: 'unreachable' }
    failed ||= answer.kind === 'failed'
    if (answer.kind === 'silent') {
      failed = true
      break
    }
  }
  if (!manyDots) {
    const answer = await asIs()
    if (answer.kind !== 'no-such-name') return answer
  }
  return { kind: failed ? 'unreachable' : 'no-such-name' }
}

type Answer =
  | { readonly kind: 'found'; readonly addresses: readonly string[]; readonly name: string }
  /** The name is there and has no address. */
  | { readonly kind: 'no-address' }
  | { readonly kind: 'no-such-name' }
  /** SERVFAIL. */
  | { readonly kind: 'failed' }
  | { readonly kind: 'silent' }
  /** Nothing listens at the server; only glibc notices. */
  | { readonly kind: 'refused' }

function settled(answer: Answer): Resolution {
  switch (answer.kind) {
    case 'found':
      return answer
    case 'no-address':
    case 'no-such-name':
      return { kind: 'no-such-name' }
    default:
      return { kind: 'unreachable' }
  }
}

async function askBoth(context: ProgramContext, conf: ResolvConf, name: string): Promise<Answer> {
  const queries = (['A', 'AAAA'] as const).map((type) => ({ name, type }))
  const { servers, timeoutMs, attempts } = conf
  // musl asks all servers at once and again within its time; glibc one after the other, each for its time.
  const { replies, refused } =
    cLibraryOf(context) === 'musl'
      ? await exchangeDns(context, { servers, queries, timeoutMs, retryMs: timeoutMs / attempts })
      : await exchangeInTurn(context, conf, queries)
  const [four, six] = replies
  const addresses = (four?.answers ?? []).flatMap((record) =>
    record.type === 'A' ? [record.address] : [],
  )
  if (four === undefined || six === undefined) return { kind: refused ? 'refused' : 'silent' }
  if (addresses.length > 0) return { kind: 'found', addresses, name }
  if (four.rcode === 'NXDOMAIN') return { kind: 'no-such-name' }
  return { kind: four.rcode === 'NOERROR' ? 'no-address' : 'failed' }
}

async function exchangeInTurn(
  context: ProgramContext,
  { servers, timeoutMs, attempts }: ResolvConf,
  queries: readonly DnsQuestion[],
): Promise<DnsExchange> {
  let last: DnsExchange = { replies: [], refused: false }
  for (let attempt = 0; attempt < attempts; attempt++) {
    for (const server of servers) {
      last = await exchangeDns(context, {
        servers: [server],
        queries,
        timeoutMs,
        retryMs: timeoutMs,
        stopWhenRefused: true,
      })
      if (last.replies.every((reply) => reply !== undefined)) return last
    }
  }
  return last
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
