/**
 * Writes ASN.1 values in the Distinguished Encoding Rules (ITU-T X.690), as far as a certificate needs them. Each function gives the bytes of
 * one value: tag, length, content. Reads nothing.
 */
const TAGS = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const

export const der = {
  boolean: (value: boolean) => tagged(TAGS.boolean, Buffer.from([value ? 0xff : 0])),
  /** A whole number of at least 0, big end first. */
  integer: (bytes: Uint8Array) => {
    const first = bytes.findIndex((byte) => byte !== 0)
    const digits = first === -1 ? Buffer.of(0) : Buffer.from(bytes.subarray(first))
    // A leading 1 bit would mean a negative number.
    const sign = (digits[0] ?? 0) >= 0x80 ? Buffer.of(0) : Buffer.alloc(0)
    return tagged(TAGS.integer, Buffer.concat([sign, digits]))
  },
  bitString: (bytes: Uint8Array, options: { readonly unusedBits?: number } = {}) =>
    tagged(TAGS.bitString, Buffer.concat([Buffer.of(options.unusedBits ?? 0), bytes])),
  octetString: (bytes: Uint8Array) => tagged(TAGS.octetString, bytes),
  objectIdentifier: (dotted: string) => {
    const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
    return tagged(
      TAGS.objectIdentifier,
      Buffer.from([first * 40 + second, ...rest].flatMap(base128)),
    )
  },
  utf8String: (text: string) => tagged(TAGS.utf8String, Buffer.from(text, 'utf8')),
  sequence: (...values: readonly Uint8Array[]) => tagged(TAGS.sequence, Buffer.concat(values)),
  set: (value: Uint8Array) => tagged(TAGS.set, value),
  /** Whole seconds. X.509 asks for the short form until 2049 (RFC 5280, 4.1.2.5). */
  time: (date: Date) => {
    const digits = `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`
    return date.getUTCFullYear() < 2050
      ? tagged(TAGS.utcTime, Buffer.from(digits.slice(2)))
      : tagged(TAGS.generalizedTime, Buffer.from(digits))
  },
  /** `[number]`, around a whole value (`constructed`) or in place of its tag. */
  context: (
    number: number,
    content: Uint8Array,
    options: { readonly constructed?: boolean } = {},
  ) => tagged(0x80 + number + (options.constructed === true ? 0x20 : 0), content),
} as const

function tagged(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(tag, ...lengthOf(content.byteLength)), content])
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return [0x80 + bytes.length, ...bytes]
}

/** Seven bits a byte; all but the last carry a leading 1. */
function base128(value: number): readonly number[] {
  const bytes = [value % 128]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.unshift(0x80 + (rest % 128))
  }
  return bytes
}
