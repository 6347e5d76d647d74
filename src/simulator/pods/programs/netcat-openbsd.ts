import type { Protocol } from '../../../kube/objects.ts'
import { AddressInUseError, type Connection } from '../../ports.ts'
import { connectErrorText, lookupErrorText } from '../net/c-library.ts'
import { isIpv4, resolveHost } from '../net/resolver.ts'
import { openConnection } from '../net/tcp.ts'
import { untilAborted } from '../process/open-file.ts'
import type { Program, ProgramContext } from '../process/program.ts'
import { type ParsedOptions, parseOptions, UsageError } from './busybox-program.ts'
import { relay } from './nc-relay.ts'
import { ownerOf } from './servers/serving.ts'
import { SERVICE_PORTS, serviceName } from './service-names.ts'

const USAGE = `usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]
	  [-m minttl] [-O length] [-P proxy_username] [-p source_port]
	  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]
	  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]
	  [destination] [port]
`

class NcError extends Error {}

/** The nc of netshoot and agnhost: OpenBSD's, with Debian's changes. `-w` limits connecting and silence, `-z` only looks. */
export const netcatOpenbsd: Program = async (context) => {
  let options: ParsedOptions
  try {
    options = parseOptions(
      context.argv.slice(1),
      '46CDdFhklNnrStUuvZzI:i:M:m:O:P:p:q:s:T:V:W:w:X:x:',
    )
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const [what = '', letter = ''] = error.message.split(': ')
    const known = what === 'unrecognized option' ? 'invalid option' : 'option requires an argument'
    await context.stderr.write(`nc: ${known} -- '${letter}'\n${USAGE}`)
    return 1
  }
  try {
    const [host, ports] = options.operands
    if (options.has('l')) return await listen(context, options)
    if (host === undefined) {
      await context.stderr.write(USAGE)
      return 1
    }
    if (ports === undefined) throw new NcError('missing port number')
    return await connectAll(context, options, host, ports)
  } catch (error) {
    if (!(error instanceof NcError)) throw error
    await context.stderr.write(`nc: ${error.message}\n`)
    return 1
  }
}

async function connectAll(
  context: ProgramContext,
  options: ParsedOptions,
  host: string,
  text: string,
): Promise<number> {
  const protocol: Protocol = options.has('u') ? 'UDP' : 'TCP'
  let status = 1
  for (const port of portsOf(text)) {
    if ((options.has('n') && !isIpv4(host)) || options.has('6')) {
      throw new NcError(
        `getaddrinfo for host "${host}" port ${port}: ${lookupErrorText(context, 'no-such-name')}`,
      )
    }
    const found = await resolveHost(context, host)
    const address = found.kind === 'found' ? found.addresses[0] : undefined
    if (address === undefined) {
      const kind = found.kind === 'found' ? 'no-such-name' : found.kind
      const reason = lookupErrorText(context, kind)
      throw new NcError(`getaddrinfo for host "${host}" port ${port}: ${reason}`)
    }
    const shown = isIpv4(host) ? host : `${host} (${address})`
    const connection = await open(context, options, { shown, address, port, protocol })
    if (connection === undefined) continue
    status = 0
    if (options.has('v') || (options.has('z') && protocol === 'UDP' && options.has('v'))) {
      const name = options.has('n') ? '*' : (serviceName(port, protocol) ?? '*')
      await context.stderr.write(
        `Connection to ${shown} ${port} port [${protocol.toLowerCase()}/${name}] succeeded!\n`,
      )
    }
    if (options.has('z')) {
      connection.close()
      continue
    }
    await exchange(context, options, connection)
    return 0
  }
  return status
}

interface Target {
  readonly shown: string
  readonly address: string
  readonly port: number
  readonly protocol: Protocol
}

async function open(
  context: ProgramContext,
  options: ParsedOptions,
  target: Target,
): Promise<Connection | undefined> {
  const { address, port, protocol } = target
  const limit = options.value('w')
  const timeoutMs = limit === undefined ? undefined : Number(limit) * 1000
  // A datagram needs no answer: a second's silence counts as success, as udptest() takes it.
  const patience = protocol === 'UDP' ? 1000 : timeoutMs
  const outcome = await openConnection(
    context,
    { address, port, protocol },
    { timeoutMs: patience },
  )
  if (outcome.kind === 'connected') {
    if (protocol === 'UDP' && options.has('z')) {
      await context.container.clock.sleep(1000, { signal: context.signal })
    }
    return outcome.connection
  }
  if (protocol === 'UDP') {
    return outcome.kind === 'gave-up' ? silent(context, address, port) : undefined
  }
  if (options.has('v') || (!options.has('z') && outcome.kind === 'refused')) {
    const reason =
      outcome.kind === 'gave-up'
        ? 'timed out: Operation in progress'
        : `failed: ${connectErrorText(context, outcome.kind)}`
    await context.stderr.write(`nc: connect to ${target.shown} port ${port} (tcp) ${reason}\n`)
  }
  return undefined
}

/** A datagram socket whose packets are lost. */
function silent(context: ProgramContext, address: string, port: number): Connection {
  let finish = () => {}
  const over = new Promise<void>((resolve) => {
    finish = resolve
    context.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  return {
    localAddress: context.container.network.address,
    localPort: 0,
    remoteAddress: address,
    remotePort: port,
    send() {},
    drained: () => undefined,
    end() {},
    close: () => finish(),
    incoming: {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          await over
          return { done: true, value: undefined }
        },
      }),
    },
  }
}

/** Both ways; -w ends it after that much silence, -q after the end of the input, and -N tells the peer of it. */
async function exchange(
  context: ProgramContext,
  options: ParsedOptions,
  connection: Connection,
): Promise<void> {
  const limit = options.value('q') ?? options.value('w')
  await relay(context, connection, {
    idleMs: limit === undefined ? 0 : Math.max(1, Number(limit) * 1000),
    shutdown: options.has('N'),
  })
}

async function listen(context: ProgramContext, options: ParsedOptions): Promise<number> {
  const text = options.value('p') ?? options.operands.at(-1)
  if (text === undefined) throw new NcError('missing port number')
  const [port = 0] = portsOf(text)
  const protocol: Protocol = options.has('u') ? 'UDP' : 'TCP'
  const { network } = context.container
  const arrived: Connection[] = []
  let wake = () => {}
  let stop: () => void
  try {
    const accept = (connection: Connection) => {
      arrived.push(connection)
      wake()
    }
    stop = network.listen(port, protocol, accept, ownerOf(context))
  } catch (error) {
    if (!(error instanceof AddressInUseError)) throw error
    throw new NcError('Address in use')
  }
  context.signal.addEventListener('abort', stop, { once: true })
  const verbose = options.has('v')
  if (verbose) {
    await context.stderr.write(
      protocol === 'UDP' ? `Bound on 0.0.0.0 ${port}\n` : `Listening on 0.0.0.0 ${port}\n`,
    )
  }
  try {
    for (;;) {
      const connection = arrived.shift()
      if (connection === undefined) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve
        })
        await untilAborted(woken, context.signal)
        continue
      }
      context.signal.addEventListener('abort', () => connection.close(), { once: true })
      if (verbose) {
        await context.stderr.write(
          `Connection received on ${connection.remoteAddress} ${connection.remotePort}\n`,
        )
      }
      if (options.has('z')) connection.close()
      else await exchange(context, options, connection)
      if (!options.has('k')) return 0
    }
  } finally {
    stop()
  }
}

/** `80`, `http` or a range `80-82`. */
function portsOf(text: string): number[] {
  const range = /^(\d+)-(\d+)$/.exec(text)
  const number = (part: string) => {
    const named = SERVICE_PORTS.get(part)
    if (named !== undefined) return named
    if (!/^\d+$/.test(part)) throw new NcError(`port number invalid: ${part}`)
    if (Number(part) > 65_535) throw new NcError(`port number too large: ${part}`)
    if (Number(part) < 1) throw new NcError(`port number too small: ${part}`)
    return Number(part)
  }
  if (range === null) return [number(text)]
  const first = number(range[1] ?? '')
  const last = number(range[2] ?? '')
  return Array.from({ length: Math.max(0, last - first + 1) }, (_none, at) => first + at)
}
