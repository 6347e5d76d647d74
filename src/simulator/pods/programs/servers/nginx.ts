import { type HttpRequest, type HttpResponse, serveHttp } from '../../../http/serve-http.ts'
import { AddressInUseError, type Connection } from '../../../ports.ts'
import type { Program, ProgramContext } from '../../process/program.ts'
import { formatDate } from '../date-format.ts'
import { listen, untilStopped } from './serving.ts'

export const NGINX_VERSION = '1.27.5'
const ROOT = '/usr/share/nginx/html'
/** When the official image's pages were last changed. */
const PAGE_TIME = Date.UTC(2025, 3, 16, 12, 1, 11)

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  txt: 'text/plain',
  css: 'text/css',
  js: 'application/javascript',
  json: 'application/json',
}

/** nginx as the official image runs it: files below the web root on port 80, access log on stdout, errors on stderr. */
export const nginx: Program = async (context) => {
  const args = context.argv.slice(1)
  const version = versionOf(context)
  if (args.includes('-v') || args.includes('-V')) {
    await context.stderr.write(`nginx version: nginx/${version}\n`)
    return 0
  }
  const log = (level: string, pid: number, text: string) =>
    context.stderr.write(`${stampOf(context)} [${level}] ${pid}#${pid}: ${text}\n`)
  if (args.includes('-t')) {
    await context.stderr.write(
      'nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n',
    )
    return 0
  }
  if (args.includes('-s')) {
    const master = context.container.processes
      .all()
      .find(
        (process) => process.pid !== context.process.pid && /nginx/.test(process.command[0] ?? ''),
      )
    const order = args[args.indexOf('-s') + 1] ?? ''
    await log('notice', context.process.pid, 'signal process started')
    if (order === 'reload' || order === 'reopen') return 0
    master?.signal(order === 'quit' ? 'SIGQUIT' : 'SIGTERM')
    return 0
  }
  let requests = 0
  const ports = portsOf(context)
  const serve = (connection: Connection) => {
    const number = ++requests
    return serveHttp(
      connection,
      async (request) => {
        const { response, error } = respond(context, request)
        if (error !== undefined) {
          await log(
            'error',
            WORKER,
            `*${number} ${error}, client: ${request.remoteAddress}, server: localhost, request: "${request.method} ${request.target} ${request.version}", host: "${request.headers.get('host') ?? ''}"`,
          )
        }
        await context.stdout.write(accessLogLine(context, request, response))
        return response
      },
      {
        onBadRequest: async (line) => {
          const response = problem(context, 400, 'Bad Request')
          await context.stdout.write(
            `${connection.remoteAddress} - - [${timeOf(context)}] "${escaped(line)}" 400 ${response.body?.length ?? 0} "-" "-" "-"\n`,
          )
          return response
        },
      },
    )
  }
  let taken = 80
  try {
    for (const port of ports) {
      taken = port
      listen(context, port, 'TCP', serve)
    }
  } catch (error) {
    if (!(error instanceof AddressInUseError)) throw error
    const stamp = stampOf(context)
    await context.stderr.write(
      `${stamp} [emerg] 1#1: bind() to 0.0.0.0:${taken} failed (98: Address already in use)\nnginx: [emerg] bind() to 0.0.0.0:${taken} failed (98: Address already in use)\n`,
    )
    return 1
  }
  const stopped = untilStopped(context, async (signal) => {
    const number = { SIGTERM: 15, SIGINT: 2, SIGQUIT: 3 }[signal]
    const gently = signal === 'SIGQUIT'
    await log(
      'notice',
      1,
      `signal ${number} (${signal}) received, ${gently ? 'shutting down' : 'exiting'}`,
    )
    const workers = [WORKER, WORKER + 1]
    for (const step of [...(gently ? ['gracefully shutting down'] : []), 'exiting', 'exit']) {
      for (const worker of workers) await log('notice', worker, step)
    }
    for (const worker of workers) {
      await log('notice', 1, `signal 17 (SIGCHLD) received from ${worker}`)
      await log('notice', 1, `worker process ${worker} exited with code 0`)
    }
    await log('notice', 1, 'exit')
    return 0
  })
  for (const line of [
    'using the "epoll" event method',
    `nginx/${version}`,
    ...(context.container.files.stat('/etc/alpine-release') === undefined
      ? ['built by gcc 12.2.0 (Debian 12.2.0-14) ']
      : ['built by gcc 14.2.0 (Alpine 14.2.0) ']),
    'OS: Linux 6.8.0',
    'getrlimit(RLIMIT_NOFILE): 1048576:1048576',
    'start worker processes',
    `start worker process ${WORKER}`,
    `start worker process ${WORKER + 1}`,
  ]) {
    await log('notice', 1, line)
  }
  return stopped
}

/** The ports of `listen` lines in its configuration. */
function portsOf({ container }: ProgramContext): number[] {
  const file = container.files.stat('/etc/nginx/conf.d/default.conf')
  const text = file?.kind === 'file' ? new TextDecoder().decode(file.data()) : ''
  const ports = [...text.matchAll(/^\s*listen\s+(?:[\d.]+:)?(\d+)\b/gm)].map(([, port]) =>
    Number(port),
  )
  return ports.length === 0 ? [80] : [...new Set(ports)]
}

/** The process id of the first worker, as it is in the logs of the official image. */
const WORKER = 29

function versionOf(context: ProgramContext): string {
  return context.env.get('NGINX_VERSION') ?? NGINX_VERSION
}

function stampOf({ container }: ProgramContext): string {
  return formatDate('%Y/%m/%d %H:%M:%S', container.clock.now())
}

function timeOf({ container }: ProgramContext): string {
  return formatDate('%d/%b/%Y:%H:%M:%S +0000', container.clock.now())
}

/** Bytes that are no text as nginx writes them into its log. */
function escaped(line: string): string {
  return [...line]
    .map((char) => {
      const code = char.charCodeAt(0)
      return code < 32 || code > 126 || char === '"' || char === '\\'
        ? `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`
        : char
    })
    .join('')
}

function baseHeaders(context: ProgramContext): (readonly [string, string])[] {
  return [
    ['Server', `nginx/${versionOf(context)}`],
    ['Date', new Date(context.container.clock.now()).toUTCString()],
  ]
}

function problem(context: ProgramContext, status: number, text: string): HttpResponse {
  return {
    status,
    headers: [...baseHeaders(context), ['Content-Type', 'text/html']],
    body: errorPage(context, status, text),
  }
}

function respond(
  context: ProgramContext,
  request: HttpRequest,
): { readonly response: HttpResponse; readonly error?: string } {
  const { files } = context.container
  const base = baseHeaders(context)
  const failed = (status: number, text: string, error?: string) => ({
    response: problem(context, status, text),
    ...(error === undefined ? {} : { error }),
  })
  const raw = request.target.replace(/[?#].*/, '')
  let path: string
  try {
    path = decodeURIComponent(raw)
  } catch {
    return failed(400, 'Bad Request')
  }
  if (path.split('/').includes('..')) return failed(400, 'Bad Request')
  const file = path.endsWith('/') ? `${ROOT}${path}index.html` : `${ROOT}${path}`
  const stat = files.stat(file)
  if (stat?.kind === 'directory') {
    const location = `http://${request.headers.get('host') ?? context.container.network.address}${raw}/`
    return {
      response: {
        status: 301,
        headers: [...base, ['Content-Type', 'text/html'], ['Location', location]],
        body: errorPage(context, 301, 'Moved Permanently'),
      },
    }
  }
  if (stat === undefined) {
    const folder = files.stat(`${ROOT}${path}`)?.kind === 'directory'
    return folder
      ? failed(403, 'Forbidden', `directory index of "${ROOT}${path}" is forbidden`)
      : failed(404, 'Not Found', `open() "${file}" failed (2: No such file or directory)`)
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return failed(405, 'Not Allowed')
  const data = stat.data()
  const modified = stat.modifiedMs === 0 ? PAGE_TIME : stat.modifiedMs
  const extension = file.slice(file.lastIndexOf('.') + 1)
  const response = {
    status: 200,
    headers: [
      ...base,
      ['Content-Type', TYPES[extension] ?? 'application/octet-stream'],
      ['Last-Modified', new Date(modified).toUTCString()],
      ['ETag', `"${Math.floor(modified / 1000).toString(16)}-${data.length.toString(16)}"`],
      ['Accept-Ranges', 'bytes'],
    ] as const,
    body: data,
  }
  return { response }
}

function errorPage(context: ProgramContext, status: number, text: string): string {
  return `<html>\r\n<head><title>${status} ${text}</title></head>\r\n<body>\r\n<center><h1>${status} ${text}</h1></center>\r\n<hr><center>nginx/${versionOf(context)}</center>\r\n</body>\r\n</html>\r\n`
}

function accessLogLine(
  context: ProgramContext,
  request: HttpRequest,
  response: HttpResponse,
): string {
  const time = timeOf(context)
  const sent = request.method === 'HEAD' ? 0 : (response.body?.length ?? 0)
  const header = (name: string) => request.headers.get(name) ?? '-'
  return `${request.remoteAddress} - - [${time}] "${request.method} ${request.target} ${request.version}" ${response.status} ${sent} "${header('referer')}" "${header('user-agent')}" "${header('x-forwarded-for')}"\n`
}
