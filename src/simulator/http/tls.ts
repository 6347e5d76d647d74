import type { Connection } from '../ports.ts'

/**
 * TLS as far as it can be told apart from outside: who speaks it, who does not, and whose certificate a client trusts. Nothing is
 * encrypted; what goes through it cannot be seen by anybody in between anyway. The first bytes are those of real records, so that
 * a plain server takes a client's greeting for rubbish and a client takes a plain answer for a wrong version.
 */
export type CertificateIssuer =
  /** A public authority, which clients trust. */
  | 'public'
  /** The cluster's own authority, or the server itself. */
  | 'private'

const HANDSHAKE = 0x16
const CLIENT_HELLO = Uint8Array.of(HANDSHAKE, 3, 1, 0, 1, 1)
const SERVER_HELLO = Uint8Array.of(HANDSHAKE, 3, 3, 0, 2, 2)

export type TlsOutcome =
  | {
      readonly kind: 'secured'
      readonly issuer: CertificateIssuer
      readonly connection: Connection
    }
  /** The server answered something that is no TLS, and how that begins. */
  | { readonly kind: 'not-tls'; readonly start: Uint8Array }
  | { readonly kind: 'closed' }

/** The client's side of the greeting. */
export async function secure(connection: Connection): Promise<TlsOutcome> {
  connection.send(CLIENT_HELLO)
  const reader = connection.incoming[Symbol.asyncIterator]()
  const length = SERVER_HELLO.length + 1
  let held: Uint8Array = new Uint8Array(0)
  while (held.length < length) {
    const next = await reader.next()
    if (next.done) return { kind: held.length === 0 ? 'closed' : 'not-tls', start: held }
    held = joined(held, next.value)
    if (held[0] !== HANDSHAKE) return { kind: 'not-tls', start: held }
  }
  const issuer = held[length - 1] === 1 ? 'public' : 'private'
  return {
    kind: 'secured',
    issuer,
    connection: withRest(connection, held.subarray(length), reader),
  }
}

/** The server's side: the connection after the greeting; `undefined` for a client that does not speak TLS or went away. */
export async function acceptTls(
  connection: Connection,
  issuer: CertificateIssuer,
): Promise<Connection | undefined> {
  const reader = connection.incoming[Symbol.asyncIterator]()
  let held: Uint8Array = new Uint8Array(0)
  while (held.length < CLIENT_HELLO.length) {
    const next = await reader.next()
    if (next.done) return undefined
    held = joined(held, next.value)
    if (held[0] !== HANDSHAKE) {
      // As Go's net/http says it; nginx and others differ in words only.
      connection.send(
        new TextEncoder().encode(
          'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n',
        ),
      )
      return undefined
    }
  }
  connection.send(joined(SERVER_HELLO, Uint8Array.of(issuer === 'public' ? 1 : 0)))
  return withRest(connection, held.subarray(CLIENT_HELLO.length), reader)
}

/** The same connection, with bytes that were read too early before the others. */
function withRest(
  connection: Connection,
  rest: Uint8Array,
  reader: AsyncIterator<Uint8Array>,
): Connection {
  async function* incoming(): AsyncGenerator<Uint8Array> {
    if (rest.length > 0) yield rest
    for (;;) {
      const next = await reader.next()
      if (next.done) return
      yield next.value
    }
  }
  return {
    localAddress: connection.localAddress,
    localPort: connection.localPort,
    remoteAddress: connection.remoteAddress,
    remotePort: connection.remotePort,
    send: (data) => connection.send(data),
    end: () => connection.end(),
    close: () => connection.close(),
    drained: (bytes) => connection.drained(bytes),
    incoming: incoming(),
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const out = new Uint8Array(first.length + second.length)
  out.set(first)
  out.set(second, first.length)
  return out
}
