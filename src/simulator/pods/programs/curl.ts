import { ByteReader } from '../../http/byte-reader.ts'
import { resolveHost } from '../net/resolver.ts'
import { openConnection } from '../net/tcp.ts'
import type { Program, ProgramContext } from '../process/program.ts'
import { pathOf } from '../process/program-context.ts'
import { type ParsedOptions, parseOptions, UsageError } from './busybox-program.ts'

const LONG_OPTIONS: Readonly<Record<string, string>> = {
  silent: 's',
  'show-error': 'S',
  verbose: 'v',
  head: 'I',
  include: 'i',
  'max-time': 'm',
  'connect-timeout': '1',
  output: 'o',
  'write-out': 'w',
  request: 'X',
  data: 'd',
  header: 'H',
  location: 'L',
  insecure: 'k',
  fail: 'f',
  'user-agent': 'A',
  ipv4: '4',
  version: 'V',
}
const VERSION = '8.12.1'

/** A failed transfer, with curl's own number and words. */
class CurlError extends Error {
  readonly exitCode: number
  constructor(exitCode: number, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

/** curl for HTTP: what it transfers, and its errors by number: 6 name, 7 connection, 28 time. */
export const curl: Program = async (context) => {
  let options: ParsedOptions
  try {
    options = parseOptions(context.argv.slice(1), 'sSvIifkL4Vm:1:o:w:X:d:H:A:', LONG_OPTIONS)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    await context.stderr.write(
      `curl: option ${error.message.replace('unrecognized option: ', '')}: is unknown\ncurl: try 'curl --help' for more information\n`,
    )
    return 2
  }
  if (options.has('V')) {
    await context.stdout.write(`curl ${VERSION} (x86_64-alpine-linux-musl) libcurl/${VERSION}\n`)
    return 0
  }
  if (options.operands.length === 0) {
    await context.stderr.write(
      "curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
    )
    return 2
  }
  let status = 0
  for (const url of options.operands) {
    const facts: Facts = {
      status: 0,
      startedMs: context.container.clock.now(),
      connectedMs: 0,
      size: 0,
      remote: '',
    }
    try {
      await transfer(context, url, options, facts)
      status = 0
    } catch (error) {
      if (!(error instanceof CurlError)) throw error
      if (!options.has('s') || options.has('S'))
        await context.stderr.write(`curl: (${error.exitCode}) ${error.message}\n`)
      status = error.exitCode
    }
    const format = options.value('w')
    if (format !== undefined)
      await context.stdout.write(fillFormat(format, facts, context.container.clock.now()))
  }
  return status
}

interface Facts {
  status: number
  startedMs: number
  connectedMs: number
  size: number
  remote: string
}

async function transfer(
  context: ProgramContext,
  given: string,
  options: ParsedOptions,
  facts: Facts,
): Promise<void> {
  const { clock } = context.container
  const since = () => Math.round(clock.now() - facts.startedMs)
  const maxMs = options.has('m') ? Number(options.value('m')) * 1000 : undefined
  const connectMs = options.has('1') ? Number(options.value('1')) * 1000 : undefined
  let url = /^[a-z]+:\/\//.test(given) ? given : `http://${given}`
  for (let redirects = 0; ; redirects++) {
    const parsed = URL.canParse(url) ? new URL(url) : undefined
    if (parsed === undefined)
      throw new CurlError(3, 'URL rejected: Malformed input to a URL function')
    if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
      throw new CurlError(1, `Protocol "${parsed.protocol.slice(0, -1)}" not supported`)
    }
    const port = Number(parsed.port || (parsed.protocol === 'https:' ? 443 : 80))
    const host = parsed.hostname
    const limit = Math.min(maxMs ?? Number.POSITIVE_INFINITY, connectMs ?? Number.POSITIVE_INFINITY)
    const found = await withinTime(context, resolveHost(context, host), limit)
    if (found === 'late')
      throw new CurlError(28, `Resolving timed out after ${since()} milliseconds`)
    const address = found.kind === 'found' ? found.addresses[0] : undefined
    if (address === undefined) throw new CurlError(6, `Could not resolve host: ${host}`)
    facts.remote = address
    const say = async (text: string) => {
      if (options.has('v')) await context.stderr.write(`* ${text}\n`)
    }
    await say(`  Trying ${address}:${port}...`)
    const left = limit - since()
    const outcome = await openConnection(
      context,
      { address, port },
      { timeoutMs: Number.isFinite(left) ? Math.max(0, left) : undefined },
    )
    if (outcome.kind === 'gave-up')
      throw new CurlError(28, `Connection timed out after ${since()} milliseconds`)
    if (outcome.kind !== 'connected') {
      const reason = outcome.kind === 'timed-out' ? 28 : 7
      throw new CurlError(
        reason,
        `Failed to connect to ${host} port ${port} after ${since()} ms: ${outcome.kind === 'timed-out' ? "Couldn't connect to server" : 'Could not connect to server'}`,
      )
    }
    facts.connectedMs = since()
    await say(`Connected to ${host} (${address}) port ${port}`)
    const { connection } = outcome
    let late = false
    const cancel =
      maxMs === undefined
        ? () => {}
        : clock.after(Math.max(0, maxMs - since()), () => {
            late = true
            connection.close()
          })
    try {
      connection.send(new TextEncoder().encode(await request(context, parsed, options)))
      const reader = new ByteReader(connection.incoming)
      const head = await readHead(reader)
      if (late)
        throw new CurlError(
          28,
          `Operation timed out after ${since()} milliseconds with 0 bytes received`,
        )
      if (head === undefined) throw new CurlError(52, 'Empty reply from server')
      facts.status = head.status
      if (options.has('v')) for (const line of head.lines) await context.stderr.write(`< ${line}\n`)
      if (
        options.has('L') &&
        head.location !== undefined &&
        head.status >= 300 &&
        head.status < 400 &&
        redirects < 50
      ) {
        url = new URL(head.location, parsed).href
        continue
      }
      if (options.has('f') && head.status >= 400) {
        throw new CurlError(22, `The requested URL returned error: ${head.status}`)
      }
      await save(context, reader, head, options, facts)
      if (late)
        throw new CurlError(
          28,
          `Operation timed out after ${since()} milliseconds with ${facts.size} bytes received`,
        )
      return
    } finally {
      cancel()
      connection.close()
    }
  }
}

async function withinTime<T>(
  context: ProgramContext,
  promise: Promise<T>,
  limitMs: number,
): Promise<T | 'late'> {
  if (!Number.isFinite(limitMs)) return promise
  let cancel = () => {}
  const late = new Promise<'late'>((resolve) => {
    cancel = context.container.clock.after(limitMs, () => resolve('late'))
  })
  promise.catch(() => {})
  try {
    return await Promise.race([promise, late])
  } finally {
    cancel()
  }
}

async function request(context: ProgramContext, url: URL, options: ParsedOptions): Promise<string> {
  const data = options
    .values('d')
    .map((text) =>
      text.startsWith('@')
        ? context.container.files.readText(pathOf(context, text.slice(1)))
        : text,
    )
  const body = data.join('&')
  const method =
    options.value('X') ?? (options.has('I') ? 'HEAD' : data.length > 0 ? 'POST' : 'GET')
  const given = options.values('H')
  const missing = (name: string) =>
    !given.some((header) => header.toLowerCase().startsWith(`${name.toLowerCase()}:`))
  const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`]
  if (missing('Host')) lines.push(`Host: ${url.host}`)
  if (missing('User-Agent')) lines.push(`User-Agent: ${options.value('A') ?? `curl/${VERSION}`}`)
  lines.push('Accept: */*', ...given)
  if (data.length > 0) {
    lines.push(`Content-Length: ${new TextEncoder().encode(body).length}`)
    if (missing('Content-Type')) lines.push('Content-Type: application/x-www-form-urlencoded')
  }
  if (options.has('v')) for (const line of [...lines, '']) await context.stderr.write(`> ${line}\n`)
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

interface Head {
  readonly lines: readonly string[]
  readonly status: number
  readonly length: number | undefined
  readonly location: string | undefined
}

async function readHead(reader: ByteReader): Promise<Head | undefined> {
  const lines: string[] = []
  for (;;) {
    const line = await reader.readLine()
    if (line === undefined) return undefined
    lines.push(line)
    if (line === '') break
  }
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(lines[0] ?? '')?.[1])
  if (Number.isNaN(status)) return undefined
  const header = (name: string) =>
    lines
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim()
  const length = header('content-length')
  return {
    lines,
    status,
    length: length === undefined ? undefined : Number(length),
    location: header('location'),
  }
}

async function save(
  context: ProgramContext,
  reader: ByteReader,
  head: Head,
  options: ParsedOptions,
  facts: Facts,
): Promise<void> {
  const file = options.value('o')
  const path = file === undefined || file === '-' ? undefined : pathOf(context, file)
  if (path !== undefined) context.container.files.write(path, new Uint8Array(0))
  const write = async (data: Uint8Array) => {
    if (path === undefined) await context.stdout.write(data)
    else context.container.files.append(path, data)
  }
  if (options.has('I') || options.has('i'))
    await write(new TextEncoder().encode(`${head.lines.join('\r\n')}\r\n`))
  if (options.has('I')) return
  for (let left = head.length ?? Number.POSITIVE_INFINITY; left > 0; ) {
    const chunk = await reader.read(Math.min(left, 16_384))
    if (chunk === undefined) break
    left -= chunk.length
    facts.size += chunk.length
    await write(chunk)
  }
}

function fillFormat(format: string, facts: Facts, nowMs: number): string {
  const values: Readonly<Record<string, string>> = {
    http_code: String(facts.status).padStart(3, '0'),
    response_code: String(facts.status).padStart(3, '0'),
    time_total: ((nowMs - facts.startedMs) / 1000).toFixed(6),
    time_connect: (facts.connectedMs / 1000).toFixed(6),
    size_download: String(facts.size),
    remote_ip: facts.remote,
  }
  return format
    .replace(/%\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
}
