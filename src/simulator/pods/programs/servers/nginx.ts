import type { HttpRequest, HttpResponse } from '../../../http/serve-http.ts'
import { AddressInUseError } from '../../../ports.ts'
import type { Program, ProgramContext } from '../../process/program.ts'
import { formatDate } from '../date-format.ts'
import { listenHttp, untilStopped } from './serving.ts'

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
  const notice = (pid: number, text: string) =>
    context.stderr.write(
      `${formatDate('%Y/%m/%d %H:%M:%S', context.container.clock.now())} [notice] ${pid}#${pid}: ${text}\n`,
    )
  try {
    listenHttp(context, 80, async (request) => {
      const response = respond(context, request)
      await context.stdout.write(accessLogLine(context, request, response))
      return response
    })
  } catch (error) {
    if (!(error instanceof AddressInUseError)) throw error
    const stamp = formatDate('%Y/%m/%d %H:%M:%S', context.container.clock.now())
    await context.stderr.write(
      `${stamp} [emerg] 1#1: bind() to 0.0.0.0:80 failed (98: Address already in use)\nnginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\n`,
    )
    return 1
  }
  const stopped = untilStopped(context, async (signal) => {
    const number = { SIGTERM: 15, SIGINT: 2, SIGQUIT: 3 }[signal]
    await notice(
      1,
      `signal ${number} (${signal}) received, ${signal === 'SIGQUIT' ? 'shutting down' : 'exiting'}`,
    )
    return 0
  })
  for (const line of [
    'using the "epoll" event method',
    `nginx/${NGINX_VERSION}`,
    'OS: Linux 6.8.0',
    'start worker processes',
    'start worker process 29',
    'start worker process 30',
  ]) {
    await notice(1, line)
  }
  return stopped
}

function respond(context: ProgramContext, request: HttpRequest): HttpResponse {
  const { files, clock } = context.container
  const base: (readonly [string, string])[] = [
    ['Server', `nginx/${NGINX_VERSION}`],
    ['Date', new Date(clock.now()).toUTCString()],
  ]
  const problem = (status: number, text: string): HttpResponse => ({
    status,
    headers: [...base, ['Content-Type', 'text/html']],
    body: errorPage(status, text),
  })
  const raw = request.target.replace(/[?#].*/, '')
  let path: string
  try {
    path = decodeURIComponent(raw)
  } catch {
    return problem(400, 'Bad Request')
  }
  if (path.split('/').includes('..')) return problem(400, 'Bad Request')
  if (request.method !== 'GET' && request.method !== 'HEAD') return problem(405, 'Not Allowed')
  const file = path.endsWith('/') ? `${ROOT}${path}index.html` : `${ROOT}${path}`
  const stat = files.stat(file)
  if (stat?.kind === 'directory') {
    const location = `http://${request.headers.get('host') ?? context.container.network.address}${raw}/`
    return {
      status: 301,
      headers: [...base, ['Content-Type', 'text/html'], ['Location', location]],
      body: errorPage(301, 'Moved Permanently'),
    }
  }
  if (stat === undefined) {
    const folder = files.stat(`${ROOT}${path}`)?.kind === 'directory'
    return folder ? problem(403, 'Forbidden') : problem(404, 'Not Found')
  }
  const data = stat.data()
  const modified = stat.modifiedMs === 0 ? PAGE_TIME : stat.modifiedMs
  const extension = file.slice(file.lastIndexOf('.') + 1)
  return {
    status: 200,
    headers: [
      ...base,
      ['Content-Type', TYPES[extension] ?? 'application/octet-stream'],
      ['Last-Modified', new Date(modified).toUTCString()],
      ['ETag', `"${Math.floor(modified / 1000).toString(16)}-${data.length.toString(16)}"`],
      ['Accept-Ranges', 'bytes'],
    ],
    body: data,
  }
}

function errorPage(status: number, text: string): string {
  return `<html>\r\n<head><title>${status} ${text}</title></head>\r\n<body>\r\n<center><h1>${status} ${text}</h1></center>\r\n<hr><center>nginx/${NGINX_VERSION}</center>\r\n</body>\r\n</html>\r\n`
}

function accessLogLine(
  context: ProgramContext,
  request: HttpRequest,
  response: HttpResponse,
): string {
  const time = formatDate('%d/%b/%Y:%H:%M:%S +0000', context.container.clock.now())
  const sent = request.method === 'HEAD' ? 0 : (response.body?.length ?? 0)
  const header = (name: string) => request.headers.get(name) ?? '-'
  return `${request.remoteAddress} - - [${time}] "${request.method} ${request.target} ${request.version}" ${response.status} ${sent} "${header('referer')}" "${header('user-agent')}" "${header('x-forwarded-for')}"\n`
}
