import { Duplex } from 'node:stream'
import type { Connection } from '../../ports.ts'

/** What the peer has not read yet may grow to this. */
const UNREAD_LIMIT = 1024 * 1024

/** A connection of the simulated network as a stream of Node, for Node's own HTTP client. */
export function connectionStream(connection: Connection): Duplex {
  const incoming = connection.incoming[Symbol.asyncIterator]()
  return new Duplex({
    // The server learns of the end of a request by its length; closing a half early would cut its answer off.
    allowHalfOpen: true,
    read() {
      void incoming.next().then(({ done, value }) => this.push(done === true ? null : value))
    },
    write(chunk: Uint8Array, _encoding, done) {
      connection.send(chunk)
      const wait = connection.drained(UNREAD_LIMIT)
      if (wait === undefined) done()
      else void wait.then(() => done())
    },
    destroy(error, done) {
      connection.close()
      done(error)
    },
  })
}
