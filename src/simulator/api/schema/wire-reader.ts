/** Thrown for bytes that are no protobuf message; the message is what Go's generated code says. */
export class WireError extends Error {
  override readonly name = 'WireError'
}

/** One field of a message: its number, and the value as the wire carries it. */
export interface WireField {
  readonly number: number
  readonly value:
    | { readonly wire: 'varint'; readonly value: bigint }
    | { readonly wire: 'bytes'; readonly value: Uint8Array }
    | { readonly wire: 'fixed'; readonly value: Uint8Array }
}

/**
 * The fields of a protobuf message, in the order in which they were written.
 * @throws WireError for a truncated or malformed message
 */
export function* readWire(bytes: Uint8Array): Generator<WireField> {
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at]
      if (byte === undefined) throw new WireError('unexpected EOF')
      at += 1
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw new WireError('proto: integer overflow')
  }
  const take = (length: number): Uint8Array => {
    if (length > bytes.byteLength - at) throw new WireError('unexpected EOF')
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.byteLength) {
    const tag = Number(varint())
    const number = Math.floor(tag / 8)
    if (number <= 0 || number > 0x1fffffff) {
      throw new WireError(`proto: illegal tag ${number} (wire type ${tag % 8})`)
    }
    switch (tag % 8) {
      case 0:
        yield { number, value: { wire: 'varint', value: varint() } }
        break
      case 1:
        yield { number, value: { wire: 'fixed', value: take(8) } }
        break
      case 2:
        yield { number, value: { wire: 'bytes', value: take(Number(varint())) } }
        break
      case 5:
        yield { number, value: { wire: 'fixed', value: take(4) } }
        break
      default:
        throw new WireError(`proto: illegal wireType ${tag % 8}`)
    }
  }
}
