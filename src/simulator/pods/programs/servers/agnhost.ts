import type { Protocol } from '../../../../kube/objects.ts'
import { resolveHost } from '../../net/resolver.ts'
import { openConnection } from '../../net/tcp.ts'
import type { Program, ProgramContext } from '../../process/program.ts'
import { listen, listenHttp, untilStopped } from './serving.ts'

/** agnhost of the Kubernetes end-to-end tests (test/images/agnhost): the subcommands that network lessons use. */
export const agnhost: Program = async (context) => {
  const [, subcommand, ...args] = context.argv
  switch (subcommand) {
    case undefined:
    case 'pause':
      await context.stdout.write('Paused\n')
      return untilStopped(context)
    case 'netexec':
      return netexec(context, args)
    case 'serve-hostname':
      return serveHostname(context, args)
    case 'porter':
      return porter(context)
    case 'connect':
      return connect(context, args)
    case 'help':
    case '--help':
      await context.stdout.write(
        'Usage:\n  app [command]\n\nAvailable Commands:\n  connect\n  netexec\n  pause\n  porter\n  serve-hostname\n',
      )
      return 0
    default:
      await context.stderr.write(
        `Error: unknown command "${subcommand}" for "app" (the simulated agnhost has connect, netexec, pause, porter and serve-hostname)\n`,
      )
      return 1
  }
}

/** `--name=value`, `--name value`, `--flag`. */
function flag(args: readonly string[], name: string): string | undefined {
  for (const [index, argument] of args.entries()) {
    if (argument === `--${name}`) return args[index + 1] ?? ''
    if (argument.startsWith(`--${name}=`)) return argument.slice(name.length + 3)
  }
  return undefined
}

function text(body: string, status = 200) {
  return { status, headers: [['Content-Type', 'text/plain; charset=utf-8']] as const, body }
}

async function netexec(context: ProgramContext, args: readonly string[]): Promise<number> {
  const { network, clock } = context.container
  const httpPort = Number(flag(args, 'http-port') ?? '8080')
  const udpPort = Number(flag(args, 'udp-port') ?? '8081')
  const sctpPort = Number(flag(args, 'sctp-port') ?? '-1')
  listenHttp(context, httpPort, (request) => {
    const [path = '/'] = request.target.split('?')
    const query = new URLSearchParams(request.target.slice(path.length + 1))
    switch (path) {
      case '/hostname':
      case '/hostName':
        return text(network.hostname)
      case '/clientip':
        return text(`${request.remoteAddress}:0`)
      case '/echo':
        return text(query.get('msg') ?? '')
      case '/healthz':
        return text('')
      case '/':
        return text(`NOW: ${new Date(clock.now()).toISOString()}`)
      default:
        return text('404 page not found\n', 404)
    }
  })
  const answer = (message: string) =>
    /^hostname$/i.test(message)
      ? network.hostname
      : message.startsWith('echo ')
        ? message.slice(5)
        : ''
  const datagrams = (port: number, protocol: Protocol) =>
    listen(context, port, protocol, async (connection) => {
      for await (const chunk of connection.incoming) {
        connection.send(new TextEncoder().encode(answer(new TextDecoder().decode(chunk).trim())))
      }
    })
  if (udpPort > 0) datagrams(udpPort, 'UDP')
  if (sctpPort > 0) datagrams(sctpPort, 'SCTP')
  const stopped = untilStopped(context)
  await context.stdout.write(`Started HTTP server on port ${httpPort}\n`)
  if (udpPort > 0) await context.stdout.write(`Started UDP server on port ${udpPort}\n`)
  return stopped
}

async function serveHostname(context: ProgramContext, args: readonly string[]): Promise<number> {
  const port = Number(flag(args, 'port') ?? '9376')
  const { hostname } = context.container.network
  const udp = args.includes('--udp')
  if (udp) {
    listen(context, port, 'UDP', async (connection) => {
      for await (const _datagram of connection.incoming)
        connection.send(new TextEncoder().encode(`${hostname}\n`))
    })
  } else listenHttp(context, port, () => text(hostname))
  const stopped = untilStopped(context)
  await context.stdout.write(`Serving on port ${port}.\n`)
  return stopped
}

/** porter: a listener for each variable SERVE_PORT_N, SERVE_SCTP_PORT_N and SERVE_UDP_PORT_N, which answers its value. */
async function porter(context: ProgramContext): Promise<number> {
  for (const [name, value] of context.env) {
    const port = Number(/^SERVE_(?:TLS_)?PORT_(\d+)$/.exec(name)?.[1])
    if (port > 0) listenHttp(context, port, () => text(value))
    for (const protocol of ['SCTP', 'UDP'] as const) {
      const other = Number(new RegExp(`^SERVE_${protocol}_PORT_(\\d+)$`).exec(name)?.[1])
      if (!(other > 0)) continue
      listen(context, other, protocol, async (connection) => {
        if (protocol === 'SCTP') connection.send(new TextEncoder().encode(value))
        for await (const _chunk of connection.incoming)
          connection.send(new TextEncoder().encode(value))
      })
    }
  }
  return untilStopped(context)
}

/** connect HOST:PORT: silent success, or one word on stderr (TIMEOUT, REFUSED, DNS, OTHER) and exit 1. */
async function connect(context: ProgramContext, args: readonly string[]): Promise<number> {
  const target = args.find(
    (argument, index) =>
      !argument.startsWith('--') && !/^--(timeout|protocol)$/.test(args[index - 1] ?? ''),
  )
  const match = /^(.+):(\d+)$/.exec(target ?? '')
  const fail = async (word: string) => {
    await context.stderr.write(`${word}\n`)
    return 1
  }
  if (match?.[1] === undefined) return fail('OTHER: address: missing port in address')
  const limit = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(flag(args, 'timeout') ?? '')
  const timeoutMs =
    limit?.[1] === undefined
      ? undefined
      : Number(limit[1]) * ({ ms: 1, s: 1000, m: 60_000 }[limit[2] ?? 's'] ?? 1000)
  const protocol: Protocol =
    { tcp: 'TCP', udp: 'UDP', sctp: 'SCTP' }[flag(args, 'protocol') ?? 'tcp'] === 'UDP'
      ? 'UDP'
      : flag(args, 'protocol') === 'sctp'
        ? 'SCTP'
        : 'TCP'
  const found = await resolveHost(context, match[1])
  const address = found.kind === 'found' ? found.addresses[0] : undefined
  if (address === undefined) return fail('DNS')
  const outcome = await openConnection(
    context,
    { address, port: Number(match[2]), protocol },
    { timeoutMs },
  )
  switch (outcome.kind) {
    case 'connected':
      outcome.connection.close()
      return 0
    case 'refused':
      return fail('REFUSED')
    case 'unreachable':
      return fail('OTHER: network is unreachable')
    default:
      return fail('TIMEOUT')
  }
}
