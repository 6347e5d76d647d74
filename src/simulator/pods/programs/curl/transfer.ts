import { ByteReader } from '../../../http/byte-reader.ts'
import { secure } from '../../../http/tls.ts'
import type { Connection } from '../../../ports.ts'
import { isIpv4, type Resolution, resolveHost } from '../../net/resolver.ts'
import { openConnection } from '../../net/tcp.ts'
import type { ProgramContext } from '../../process/program.ts'
import { pathOf } from '../../process/program-context.ts'
import { relay } from '../nc-relay.ts'
import type { CurlOptions } from './options.ts'
import type { ProgressMeter } from './progress.ts'
import { curlRequest } from './request.ts'
import { readCurlHead } from './response.ts'
import type { TransferFacts } from './write-out.ts'

/** A failed transfer, with curl's own number and words. */
export class CurlError extends Error {
  override readonly name = 'CurlError'
  readonly exitCode: number
  constructor(exitCode: number, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

/** One URL and where its answer goes. */
export interface CurlJob {
  readonly url: string
  readonly options: CurlOptions
  /** A file; stdout where it is `-` or absent. */
  readonly output: string | undefined
  readonly facts: TransferFacts
  readonly meter: ProgressMeter
}

const MAX_REDIRECTS = 50

/** @throws CurlError */
export async function transfer(context: ProgramContext, job: CurlJob): Promise<void> {
  const { options, facts, meter } = job
  const { clock } = context.container
  const since = () => clock.now() - facts.startedMs
  let received: { readonly size: number; readonly total: number | undefined } = {
    size: 0,
    total: undefined,
  }
  try {
    await follow(context, job, (size, total) => {
      received = { size, total }
    })
  } finally {
    await meter.finish(received.size, received.total ?? received.size, since())
  }
  const fails = options.flags.has('fail') || options.flags.has('fail-with-body')
  if (fails && facts.status >= 400) throw failedStatus(facts)
}

function failedStatus(facts: TransferFacts): CurlError {
  return new CurlError(22, `The requested URL returned error: ${facts.status}`)
}

async function follow(
  context: ProgramContext,
  job: CurlJob,
  progress: (size: number, total: number | undefined) => void,
): Promise<void> {
  const { options, facts } = job
  const most = Number(options.values.get('max-redirs')?.at(-1) ?? MAX_REDIRECTS)
  let url = /^[a-z][a-z0-9+.-]*:\/\//i.test(job.url)
    ? job.url
    : job.url.replace(/^(?:[a-z]+:\/)?/i, 'http://')
  for (let redirects = 0; ; redirects++) {
    const target = parseUrl(url)
    facts.url = target.href
    facts.scheme = target.protocol.slice(0, -1)
    facts.redirects = redirects
    const location = await oneRequest(context, job, target, redirects, progress)
    if (location === undefined) return
    const next = new URL(location, target)
    if (!options.flags.has('location')) {
      facts.redirectUrl = next.href
      return
    }
    if (redirects >= most) throw new CurlError(47, `Maximum (${most}) redirects followed`)
    await verbose(context, job, `Issue another request to this URL: '${next.href}'`)
    url = next.href
  }
}

function parseUrl(url: string): URL {
  const port = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?[^/?#:[]*:([^/?#]*)/i.exec(url)?.[1]
  if (port !== undefined && (!/^\d*$/.test(port) || Number(port) > 65_535)) {
    throw new CurlError(3, 'URL rejected: Port number was not a decimal number between 0 and 65535')
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined) {
    throw new CurlError(3, 'URL rejected: Malformed input to a URL function')
  }
  if (!['http:', 'https:', 'telnet:'].includes(parsed.protocol)) {
    throw new CurlError(1, `Protocol "${parsed.protocol.slice(0, -1)}" not supported`)
  }
  if (parsed.hostname === '') throw new CurlError(3, 'URL rejected: No host part in the URL')
  return parsed
}

async function verbose(context: ProgramContext, { options }: CurlJob, text: string): Promise<void> {
  if (options.flags.has('verbose')) await context.stderr.write(`* ${text}\n`)
}

/** One request; gives the address that its answer points to, where it is a redirect. */
async function oneRequest(
  context: ProgramContext,
  job: CurlJob,
  target: URL,
  redirects: number,
  progress: (size: number, total: number | undefined) => void,
): Promise<string | undefined> {
  const { options, facts, meter } = job
  const { clock } = context.container
  const since = () => Math.round(clock.now() - facts.startedMs)
  const limits = limitsOf(options)
  const say = (text: string) => verbose(context, job, text)
  const host = target.hostname.replace(/^\[|\]$/g, '')
  const defaultPort = { 'https:': 443, 'telnet:': 23 }[target.protocol] ?? 80
  const port = Number(target.port || defaultPort)
  if (facts.scheme !== 'telnet') await meter.begin()

  const found = await lookUp(context, options, host, port, limits.connectMs - since())
  if (found === 'late') {
    throw new CurlError(28, `Resolving timed out after ${since()} milliseconds`)
  }
  const address = found.kind === 'found' ? found.addresses[0] : undefined
  if (address === undefined) throw new CurlError(6, `Could not resolve host: ${host}`)
  facts.lookedUpMs = since()
  if (!isIpv4(host)) {
    await say(`Host ${host}:${port} was resolved.`)
    await say('IPv6: (none)')
    await say(`IPv4: ${found.kind === 'found' ? found.addresses.join(', ') : ''}`)
  }
  await say(`  Trying ${address}:${port}...`)
  const startedMs = since()
  const patience = limits.connectMs - startedMs
  const outcome = await openConnection(
    context,
    { address, port },
    { timeoutMs: Number.isFinite(patience) ? Math.max(0, patience) : undefined },
  )
  if (outcome.kind !== 'connected') {
    const late = outcome.kind === 'gave-up' || outcome.kind === 'timed-out'
    const failed = `Failed to connect to ${host} port ${port} after ${since()} ms`
    const error = !late
      ? new CurlError(7, `${failed}: Could not connect to server`)
      : outcome.kind === 'gave-up' && limits.byMaxTime
        ? new CurlError(28, `Connection timed out after ${since()} milliseconds`)
        : new CurlError(28, `${failed}: Timeout was reached`)
    if (!late) {
      const { network, random } = context.container
      const from = `${network.address} port ${32_768 + Math.floor(random() * 28_232)}`
      await say(`connect to ${address} port ${port} from ${from} failed: Connection refused`)
    }
    await say(error.message)
    await say('closing connection #0')
    throw error
  }
  const { connection } = outcome
  facts.connectedMs = since()
  facts.connections++
  facts.remoteAddress = address
  facts.remotePort = port
  facts.localAddress = connection.localAddress
  facts.localPort = connection.localPort
  let late = false
  const cancel = Number.isFinite(limits.maxMs)
    ? clock.after(Math.max(0, limits.maxMs - since()), () => {
        late = true
        connection.close()
      })
    : () => {}
  const timedOut = (total: string) =>
    new CurlError(
      28,
      `Operation timed out after ${since()} milliseconds with ${facts.size}${total} bytes received`,
    )
  try {
    if (facts.scheme === 'telnet') {
      await say(`Connected to ${host} (${address}) port ${port}`)
      await relay(context, connection, { idleMs: 0 })
      if (late) throw timedOut('')
      return undefined
    }
    const channel = await secured(context, job, connection, target)
    if (late || channel === 'closed') {
      throw late
        ? timedOut('')
        : new CurlError(35, 'TLS connect error: error:00000000:lib(0)::reason(0)')
    }
    await say(`Connected to ${host} (${address}) port ${port}`)
    await say('using HTTP/1.x')
    const request = await curlRequest(context, options, target, redirects > 0 ? facts : undefined)
    facts.method = request.method
    facts.requestSize += request.head.length
    facts.uploaded = request.body.length
    if (options.flags.has('verbose')) {
      for (const line of [...request.lines, '']) await context.stderr.write(`> ${line}\n`)
      if (request.body.length > 0) {
        await context.stderr.write(`} [${request.body.length} bytes data]\n`)
      }
      await say(
        request.body.length > 0
          ? `upload completely sent off: ${request.body.length} bytes`
          : 'Request completely sent off',
      )
    }
    channel.send(request.head)
    channel.send(request.body)
    const reader = new ByteReader(channel.incoming)
    const head = await readCurlHead(reader)
    if (late) throw timedOut('')
    if (head === 'empty') {
      await say('Empty reply from server')
      await say('shutting down connection #0')
      throw new CurlError(52, 'Empty reply from server')
    }
    if (head === 'no-http') {
      throw new CurlError(1, 'Received HTTP/0.9 when not allowed')
    }
    facts.firstByteMs = since()
    facts.status = head.status
    facts.contentType = head.contentType ?? ''
    facts.headerSize += head.size
    if (options.flags.has('verbose')) {
      for (const line of head.lines) await context.stderr.write(`< ${line}\n`)
    }
    const redirect =
      head.location !== undefined && head.status >= 300 && head.status < 400
        ? head.location
        : undefined
    const skipBody = redirect !== undefined && options.flags.has('location')
    const failing = options.flags.has('fail') && head.status >= 400
    const write = sink(context, job)
    if (options.flags.has('include') || options.flags.has('head')) {
      await write(new TextEncoder().encode(`${head.lines.join('\r\n')}\r\n`))
    }
    let total = 0
    for await (const chunk of head.body(request.method === 'HEAD')) {
      if (total === 0 && options.flags.has('verbose') && context.stdout.terminal === undefined) {
        await context.stderr.write(`{ [${chunk.length} bytes data]\n`)
      }
      total += chunk.length
      if (skipBody || failing) continue
      facts.size += chunk.length
      await write(chunk)
      progress(facts.size, head.length)
    }
    if (late) {
      throw timedOut(head.length === undefined ? '' : ` out of ${head.length}`)
    }
    if (head.length !== undefined && request.method !== 'HEAD' && total < head.length) {
      throw new CurlError(18, `end of response with ${head.length - total} bytes missing`)
    }
    if (failing) throw failedStatus(facts)
    await say(
      head.keepsAlive ? `Connection #0 to host ${host} left intact` : 'shutting down connection #0',
    )
    return redirect
  } finally {
    cancel()
    connection.close()
  }
}

async function secured(
  context: ProgramContext,
  job: CurlJob,
  connection: Connection,
  target: URL,
): Promise<Connection | 'closed'> {
  if (target.protocol !== 'https:') return connection
  const greeting = await secure(connection)
  if (greeting.kind === 'closed') return 'closed'
  if (greeting.kind === 'not-tls') {
    throw new CurlError(35, 'TLS connect error: error:0A00010B:SSL routines::wrong version number')
  }
  if (
    greeting.issuer === 'private' &&
    !job.options.flags.has('insecure') &&
    !job.options.values.has('cacert')
  ) {
    throw new CurlError(
      60,
      'SSL certificate problem: unable to get local issuer certificate\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the webpage mentioned above.',
    )
  }
  await verbose(
    context,
    job,
    'SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384 / x25519 / RSASSA-PSS',
  )
  job.facts.securedMs = context.container.clock.now() - job.facts.startedMs
  return greeting.connection
}

interface Limits {
  readonly maxMs: number
  readonly connectMs: number
  /** Connecting ends by `--max-time` and not by `--connect-timeout`. */
  readonly byMaxTime: boolean
}

function limitsOf({ values }: CurlOptions): Limits {
  const read = (name: string) => {
    const seconds = Number(values.get(name)?.at(-1) ?? '0')
    return seconds > 0 ? seconds * 1000 : Number.POSITIVE_INFINITY
  }
  const maxMs = read('max-time')
  const connectMs = Math.min(maxMs, read('connect-timeout'))
  return { maxMs, connectMs, byMaxTime: connectMs === maxMs }
}

async function lookUp(
  context: ProgramContext,
  options: CurlOptions,
  host: string,
  port: number,
  limitMs: number,
): Promise<Resolution | 'late'> {
  // There is no IPv6 address of anybody.
  if (options.flags.has('ipv6')) return { kind: 'no-such-name' }
  for (const entry of options.values.get('resolve') ?? []) {
    const [name, number, address = ''] = entry.replace(/^[+]/, '').split(':')
    if ((name === host || name === '*') && Number(number) === port && isIpv4(address)) {
      return { kind: 'found', addresses: [address], name: host }
    }
  }
  const found = resolveHost(context, host)
  if (!Number.isFinite(limitMs)) return found
  let cancel = () => {}
  const late = new Promise<'late'>((resolve) => {
    cancel = context.container.clock.after(Math.max(0, limitMs), () => resolve('late'))
  })
  found.catch(() => {})
  try {
    return await Promise.race([found, late])
  } finally {
    cancel()
  }
}

/** Where the answer goes; a file is made new by the first bytes of a transfer. */
function sink(context: ProgramContext, job: CurlJob): (data: Uint8Array) => Promise<void> {
  const { output } = job
  if (output === undefined || output === '-') return (data) => context.stdout.write(data)
  const path = pathOf(context, output)
  const { files } = context.container
  files.write(path, new Uint8Array(0))
  return async (data) => files.append(path, data)
}
