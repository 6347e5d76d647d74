import { ByteReader } from '../../http/byte-reader.ts'
import { secure } from '../../http/tls.ts'
import type { Connection } from '../../ports.ts'
import { connectErrorText } from '../net/c-library.ts'
import { resolveHost } from '../net/resolver.ts'
import { openConnection } from '../net/tcp.ts'
import type { ProgramContext, ProgramOutput } from '../process/program.ts'
import { pathOf } from '../process/program-context.ts'
import {
  busyboxProgram,
  type ParsedOptions,
  ProgramError,
  parseOptions,
  UsageError,
  wholeNumber,
} from './busybox-program.ts'
import { createProgressMeter } from './wget-progress.ts'

const LONG_OPTIONS = {
  continue: 'c',
  quiet: 'q',
  'server-response': 'S',
  'output-document': 'O',
  'output-file': 'o',
  'directory-prefix': 'P',
  proxy: 'Y',
  'user-agent': 'U',
  timeout: 'T',
  tries: 't',
  header: '1',
  'post-data': '2',
  'post-file': '5',
  spider: '3',
  'no-check-certificate': '4',
} as const

const DEFAULT_TIMEOUT_SECONDS = 900
const MAX_REDIRECTS = 5
/** Status codes that wget goes on with. */
const READABLE = [200, 204, 206, 300, 301, 302, 303, 307, 308]

interface Target {
  readonly secure: boolean
  /** As typed, port included. */
  readonly shownHost: string
  readonly host: string
  readonly port: number
  readonly path: string
}

/** BusyBox wget. `-T` covers connecting and reading, never the name look-up. */
export const wget = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'csqSO:o:P:Y:U:T:t:1:2:345:n:', LONG_OPTIONS)
  if (options.operands.length === 0) throw new UsageError('')
  const logFile = options.value('o')
  const say = logFile === undefined ? context.stderr : fileOutput(context, logFile)
  for (const url of options.operands) await download(context, url, options, say)
  return 0
})

async function download(
  context: ProgramContext,
  url: string,
  options: ParsedOptions,
  say: ProgramOutput,
): Promise<void> {
  const quiet = options.has('q')
  const timeoutMs = wholeNumber(options.value('T') ?? String(DEFAULT_TIMEOUT_SECONDS)) * 1000
  let target = parseUrl(url)
  const fileName = options.value('O') ?? defaultFileName(target, options.value('P'))
  for (let redirects = 0; ; redirects++) {
    if (redirects === MAX_REDIRECTS) throw new ProgramError('too many redirections')
    const found = await resolveHost(context, target.host)
    const address = found.kind === 'found' ? found.addresses[0] : undefined
    if (address === undefined) throw new ProgramError(`bad address '${target.shownHost}'`)
    if (!quiet) await say.write(`Connecting to ${target.shownHost} (${address}:${target.port})\n`)
    const outcome = await openConnection(context, { address, port: target.port }, { timeoutMs })
    if (outcome.kind === 'gave-up') throw new ProgramError('download timed out')
    if (outcome.kind !== 'connected') {
      throw new ProgramError(
        `can't connect to remote host (${address}): ${connectErrorText(context, outcome.kind)}`,
      )
    }
    const { connection } = outcome
    const alarm = createAlarm(context, timeoutMs, () => connection.close())
    try {
      const channel = target.secure ? await secured(context, connection, options) : connection
      channel.send(new TextEncoder().encode(await requestText(context, target, options)))
      const reader = new ByteReader(channel.incoming)
      const head = await readHead(reader, options.has('S') ? say : undefined, alarm)
      if (head.location !== undefined && [301, 302, 303, 307, 308].includes(head.status)) {
        target = parseUrl(new URL(head.location, urlOf(target)).href)
        continue
      }
      if (head.status >= 300) {
        throw new ProgramError(`server returned error: ${head.statusLine}`)
      }
      if (options.has('3')) {
        if (!quiet) await say.write('remote file exists\n')
        return
      }
      await saveBody(context, reader, head, fileName, {
        say,
        quiet,
        alarm,
        givenName: options.has('O'),
      })
      return
    } finally {
      alarm.cancel()
      connection.close()
    }
  }
}

/** Alpine's ssl_client, which wget starts for https. */
async function secured(
  context: ProgramContext,
  connection: Connection,
  options: ParsedOptions,
): Promise<Connection> {
  const greeting = await secure(connection)
  if (greeting.kind === 'secured' && (greeting.issuer === 'public' || options.has('4'))) {
    return greeting.connection
  }
  await context.stderr.write('ssl_client: SSL_connect\n')
  throw new ProgramError('error getting response: Connection reset by peer')
}

async function saveBody(
  context: ProgramContext,
  reader: ByteReader,
  head: Head,
  fileName: string,
  options: {
    readonly say: ProgramOutput
    readonly quiet: boolean
    readonly alarm: Alarm
    readonly givenName: boolean
  },
): Promise<void> {
  const { files } = context.container
  const toStdout = fileName === '-'
  const path = pathOf(context, fileName)
  const { say, quiet, alarm } = options
  if (!toStdout) {
    if (!options.givenName && files.stat(path) !== undefined) {
      throw new ProgramError(`can't open '${fileName}': File exists`)
    }
    files.write(path, new Uint8Array(0))
  }
  if (!quiet) await say.write(toStdout ? 'writing to stdout\n' : `saving to '${fileName}'\n`)
  const shownName = fileName.slice(fileName.lastIndexOf('/') + 1)
  const meter = createProgressMeter({
    name: shownName,
    total: head.length,
    columns: say.terminal?.size.columns ?? 80,
    now: () => context.container.clock.now(),
  })
  for await (const chunk of bodyOf(reader, head)) {
    alarm.again()
    meter.add(chunk.length)
    if (toStdout) await context.stdout.write(chunk)
    else files.append(path, chunk)
  }
  if (alarm.rang) throw new ProgramError('download timed out')
  if (quiet) return
  await say.write(`${meter.render()}\n`)
  await say.write(toStdout ? 'written to stdout\n' : `'${fileName}' saved\n`)
}

interface Head {
  readonly statusLine: string
  readonly status: number
  readonly length: number | undefined
  readonly chunked: boolean
  readonly location: string | undefined
}

async function readHead(
  reader: ByteReader,
  show: ProgramOutput | undefined,
  alarm: Alarm,
): Promise<Head> {
  const line = async () => {
    const text = await reader.readLine()
    if (alarm.rang) throw new ProgramError('download timed out')
    if (text !== undefined) await show?.write(`  ${text}\n`)
    return text
  }
  const statusLine = await line()
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(statusLine ?? '')?.[1]
  if (statusLine === undefined || status === undefined)
    throw new ProgramError('error getting response')
  // An error ends it before the headers are read.
  if (!READABLE.includes(Number(status))) {
    throw new ProgramError(`server returned error: ${statusLine}`)
  }
  let length: number | undefined
  let chunked = false
  let location: string | undefined
  for (;;) {
    const header = await line()
    if (header === undefined || header === '') break
    const [name = '', ...rest] = header.split(':')
    const value = rest.join(':').trim()
    if (name.toLowerCase() === 'content-length') length = Number(value)
    if (name.toLowerCase() === 'transfer-encoding') chunked = value.toLowerCase() === 'chunked'
    if (name.toLowerCase() === 'location') location = value
  }
  return { statusLine, status: Number(status), length, chunked, location }
}

async function* bodyOf(reader: ByteReader, head: Head): AsyncGenerator<Uint8Array> {
  if (!head.chunked) {
    let left = head.length ?? Number.POSITIVE_INFINITY
    while (left > 0) {
      const chunk = await reader.read(Math.min(left, 4096))
      if (chunk === undefined) return
      left -= chunk.length
      yield chunk
    }
    return
  }
  for (;;) {
    let left = Number.parseInt((await reader.readLine()) ?? '0', 16)
    if (!(left > 0)) return
    while (left > 0) {
      const chunk = await reader.read(Math.min(left, 4096))
      if (chunk === undefined) return
      left -= chunk.length
      yield chunk
    }
    await reader.readLine()
  }
}

async function requestText(
  context: ProgramContext,
  target: Target,
  options: ParsedOptions,
): Promise<string> {
  const postFile = options.value('5')
  const post =
    options.value('2') ??
    (postFile === undefined
      ? undefined
      : context.container.files.readText(pathOf(context, postFile)))
  const method = post !== undefined ? 'POST' : options.has('3') ? 'HEAD' : 'GET'
  const lines = [
    `${method} ${target.path} HTTP/1.1`,
    `Host: ${target.shownHost}`,
    `User-Agent: ${options.value('U') ?? 'Wget'}`,
    'Connection: close',
    ...options.values('1'),
  ]
  if (post !== undefined) {
    if (!options.values('1').some((header) => /^content-type:/i.test(header))) {
      lines.push('Content-Type: application/x-www-form-urlencoded')
    }
    lines.push(`Content-Length: ${new TextEncoder().encode(post).length}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n${post ?? ''}`
}

function parseUrl(url: string): Target {
  const scheme = /^([a-z]+):\/\//.exec(url)?.[1] ?? 'http'
  if (scheme === 'ftp') throw new ProgramError('ftp is not simulated')
  if (scheme !== 'http' && scheme !== 'https')
    throw new ProgramError(`not an http or ftp url: ${url}`)
  const rest = url.replace(/^[a-z]+:\/\//, '')
  const end = rest.search(/[/?#]/)
  const authority = (end === -1 ? rest : rest.slice(0, end)).replace(/^.*@/, '')
  const tail = end === -1 ? '/' : rest.slice(end)
  const port = /:(\d+)$/.exec(authority)?.[1]
  const named = /:([^:\]]*)$/.exec(authority)?.[1]
  if (port === undefined && named !== undefined) throw new ProgramError(`bad port '${named}'`)
  return {
    secure: scheme === 'https',
    shownHost: authority,
    host: port === undefined ? authority.replace(/:$/, '') : authority.slice(0, -port.length - 1),
    port: port === undefined ? (scheme === 'https' ? 443 : 80) : Number(port),
    path: (tail.startsWith('/') ? tail : `/${tail}`).replace(/#.*/, ''),
  }
}

function urlOf(target: Target): string {
  return `${target.secure ? 'https' : 'http'}://${target.shownHost}${target.path}`
}

function defaultFileName(target: Target, folder: string | undefined): string {
  const path = target.path.replace(/\?.*/, '')
  const name = path.slice(path.lastIndexOf('/') + 1) || 'index.html'
  return folder === undefined ? name : `${folder.replace(/\/$/, '')}/${name}`
}

interface Alarm {
  readonly rang: boolean
  again(): void
  cancel(): void
}

/** The SIGALRM of wget: silence of `ms` ends the transfer. */
function createAlarm(context: ProgramContext, ms: number, ring: () => void): Alarm {
  let rang = false
  const start = () =>
    context.container.clock.after(ms, () => {
      rang = true
      ring()
    })
  let cancel = start()
  return {
    get rang() {
      return rang
    },
    again() {
      cancel()
      cancel = start()
    },
    cancel: () => cancel(),
  }
}

function fileOutput(context: ProgramContext, name: string): ProgramOutput {
  const path = pathOf(context, name)
  context.container.files.write(path, '')
  return {
    terminal: undefined,
    async write(data) {
      context.container.files.append(
        path,
        typeof data === 'string' ? new TextEncoder().encode(data) : data,
      )
    },
  }
}
