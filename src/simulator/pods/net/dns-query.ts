import { decodeDnsMessage } from '../../dns/decode.ts'
import { encodeDnsMessage } from '../../dns/encode.ts'
import { DnsFormatError, type DnsMessage } from '../../dns/message.ts'
import { createTcpDeframer, frameForTcp } from '../../dns/name-server.ts'
import type { Connection } from '../../ports.ts'
import type { ProgramContext } from '../process/program.ts'
import { openConnection } from './tcp.ts'

export type DnsQueryOutcome =
  | { readonly kind: 'reply'; readonly message: DnsMessage; readonly size: number }
  | { readonly kind: 'timed-out' | 'refused' | 'bad-name' }

/** Asks one server one question, once, and waits for the answer that carries the question's id. */
export async function queryDns(
  context: ProgramContext,
  query: DnsMessage,
  options: {
    readonly server: string
    readonly port?: number
    readonly tcp?: boolean
    readonly timeoutMs: number
  },
): Promise<DnsQueryOutcome> {
  let packet: Uint8Array
  try {
    packet = encodeDnsMessage(query)
  } catch (error) {
    if (!(error instanceof DnsFormatError)) throw error
    return { kind: 'bad-name' }
  }
  const { clock } = context.container
  const untilMs = clock.now() + options.timeoutMs
  const tcp = options.tcp === true
  const outcome = await openConnection(
    context,
    { address: options.server, port: options.port ?? 53, protocol: tcp ? 'TCP' : 'UDP' },
    { timeoutMs: options.timeoutMs },
  )
  if (outcome.kind !== 'connected') {
    return { kind: outcome.kind === 'refused' ? 'refused' : 'timed-out' }
  }
  const { connection } = outcome
  const cancel = clock.after(Math.max(0, untilMs - clock.now()), () => connection.close())
  try {
    connection.send(tcp ? frameForTcp(packet) : packet)
    for await (const bytes of messages(connection, tcp)) {
      const message = decoded(bytes)
      if (message?.id === query.id && message.response) {
        return { kind: 'reply', message, size: bytes.length }
      }
    }
  } finally {
    cancel()
    connection.close()
  }
  context.signal.throwIfAborted()
  return { kind: 'timed-out' }
}

async function* messages(connection: Connection, tcp: boolean): AsyncGenerator<Uint8Array> {
  const take = createTcpDeframer()
  for await (const chunk of connection.incoming) {
    if (tcp) yield* take(chunk)
    else yield chunk
  }
}

function decoded(bytes: Uint8Array): DnsMessage | undefined {
  try {
    return decodeDnsMessage(bytes)
  } catch (error) {
    if (!(error instanceof DnsFormatError)) throw error
    return undefined
  }
}
