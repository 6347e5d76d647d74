import { constants, deflateRawSync, deflateSync, inflateRawSync } from 'node:zlib'
import { headerDictionary } from './header-dictionary.ts'
import { SpdyError } from './spdy-error.ts'

/** A header block may be as large as that, unpacked. */
const BLOCK_LIMIT = 64 * 1024
const HEADERS_LIMIT = 100
/** How far deflate looks back. */
const WINDOW = 32 * 1024
/** RFC 1950: two bytes, then the checksum of the dictionary. */
const PREFIX_LENGTH = 6
const NO_HEADERS = Buffer.alloc(4)

/**
 * Reads the header blocks of one direction of a session, which are one zlib stream in pieces. Each piece ends at a byte, since
 * both ends flush, so a piece is unpacked by itself with what came before as its dictionary: nothing native is held between two.
 */
export class HeaderBlockReader {
  private window: Uint8Array | undefined

  /**
   * Names in lower case to values.
   * @throws SpdyError for what is no such block, or too large
   */
  read(block: Uint8Array): ReadonlyMap<string, string> {
    const packed = this.window === undefined ? block.subarray(PREFIX_LENGTH) : block
    this.window ??= dictionaryNamedBy(block)
    const unpacked = unpack(packed, this.window)
    this.window = Buffer.concat([this.window, unpacked]).subarray(-WINDOW)
    return parseHeaders(unpacked)
  }
}

function dictionaryNamedBy(block: Uint8Array): Uint8Array {
  const dictionary = headerDictionary()
  // What zlib itself writes before the first block: method, flags, and which dictionary.
  const wanted = deflateSync(NO_HEADERS, { dictionary }).subarray(2, PREFIX_LENGTH)
  const [method = 0, flags = 0] = block
  const isZlib = (method & 0x0f) === 8 && ((method << 8) | flags) % 31 === 0
  if (!isZlib || (flags & 0x20) === 0 || wanted.compare(block, 2, PREFIX_LENGTH) !== 0) {
    throw new SpdyError('the header block is not packed with the dictionary of SPDY/3')
  }
  return dictionary
}

function unpack(packed: Uint8Array, dictionary: Uint8Array): Buffer {
  try {
    return inflateRawSync(packed, {
      dictionary,
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: BLOCK_LIMIT,
    })
  } catch (error) {
    throw new SpdyError('the header block cannot be unpacked', { cause: error })
  }
}

function parseHeaders(bytes: Buffer): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  let at = 0
  const number = () => {
    if (at + 4 > bytes.length) throw new SpdyError('the header block ends too early')
    at += 4
    return bytes.readUInt32BE(at - 4)
  }
  const text = () => {
    const length = number()
    if (at + length > bytes.length) throw new SpdyError('the header block ends too early')
    at += length
    return bytes.toString('latin1', at - length, at)
  }
  const count = number()
  if (count > HEADERS_LIMIT) throw new SpdyError(`more than ${HEADERS_LIMIT} headers`)
  for (let index = 0; index < count; index += 1) {
    const name = text().toLowerCase()
    headers.set(name, text())
  }
  return headers
}

/** Writes blocks without headers, the only ones that a Kubernetes server sends. */
export class EmptyHeaderBlocks {
  private begun = false

  next(): Uint8Array {
    const finishFlush = constants.Z_SYNC_FLUSH
    if (this.begun) return deflateRawSync(NO_HEADERS, { finishFlush })
    this.begun = true
    return deflateSync(NO_HEADERS, { dictionary: headerDictionary(), finishFlush })
  }
}
