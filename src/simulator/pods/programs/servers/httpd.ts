import type { Program } from '../../process/program.ts'
import { formatDate } from '../date-format.ts'
import { listenHttp, untilStopped } from './serving.ts'

const ROOT = '/usr/local/apache2/htdocs'

/** httpd of the official Apache image: its welcome page on port 80, requests logged on stdout. */
export const apache: Program = async (context) => {
  const { clock, files, network } = context.container
  listenHttp(context, 80, async (request) => {
    const path = request.target.replace(/[?#].*/, '')
    const file = path.endsWith('/') ? `${ROOT}${path}index.html` : `${ROOT}${path}`
    const stat = path.includes('..') ? undefined : files.stat(file)
    const found = stat?.kind === 'file'
    const body = found
      ? stat.data()
      : '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n</body></html>\n'
    const time = formatDate('%d/%b/%Y:%H:%M:%S +0000', clock.now())
    await context.stdout.write(
      `${request.remoteAddress} - - [${time}] "${request.method} ${request.target} ${request.version}" ${found ? 200 : 404} ${body.length}\n`,
    )
    return {
      status: found ? 200 : 404,
      headers: [
        ['Date', new Date(clock.now()).toUTCString()],
        ['Server', 'Apache/2.4.63 (Unix)'],
        ['Content-Type', found ? 'text/html' : 'text/html; charset=iso-8859-1'],
      ],
      body,
    }
  })
  const stopped = untilStopped(context)
  await context.stderr.write(
    `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${network.address}. Set the 'ServerName' directive globally to suppress this message\n`,
  )
  return stopped
}
