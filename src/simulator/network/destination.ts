import { type HttpRequest, type HttpResponse, serveHttp } from '../http/serve-http.ts'
import { acceptTls } from '../http/tls.ts'
import type { Connection } from '../ports.ts'
import { type Acceptor, listenerAt, type NetworkCore } from './network-core.ts'
import { serveOutside } from './outside-services.ts'
import type { Destination, Route } from './routes.ts'

const API_PORT = 6443
/** Ports that every node answers on: API server and kubelet. */
const NODE_PORTS = [API_PORT, 10_250]
const POD_DELAY_MS = 0.05

/** The end of a route: how far away it is, and what listens there when the packet arrives. */
export interface Place {
  readonly address: string
  readonly port: number
  /** One way. */
  readonly delayMs: number
  readonly acceptor: () => Acceptor | undefined
}

export function placeOf(core: NetworkCore, where: Route, to: Destination): Place {
  switch (where.kind) {
    case 'pod':
      return {
        address: where.address,
        port: where.port,
        delayMs: core.jitter(POD_DELAY_MS),
        acceptor: () =>
          listenerAt(core.hosts.get(where.address), { protocol: to.protocol, port: where.port })
            ?.accept,
      }
    case 'node':
      return {
        address: where.address,
        port: where.port,
        delayMs: core.jitter(POD_DELAY_MS),
        acceptor: () =>
          listenerAt(core.hosts.get(where.address), { protocol: to.protocol, port: where.port })
            ?.accept ??
          (to.protocol === 'TCP' && NODE_PORTS.includes(where.port) ? refuseAnonymous : undefined),
      }
    case 'outside': {
      const service = where.host.ports.find(
        (candidate) => candidate.port === where.port && candidate.protocol === to.protocol,
      )?.service
      return {
        address: where.host.address,
        port: where.port,
        delayMs: core.jitter(where.host.delayMs),
        acceptor: () =>
          service === undefined
            ? undefined
            : (connection) =>
                void serveOutside(service, where.host, core, connection).catch(() =>
                  connection.close(),
                ),
      }
    }
    default:
      return {
        address: to.address,
        port: to.port,
        delayMs: core.jitter(POD_DELAY_MS),
        acceptor: () => undefined,
      }
  }
}

/** What a node's own servers, the API server and the kubelet, say to someone without credentials. */
function refuseAnonymous(connection: Connection): void {
  void (async () => {
    const channel = await acceptTls(connection, 'private')
    if (channel === undefined) connection.close()
    else await serveHttp(channel, connection.localPort === API_PORT ? forbid : unauthorized)
  })()
}

function forbid({ target, method }: HttpRequest): HttpResponse {
  const verb = method.toLowerCase()
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `forbidden: User "system:anonymous" cannot ${verb} path "${target.replace(/\?.*/, '')}"`,
    reason: 'Forbidden',
    details: {},
    code: 403,
  }
  return {
    status: 403,
    headers: [['Content-Type', 'application/json']],
    body: `${JSON.stringify(status, null, 2)}\n`,
  }
}

function unauthorized(): HttpResponse {
  return {
    status: 401,
    headers: [['Content-Type', 'text/plain; charset=utf-8']],
    body: 'Unauthorized',
  }
}
