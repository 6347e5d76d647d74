import type { Protocol } from '../../../../kube/objects.ts'
import { type HttpRequest, type HttpResponse, serveHttp } from '../../../http/serve-http.ts'
import type { Connection } from '../../../ports.ts'
import type { ProgramContext } from '../../process/program.ts'

/**
 * Listens until the process ends; its connections end with it. The handler's promise is the life of a connection.
 * Throws `AddressInUseError` where the port is taken.
 */
export function listen(
  context: ProgramContext,
  port: number,
  protocol: Protocol,
  handler: (connection: Connection) => Promise<void>,
): void {
  const open = new Set<Connection>()
  const accept = (connection: Connection) => {
    open.add(connection)
    const done = () => {
      open.delete(connection)
      connection.close()
    }
    // A handler that fails has lost its process or its peer: the connection closes, nothing else is to be done.
    handler(connection).then(done, done)
  }
  const { network } = context.container
  const stop = network.listen(port, protocol, accept, ownerOf(context))
  context.signal.addEventListener(
    'abort',
    () => {
      stop()
      for (const connection of open) connection.close()
    },
    { once: true },
  )
}

/** How a program is named among the sockets: `7/nginx`. */
export function ownerOf({ process }: ProgramContext): string {
  const [command = ''] = process.command
  return `${process.pid}/${command.slice(command.lastIndexOf('/') + 1)}`
}

/** Answers HTTP on a port until the process ends. */
export function listenHttp(
  context: ProgramContext,
  port: number,
  respond: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>,
): void {
  listen(context, port, 'TCP', (connection) => serveHttp(connection, respond))
}

/** The version that a tag names, `1.14.2` of `1.14.2-alpine`; what is latest where it names none. */
export function versionOfTag(tag: string, latest: string): string {
  return /^v?(\d+\.\d+\.\d+)/.exec(tag)?.[1] ?? latest
}

/** The life of a server: until SIGTERM, SIGINT or SIGQUIT, with the exit code that it has then. */
export function untilStopped(
  context: ProgramContext,
  onStop: (signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT') => number | Promise<number> = () => 0,
): Promise<number> {
  const life = new Promise<number>((resolve, reject) => {
    const stopped = async (signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT') => {
      const code = await onStop(signal)
      resolve(code)
      // Ends what is still listening: the process goes with its sockets.
      context.process.kill(code)
    }
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) {
      context.onSignal(signal, () => void stopped(signal).catch(reject))
    }
    context.signal.addEventListener('abort', () => reject(context.signal.reason), { once: true })
  })
  // Killed while it still comes up, the server has not begun to wait for its end.
  life.catch(() => {})
  return life
}
