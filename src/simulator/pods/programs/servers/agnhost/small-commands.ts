import type { HttpRequest } from '../../../../http/serve-http.ts'
import { serveHttp } from '../../../../http/serve-http.ts'
import { acceptTls } from '../../../../http/tls.ts'
import { readResolvConf } from '../../../net/resolver.ts'
import type { ProgramContext } from '../../../process/program.ts'
import { listen, listenHttp, untilStopped } from '../serving.ts'
import type { GoFlags } from './go-flags.ts'
import { goLog, goText } from './go-net.ts'

export const SERVE_HOSTNAME_FLAGS = {
  tcp: 'false',
  udp: 'false',
  http: 'true',
  close: 'false',
  port: '9376',
}

/** agnhost serve-hostname: the pod's name to whoever asks, and a minute's wait when it is told to stop. */
export async function serveHostname(context: ProgramContext, flags: GoFlags): Promise<number> {
  const on = (name: string) => flags.value(name) === 'true'
  if (on('http') && (on('tcp') || on('udp'))) {
    await goLog(context, "Can't server TCP/UDP mode and HTTP mode at the same time")
    return 1
  }
  const port = flags.number('port')
  const { hostname } = context.container.network
  const name = new TextEncoder().encode(hostname)
  if (on('tcp')) {
    listen(context, port, 'TCP', async (peer) => {
      await goLog(context, `TCP request from ${peer.remoteAddress}:${peer.remotePort}`)
      peer.send(name)
    })
  }
  if (on('udp')) {
    listen(context, port, 'UDP', async (peer) => {
      for await (const _datagram of peer.incoming) {
        await goLog(context, `UDP request from ${peer.remoteAddress}:${peer.remotePort}`)
        peer.send(name)
      }
    })
  }
  if (on('http')) {
    listenHttp(context, port, async (request) => {
      await goLog(context, `HTTP request from ${request.remoteAddress}:${request.remotePort}`)
      return goText(hostname)
    })
  }
  const stopped = untilStopped(context, async (signal) => {
    await goLog(
      context,
      `Shutting down after receiving signal: ${signal === 'SIGTERM' ? 'terminated' : 'interrupt'}.`,
    )
    if (signal !== 'SIGTERM') return 2
    await goLog(context, 'Awaiting pod deletion.')
    await context.container.clock.sleep(60_000, { signal: context.signal })
    return 0
  })
  await goLog(context, `Serving on port ${port}.`)
  return stopped
}

export const PORTER_FLAGS = { 'json-response': 'false' }

/** agnhost porter: a listener for each variable SERVE_PORT_N, SERVE_TLS_PORT_N, SERVE_UDP_PORT_N and SERVE_SCTP_PORT_N, which answers its value. */
export async function porter(context: ProgramContext, flags: GoFlags): Promise<number> {
  const json = flags.value('json-response') === 'true'
  const stopped = untilStopped(context, () => 2)
  for (const [name, value] of context.env) {
    const [, kind = 'TCP', text = ''] =
      /^SERVE_(?:(TCP|TLS|UDP|SCTP)_)?PORT_(\d+)$/.exec(name) ?? []
    const port = Number(text)
    if (text === '' || !(port > 0) || port > 65_535) continue
    const respond = (request: HttpRequest) =>
      json
        ? goText(JSON.stringify({ Method: request.method, Body: value }), 200, 'application/json')
        : goText(value)
    const data = new TextEncoder().encode(value)
    if (kind === 'UDP') {
      listen(context, port, 'UDP', async (peer) => {
        for await (const _datagram of peer.incoming) peer.send(data)
      })
      await goLog(context, `Started UDP server on port ${port}`)
    } else if (kind === 'SCTP') {
      listen(context, port, 'SCTP', async (peer) => {
        await goLog(context, 'Sending response')
        peer.send(data)
        await goLog(context, 'Response sent')
        // The message has to arrive before the end.
        for await (const _chunk of peer.incoming) return
      })
      await goLog(context, 'Started SCTP server')
    } else {
      listen(context, port, 'TCP', async (peer) => {
        const channel = kind === 'TLS' ? await acceptTls(peer, 'private') : peer
        if (channel !== undefined) await serveHttp(channel, respond)
      })
    }
  }
  return stopped
}

export const TEST_WEBSERVER_FLAGS = { port: '80' }

/** agnhost test-webserver: the files of the container over HTTP. */
export async function testWebserver(context: ProgramContext, flags: GoFlags): Promise<number> {
  const { files } = context.container
  listenHttp(context, flags.number('port'), (request) => {
    const path = decodedPath(request.target)
    const stat = path === undefined || path.split('/').includes('..') ? undefined : files.stat(path)
    if (path === undefined || stat === undefined) return goText('404 page not found\n', 404)
    if (stat.kind === 'file') {
      return { ...goText(''), body: stat.data() }
    }
    const names = files.list(path).map((name) => {
      const shown = files.stat(`${path}/${name}`)?.kind === 'directory' ? `${name}/` : name
      return `<a href="${encodeURI(shown)}">${shown}</a>\n`
    })
    return goText(
      `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${names.join('')}</pre>\n`,
      200,
      'text/html; charset=utf-8',
    )
  })
  return untilStopped(context, () => 2)
}

/** The path of a request; `undefined` where its bytes are no text, which no file is called. */
function decodedPath(target: string): string | undefined {
  try {
    return decodeURIComponent(target.replace(/[?#].*/, '')).replaceAll(/\/+/g, '/')
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    return undefined
  }
}

/** agnhost pause: exit 2 on SIGTERM, 1 on SIGINT. */
export async function pauseCommand(context: ProgramContext): Promise<number> {
  const stopped = untilStopped(context, (signal) => (signal === 'SIGINT' ? 1 : 2))
  await context.stdout.write('Paused\n')
  return stopped
}

/** agnhost dns-suffix, dns-server-list and etc-hosts. */
export async function dnsFacts(
  context: ProgramContext,
  command: 'dns-suffix' | 'dns-server-list' | 'etc-hosts',
): Promise<number> {
  const conf = readResolvConf(context)
  const text =
    command === 'dns-suffix'
      ? conf.search.join(',')
      : command === 'dns-server-list'
        ? conf.servers.join(',')
        : context.container.files.readText('/etc/hosts')
  await context.stdout.write(`${text}\n`)
  return 0
}
