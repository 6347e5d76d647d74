import { type HttpRequest, type HttpResponse, serveHttp } from '../../../http/serve-http.ts'
import type { Program, ProgramContext } from '../../process/program.ts'
import { formatDate } from '../date-format.ts'
import { listen, untilStopped } from './serving.ts'

const ROOT = '/usr/local/apache2/htdocs'
export const HTTPD_VERSION = '2.4.63'
/** When the page of the official image was last changed. */
const PAGE_TIME = Date.UTC(2007, 5, 11, 18, 53, 14)

/** httpd of the official Apache image: its welcome page on port 80, requests logged on stdout in the common format. */
export const apache: Program = async (context) => {
  const { network } = context.container
  const version = context.env.get('HTTPD_VERSION') ?? HTTPD_VERSION
  if (context.argv.includes('-v')) {
    await context.stdout.write(`Server version: Apache/${version} (Unix)\n`)
    return 0
  }
  const log = (request: string, client: string, response: HttpResponse, sent: number) =>
    context.stdout.write(
      `${client} - - [${formatDate('%d/%b/%Y:%H:%M:%S +0000', context.container.clock.now())}] "${request}" ${response.status} ${sent === 0 ? '-' : sent}\n`,
    )
  listen(context, 80, 'TCP', (connection) =>
    serveHttp(
      connection,
      async (request) => {
        const response = respond(context, request, version)
        const line = `${request.method} ${request.target} ${request.version}`
        const sent = request.method === 'HEAD' ? 0 : (response.body?.length ?? 0)
        await log(line, request.remoteAddress, response, sent)
        return response
      },
      {
        onBadRequest: async (line) => {
          const text = 'Your browser sent a request that this server could not understand.<br />\n'
          const response = problem(context, version, 400, 'Bad Request', text)
          const shown = line.replace(
            /[^ -~]/g,
            (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
          )
          await log(shown, connection.remoteAddress, response, response.body?.length ?? 0)
          return response
        },
      },
    ),
  )
  const notice = (module: string, text: string) => {
    const now = context.container.clock.now()
    return context.stderr.write(
      `[${formatDate('%a %b %d %H:%M:%S', now)}.${String(Math.floor(now % 1000)).padStart(3, '0')}000 ${formatDate('%Y', now)}] [${module}] [pid 1:tid 1] ${text}\n`,
    )
  }
  const stopped = untilStopped(context, async () => {
    await notice('mpm_event:notice', 'AH00491: caught SIGTERM, shutting down')
    return 0
  })
  const name = `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${network.address}. Set the 'ServerName' directive globally to suppress this message\n`
  await context.stderr.write(`${name}${name}`)
  await notice(
    'mpm_event:notice',
    `AH00489: Apache/${version} (Unix) configured -- resuming normal operations`,
  )
  await notice('core:notice', "AH00094: Command line: 'httpd -D FOREGROUND'")
  return stopped
}

function problem(
  context: ProgramContext,
  version: string,
  status: number,
  title: string,
  text: string,
): HttpResponse {
  return {
    status,
    quietConnection: true,
    headers: [
      ['Date', new Date(context.container.clock.now()).toUTCString()],
      ['Server', `Apache/${version} (Unix)`],
      ['Content-Type', 'text/html; charset=iso-8859-1'],
    ],
    body: `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${status} ${title}</title>\n</head><body>\n<h1>${title}</h1>\n<p>${text}</p>\n</body></html>\n`,
  }
}

function respond(context: ProgramContext, request: HttpRequest, version: string): HttpResponse {
  const { files, clock } = context.container
  const path = request.target.replace(/[?#].*/, '')
  const file = path.endsWith('/') ? `${ROOT}${path}index.html` : `${ROOT}${path}`
  const stat = path.split('/').includes('..') ? undefined : files.stat(file)
  if (stat?.kind !== 'file') {
    return problem(
      context,
      version,
      404,
      'Not Found',
      'The requested URL was not found on this server.',
    )
  }
  const data = stat.data()
  const modified = stat.modifiedMs === 0 ? PAGE_TIME : stat.modifiedMs
  return {
    status: 200,
    quietConnection: true,
    headers: [
      ['Date', new Date(clock.now()).toUTCString()],
      ['Server', `Apache/${version} (Unix)`],
      ['Last-Modified', new Date(modified).toUTCString()],
      ['ETag', `"${data.length.toString(16)}-${(modified * 1000).toString(16)}"`],
      ['Accept-Ranges', 'bytes'],
      ['Content-Type', 'text/html'],
    ],
    body: data,
  }
}
