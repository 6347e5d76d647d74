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
  const server = new Server(handler)
  const { network } = context.container
  const stop = network.listen(port, protocol, (peer) => server.accept(peer), ownerOf(context))
  context.process.whenEnded(() => {
    stop()
    server.close()
  })
}

/** The connections of one listening socket. */
class Server {
  private readonly handler: (connection: Connection) => Promise<void>
  /** None, most of the time. */
  private open: Set<Connection> | undefined

  constructor(handler: (connection: Connection) => Promise<void>) {
    this.handler = handler
  }

  accept(connection: Connection): void {
    this.open ??= new Set()
    this.open.add(connection)
    const done = () => {
      this.open?.delete(connection)
      if (this.open?.size === 0) this.open = undefined
      connection.close()
    }
    // A handler that fails has lost its process or its peer: the connection closes, nothing else is to be done.
    this.handler(connection).then(done, done)
  }

  close(): void {
    for (const connection of [...(this.open ?? [])]) connection.close()
  }
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

const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const
type StopSignal = (typeof STOP_SIGNALS)[number]

/** The life of a server: until SIGTERM, SIGINT or SIGQUIT, with the exit code that it has then. */
export function untilStopped(
  context: ProgramContext,
  onStop: (signal: StopSignal) => number | Promise<number> = () => 0,
): Promise<number> {
  const { process } = context
  const life = new Promise<number>((resolve, reject) => {
    const stopped = async (signal: StopSignal) => {
      const code = await onStop(signal)
      resolve(code)
      // Ends what is still listening: the process goes with its sockets.
      process.kill(code)
    }
    for (const signal of STOP_SIGNALS) {
      process.handle(signal, () => void stopped(signal).catch(reject))
    }
    process.whenEnded(() => reject(process.abort.reason))
  })
  // Killed while it still comes up, the server has not begun to wait for its end.
  life.catch(() => {})
  return life
}
