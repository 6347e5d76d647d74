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
  const stop = context.container.network.listen(port, protocol, (connection) => {
    open.add(connection)
    const done = () => {
      open.delete(connection)
      connection.close()
    }
    // A handler that fails has lost its process or its peer: the connection closes, nothing else is to be done.
    handler(connection).then(done, done)
  })
  context.signal.addEventListener(
    'abort',
    () => {
      stop()
      for (const connection of open) connection.close()
    },
    { once: true },
  )
}

/** Answers HTTP on a port until the process ends. */
export function listenHttp(
  context: ProgramContext,
  port: number,
  respond: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>,
): void {
  listen(context, port, 'TCP', (connection) => serveHttp(connection, respond))
}

/** The life of a server: until SIGTERM, SIGINT or SIGQUIT, with the exit code that it has then. */
export function untilStopped(
  context: ProgramContext,
  onStop: (signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT') => number | Promise<number> = () => 0,
): Promise<number> {
  return new Promise((resolve, reject) => {
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
}
