import type { HttpRequest, HttpResponse } from '../../../../http/serve-http.ts'
import { serveHttp } from '../../../../http/serve-http.ts'
import { acceptTls } from '../../../../http/tls.ts'
import type { Connection } from '../../../../ports.ts'
import { DEFAULT_PATH } from '../../../files/file-node.ts'
import { FdTable } from '../../../process/fd-table.ts'
import { NullFile, SinkFile } from '../../../process/open-file.ts'
import type { ProgramContext } from '../../../process/program.ts'
import { listen, untilStopped } from '../serving.ts'
import { type GoFlags, parseGoDuration } from './go-flags.ts'
import { exchangeMessage, goError, goHttpGet, goLog, goResolve, goText } from './go-net.ts'

export const NETEXEC_FLAGS = {
  'http-port': '8080',
  'tls-cert-file': '',
  'tls-private-key-file': '',
  'udp-port': '8081',
  'sctp-port': '-1',
  'http-override': '',
  'udp-listen-addresses': '',
}

/** agnhost netexec (test/images/agnhost/netexec/netexec.go): HTTP endpoints to look at the network with, and UDP and SCTP echoes. */
export async function netexec(context: ProgramContext, flags: GoFlags): Promise<number> {
  const httpPort = flags.number('http-port')
  const udpPort = flags.number('udp-port')
  const sctpPort = flags.number('sctp-port')
  const override = flags.value('http-override')
  const state = { ready: udpPort !== -1 || sctpPort !== -1 }
  const respond = (request: HttpRequest) =>
    handle(
      context,
      override === '' ? request : { ...request, method: 'GET', target: override },
      state,
    )
  const secure = flags.value('tls-cert-file') !== ''
  listen(context, httpPort, 'TCP', async (connection) => {
    const channel = secure ? await acceptTls(connection, 'private') : connection
    if (channel !== undefined) await serveHttp(channel, respond)
  })
  if (udpPort !== -1) listen(context, udpPort, 'UDP', (peer) => messages(context, peer, 'UDP'))
  if (sctpPort !== -1) listen(context, sctpPort, 'SCTP', (peer) => messages(context, peer, 'SCTP'))
  const stopped = untilStopped(context, () => 2)
  await goLog(context, `Started HTTP server on port ${httpPort}`)
  if (udpPort !== -1) await goLog(context, `Started UDP server on port  ${udpPort}`)
  if (sctpPort !== -1) await goLog(context, 'Started SCTP server')
  return stopped
}

/** The server of UDP, and of SCTP, which hangs up after one answer. */
async function messages(
  context: ProgramContext,
  peer: Connection,
  protocol: 'UDP' | 'SCTP',
): Promise<void> {
  const client = `${peer.remoteAddress}:${peer.remotePort}`
  const name = protocol === 'UDP' ? 'udp' : 'SCTP'
  const send = (text: string) => peer.send(new TextEncoder().encode(text))
  for await (const chunk of peer.incoming) {
    const text = new TextDecoder().decode(chunk).trim().toLowerCase()
    if (text === 'hostname') {
      await goLog(context, `Sending ${name} hostName response`)
      send(context.container.network.hostname)
    } else if (text.startsWith('echo ')) {
      await goLog(context, `Echoing ${text.slice(5)} to ${protocol} client ${client}`)
      send(text.slice(5))
    } else if (text === 'clientip') {
      await goLog(context, `Sending clientip back to ${protocol} client ${client}`)
      send(client)
    } else if (text !== '') {
      await goLog(context, `Unknown ${protocol} command received from ${client}: ${text}`)
    }
    if (protocol === 'SCTP') return
  }
}

async function handle(
  context: ProgramContext,
  request: HttpRequest,
  state: { readonly ready: boolean },
): Promise<HttpResponse> {
  const { network, clock } = context.container
  const [path = '/'] = request.target.split('?')
  const query = new URLSearchParams(request.target.slice(path.length + 1))
  if (request.method === 'POST') {
    const form = new URLSearchParams(new TextDecoder().decode(request.body))
    for (const [key, value] of form) if (!query.has(key)) query.set(key, value)
  }
  const param = (name: string) => query.get(name) ?? ''
  switch (path) {
    case '/clientip':
      await goLog(context, 'GET /clientip')
      return goText(`${request.remoteAddress}:${request.remotePort}`)
    case '/hostname':
    case '/hostName':
      await goLog(context, `GET ${path}`)
      return goText(network.hostname)
    case '/healthz':
      await goLog(context, 'GET /healthz')
      return goText('', state.ready ? 200 : 412)
    case '/echo': {
      const [msg, code] = [param('msg'), param('code')]
      await goLog(context, `GET /echo?msg=${msg}&code=${code}`)
      if (code !== '' && !/^[1-9]\d\d$/.test(code)) {
        return goText(`argument 'code' must be an integer or empty, got ${JSON.stringify(code)}\n`)
      }
      return goText(msg, code === '' ? 200 : Number(code))
    }
    case '/redirect': {
      const [location, code] = [param('location'), param('code')]
      await goLog(context, `${request.method} /redirect?msg=${location}&code=${code}`)
      if (code !== '' && !/^3\d\d$/.test(code)) {
        return goText(`argument 'code' must be an integer or empty, got ${JSON.stringify(code)}\n`)
      }
      return {
        status: code === '' ? 302 : Number(code),
        quietConnection: true,
        headers: [
          ['Content-Type', 'text/html; charset=utf-8'],
          ['Location', location],
        ],
        body: `<a href="${location}">Found</a>.\n\n`,
      }
    }
    case '/dial':
      return dial(context, query)
    case '/shell':
      return shell(context, param('shellCommand') || param('cmd'))
    case '/shutdown':
      await goLog(context, 'GET /shutdown')
      context.process.kill(0)
      return { status: 200, hangUp: true }
    case '/exit':
      return exit(context, query)
    case '/upload':
      await goLog(context, 'GET /upload')
      return goText('{"error":"Unable to upload file."}')
    default:
      await goLog(context, 'GET /')
      return goText(`NOW: ${goTime(clock.now())}`)
  }
}

/** How Go prints a time: `2026-11-30 10:00:00.123456789 +0000 UTC m=+1.5`. */
function goTime(nowMs: number): string {
  return `${new Date(nowMs).toISOString().replace('T', ' ').replace('Z', '000000')} +0000 UTC`
}

async function dial(context: ProgramContext, query: URLSearchParams): Promise<HttpResponse> {
  const [host, port, request, protocol, tries] = [
    'host',
    'port',
    'request',
    'protocol',
    'tries',
  ].map((name) => query.get(name) ?? '')
  await goLog(
    context,
    `GET /dial?host=${host}&protocol=${protocol}&port=${port}&request=${request}&tries=${tries}`,
  )
  if (tries !== '' && !/^-?\d+$/.test(tries ?? '')) {
    return goError(
      `tries parameter is invalid. strconv.Atoi: parsing ${JSON.stringify(tries)}: invalid syntax`,
      400,
    )
  }
  if (request === undefined || request === '') {
    return goError('request parameter not specified. <nil>', 400)
  }
  const kind = (protocol ?? '').toLowerCase()
  if (!['', 'http', 'udp', 'sctp'].includes(kind)) {
    return goError(`unsupported protocol. ${protocol}`, 400)
  }
  const network = kind === 'udp' || kind === 'sctp' ? kind : 'tcp'
  const to = await goResolve(context, host ?? '', port ?? '', network)
  if ('error' in to) return goError(`host and/or port param are invalid. ${to.error}`, 400)
  const errors: string[] = []
  const responses: string[] = []
  let last = ''
  for (let attempt = 0; attempt < Math.min(Number(tries || '1'), MOST_TRIES); attempt++) {
    const result = await dialOnce(context, to, network, request)
    last = 'body' in result ? result.body : ''
    if ('body' in result) responses.push(result.body)
    else errors.push(result.error)
  }
  const output = {
    ...(errors.length > 0 ? { errors } : {}),
    ...(last === '' ? {} : { responses }),
  }
  return goText(JSON.stringify(output))
}

const MOST_TRIES = 1000
const DIAL_TIMEOUT_MS = 5000

async function dialOnce(
  context: ProgramContext,
  to: { readonly address: string; readonly port: number },
  network: 'tcp' | 'udp' | 'sctp',
  request: string,
): Promise<{ readonly body: string } | { readonly error: string }> {
  if (network === 'tcp') return goHttpGet(context, to, request)
  const protocol = network === 'udp' ? 'UDP' : 'SCTP'
  const outcome = await exchangeMessage(context, to, protocol, request, DIAL_TIMEOUT_MS)
  if (outcome.kind === 'answered') return { body: outcome.text }
  if (network === 'sctp' && outcome.kind === 'refused') {
    return { error: 'sctp dial failed. err:connection refused' }
  }
  const reason =
    outcome.kind === 'refused'
      ? 'read: connection refused'
      : outcome.kind === 'ended'
        ? 'EOF'
        : 'i/o timeout'
  return {
    error: `reading from ${network} connection failed. err:'read ${network} ${outcome.path}: ${reason}'`,
  }
}

async function shell(context: ProgramContext, command: string): Promise<HttpResponse> {
  await goLog(context, `GET /shell?cmd=${command}`)
  const found = context.container.findProgram('/bin/sh', { path: DEFAULT_PATH, cwd: '/' })
  if (found.kind !== 'program')
    return goText('{"error":"fork/exec /bin/sh: no such file or directory"}')
  const parts: Uint8Array[] = []
  const fds = new FdTable()
  fds.set(0, new NullFile())
  for (const fd of [1, 2]) fds.set(fd, new SinkFile((data) => parts.push(data.slice())))
  const child = context.container.spawn(found.program, {
    argv: ['/bin/sh', '-c', command],
    env: context.env,
    cwd: context.cwd,
    fds,
    parent: context.process,
  })
  const code = await child.exited
  const text = Buffer.concat(parts).toString()
  const output = {
    ...(code === 0 ? {} : { error: `exit status ${code}` }),
    ...(text === '' ? {} : { output: text }),
  }
  await goLog(
    context,
    `Output: map[${Object.entries(output)
      .map(([key, value]) => `${key}:${value}`)
      .join(' ')}]`,
  )
  return goText(JSON.stringify(output))
}

async function exit(context: ProgramContext, query: URLSearchParams): Promise<HttpResponse> {
  const [wait = '', timeout = '', code = ''] = ['wait', 'timeout', 'code'].map(
    (name) => query.get(name) ?? '',
  )
  await goLog(context, `GET /exit?code=${code}&timeout=${timeout}&wait=${wait}`)
  for (const [name, text] of [
    ['timeout', timeout],
    ['wait', wait],
  ] as const) {
    if (text !== '' && parseGoDuration(text) === undefined) {
      return goText(
        `argument '${name}' must be a valid golang duration or empty, got ${JSON.stringify(text)}\n`,
      )
    }
  }
  if (code !== '' && !/^-?\d+$/.test(code)) {
    return goText(
      `argument 'code' must be an integer [0-127] or empty, got ${JSON.stringify(code)}\n`,
    )
  }
  await goLog(
    context,
    `Will begin shutdown in ${wait || '0s'}, allowing ${timeout || '0s'} for connections to close, then will exit with ${Number(code)}`,
  )
  await context.container.clock.sleep(parseGoDuration(wait) ?? 0, { signal: context.signal })
  context.process.kill(Number(code) & 0xff)
  return { status: 200, hangUp: true }
}
