import {
  DNS_RCODES,
  DNS_TYPES,
  DnsFormatError,
  type DnsMessage,
  type DnsRecord,
} from './message.ts'

const OPT = 41

/** The message as bytes, with names compressed. Throws `DnsFormatError` for a name that has no wire form. */
export function encodeDnsMessage(message: DnsMessage): Uint8Array {
  const out = new Writer()
  out.u16(message.id)
  out.u16(
    (message.response ? 0x8000 : 0) |
      (((message.opcode ?? 0) & 0x0f) << 11) |
      (message.authoritative ? 0x0400 : 0) |
      (message.truncated ? 0x0200 : 0) |
      (message.recursionDesired ? 0x0100 : 0) |
      (message.recursionAvailable ? 0x0080 : 0) |
      DNS_RCODES[message.rcode],
  )
  out.u16(message.questions.length)
  out.u16(message.answers.length)
  out.u16(message.authorities.length)
  out.u16(message.additionals.length + (message.udpSize === undefined ? 0 : 1))
  for (const question of message.questions) {
    out.name(question.name)
    out.u16(typeof question.type === 'number' ? question.type : DNS_TYPES[question.type])
    out.u16(1)
  }
  for (const record of [...message.answers, ...message.authorities, ...message.additionals]) {
    encodeRecord(out, record)
  }
  if (message.udpSize !== undefined) {
    // EDNS pseudo record (RFC 6891): root name, its class is the size.
    out.u8(0)
    out.u16(OPT)
    out.u16(message.udpSize)
    out.u32(0)
    const options = message.ednsOptions ?? new Uint8Array(0)
    out.u16(options.length)
    for (const byte of options) out.u8(byte)
  }
  return out.bytes()
}

function encodeRecord(out: Writer, record: DnsRecord): void {
  out.name(record.name)
  out.u16(DNS_TYPES[record.type])
  out.u16(1)
  out.u32(record.ttl)
  out.lengthPrefixed(() => {
    switch (record.type) {
      case 'A':
        for (const part of record.address.split('.')) out.u8(Number(part))
        return
      case 'AAAA':
        for (const group of ipv6Groups(record.address)) out.u16(group)
        return
      case 'CNAME':
      case 'PTR':
      case 'NS':
        out.name(record.target)
        return
      case 'SRV':
        out.u16(record.priority)
        out.u16(record.weight)
        out.u16(record.port)
        out.name(record.target)
        return
      case 'MX':
        out.u16(record.preference)
        out.name(record.target)
        return
      case 'TXT':
        out.text(record.text)
        return
      case 'SOA':
        out.name(record.primary)
        out.name(record.mailbox)
        for (const field of [
          record.serial,
          record.refresh,
          record.retry,
          record.expire,
          record.minimum,
        ]) {
          out.u32(field)
        }
        return
    }
  })
}

/** The eight groups of an IPv6 address. */
function ipv6Groups(address: string): number[] {
  const [head = '', tail] = address.split('::')
  const parse = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const first = parse(head)
  const last = tail === undefined ? [] : parse(tail)
  const gap = tail === undefined ? 0 : 8 - first.length - last.length
  return [...first, ...Array.from({ length: Math.max(0, gap) }, () => 0), ...last]
}

class Writer {
  private readonly out: number[] = []
  private readonly offsets = new Map<string, number>()

  u8(value: number): void {
    this.out.push(value & 0xff)
  }
  u16(value: number): void {
    this.out.push((value >>> 8) & 0xff, value & 0xff)
  }
  u32(value: number): void {
    this.u16(Math.floor(value / 0x1_0000) & 0xffff)
    this.u16(value & 0xffff)
  }
  text(text: string): void {
    const bytes = new TextEncoder().encode(text).subarray(0, 255)
    this.u8(bytes.length)
    this.out.push(...bytes)
  }
  name(name: string): void {
    const bare = name.endsWith('.') ? name.slice(0, -1) : name
    const labels = bare === '' ? [] : bare.split('.')
    for (let index = 0; index < labels.length; index++) {
      const suffix = labels.slice(index).join('.')
      const known = this.offsets.get(suffix)
      if (known !== undefined) {
        this.u16(0xc000 | known)
        return
      }
      if (this.out.length < 0x4000) this.offsets.set(suffix, this.out.length)
      const label = new TextEncoder().encode(labels[index])
      if (label.length === 0 || label.length > 63) throw new DnsFormatError(`bad name '${name}'`)
      this.u8(label.length)
      this.out.push(...label)
    }
    this.u8(0)
  }
  lengthPrefixed(write: () => void): void {
    const at = this.out.length
    this.u16(0)
    write()
    const length = this.out.length - at - 2
    this.out[at] = length >>> 8
    this.out[at + 1] = length & 0xff
  }
  bytes(): Uint8Array {
    return Uint8Array.from(this.out)
  }
}
