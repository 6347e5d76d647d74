import {
  DNS_RCODES,
  DNS_TYPES,
  DnsFormatError,
  type DnsMessage,
  type DnsQuestion,
  type DnsRcode,
  type DnsRecord,
  type DnsType,
} from './message.ts'

const OPT = 41

/** Reads a message. Records of types that the lab does not know are left out. Throws `DnsFormatError`. */
export function decodeDnsMessage(bytes: Uint8Array): DnsMessage {
  const reader = new Reader(bytes)
  const id = reader.u16()
  const flags = reader.u16()
  const counts = [reader.u16(), reader.u16(), reader.u16(), reader.u16()] as const
  const questions: DnsQuestion[] = []
  for (let index = 0; index < counts[0]; index++) {
    const name = reader.name()
    const type = reader.u16()
    reader.u16()
    questions.push({ name, type: typeName(type) ?? type })
  }
  let udpSize: number | undefined
  let ednsOptions: Uint8Array | undefined
  const section = (count: number): DnsRecord[] => {
    const records: DnsRecord[] = []
    for (let index = 0; index < count; index++) {
      const name = reader.name()
      const type = reader.u16()
      const recordClass = reader.u16()
      const ttl = reader.u32()
      const length = reader.u16()
      const end = reader.position + length
      if (end > bytes.length) throw new DnsFormatError('record runs past the end')
      if (type === OPT) {
        udpSize = recordClass
        if (length > 0) ednsOptions = bytes.slice(reader.position, end)
      }
      const record = decodeRecord(reader, { name, ttl }, typeName(type), length)
      if (record !== undefined) records.push(record)
      reader.position = end
    }
    return records
  }
  const answers = section(counts[1])
  const authorities = section(counts[2])
  const additionals = section(counts[3])
  return {
    id,
    response: (flags & 0x8000) !== 0,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    rcode: rcodeName(flags & 0x0f),
    questions,
    answers,
    authorities,
    additionals,
    ...(udpSize === undefined ? {} : { udpSize }),
    ...(ednsOptions === undefined ? {} : { ednsOptions }),
    ...((flags & 0x7800) === 0 ? {} : { opcode: (flags >>> 11) & 0x0f }),
  }
}

function typeName(number: number): DnsType | undefined {
  for (const [name, value] of Object.entries(DNS_TYPES)) {
    if (value === number) return name as DnsType
  }
  return undefined
}

function rcodeName(number: number): DnsRcode {
  for (const [name, value] of Object.entries(DNS_RCODES)) {
    if (value === number) return name as DnsRcode
  }
  return 'SERVFAIL'
}

function decodeRecord(
  reader: Reader,
  base: { readonly name: string; readonly ttl: number },
  type: DnsType | undefined,
  length: number,
): DnsRecord | undefined {
  switch (type) {
    case 'A':
      return {
        ...base,
        type,
        address: [reader.u8(), reader.u8(), reader.u8(), reader.u8()].join('.'),
      }
    case 'AAAA':
      return { ...base, type, address: ipv6Text(Array.from({ length: 8 }, () => reader.u16())) }
    case 'CNAME':
    case 'PTR':
    case 'NS':
      return { ...base, type, target: reader.name() }
    case 'SRV':
      return {
        ...base,
        type,
        priority: reader.u16(),
        weight: reader.u16(),
        port: reader.u16(),
        target: reader.name(),
      }
    case 'MX':
      return { ...base, type, preference: reader.u16(), target: reader.name() }
    case 'TXT':
      return { ...base, type, text: length === 0 ? '' : reader.text() }
    case 'SOA':
      return {
        ...base,
        type,
        primary: reader.name(),
        mailbox: reader.name(),
        serial: reader.u32(),
        refresh: reader.u32(),
        retry: reader.u32(),
        expire: reader.u32(),
        minimum: reader.u32(),
      }
    default:
      return undefined
  }
}

/** The shortest text form (RFC 5952): the longest run of zero groups becomes `::`. */
function ipv6Text(groups: readonly number[]): string {
  let best = { start: -1, length: 1 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':')
  if (best.start === -1) return text(groups)
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`
}

class Reader {
  position = 0
  private readonly bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
  u8(): number {
    const value = this.bytes[this.position++]
    if (value === undefined) throw new DnsFormatError('message ends too early')
    return value
  }
  u16(): number {
    return this.u8() * 0x100 + this.u8()
  }
  u32(): number {
    return this.u16() * 0x1_0000 + this.u16()
  }
  text(): string {
    const length = this.u8()
    const text = new TextDecoder().decode(
      this.bytes.subarray(this.position, this.position + length),
    )
    if (this.position + length > this.bytes.length)
      throw new DnsFormatError('message ends too early')
    this.position += length
    return text
  }
  name(): string {
    const labels: string[] = []
    let after: number | undefined
    let jumps = 0
    for (;;) {
      const length = this.u8()
      if (length === 0) break
      if ((length & 0xc0) === 0xc0) {
        const target = (length & 0x3f) * 0x100 + this.u8()
        after ??= this.position
        // A pointer that leads back to itself would never end.
        if (++jumps > 64) throw new DnsFormatError('name points in a circle')
        this.position = target
        continue
      }
      if (length > 63) throw new DnsFormatError('label too long')
      if (this.position + length > this.bytes.length)
        throw new DnsFormatError('message ends too early')
      labels.push(
        new TextDecoder().decode(this.bytes.subarray(this.position, this.position + length)),
      )
      this.position += length
    }
    if (after !== undefined) this.position = after
    return labels.join('.')
  }
}
