/** What a peer sent is no SPDY/3: the session cannot go on. */
export class SpdyError extends Error {
  override readonly name = 'SpdyError'
}
