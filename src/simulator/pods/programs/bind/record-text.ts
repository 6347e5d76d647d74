import { DNS_TYPES, type DnsQuestion, type DnsRecord, type DnsType } from '../../../dns/message.ts'

/** A name with its last dot, as zone files have it. */
export function absoluteName(name: string): string {
  return name === '' ? '.' : name.endsWith('.') ? name : `${name}.`
}

/** `A`, `TYPE65` for a type without a name. */
export function typeText(type: DnsType | number): string {
  return typeof type === 'number' ? `TYPE${type}` : type
}

/** The type that a word names; `undefined` where it names none. */
export function parseType(text: string): DnsType | number | undefined {
  const upper = text.toUpperCase()
  for (const name of Object.keys(DNS_TYPES)) if (name === upper) return name as DnsType
  const number = /^TYPE(\d{1,5})$/.exec(upper)?.[1]
  return number === undefined ? undefined : Number(number)
}

/** The data of a record as zone files have it. */
export function dataText(record: DnsRecord): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.address
    case 'CNAME':
    case 'PTR':
    case 'NS':
      return absoluteName(record.target)
    case 'SRV':
      return `${record.priority} ${record.weight} ${record.port} ${absoluteName(record.target)}`
    case 'MX':
      return `${record.preference} ${absoluteName(record.target)}`
    case 'TXT':
      return JSON.stringify(record.text)
    case 'SOA':
      return [
        absoluteName(record.primary),
        absoluteName(record.mailbox),
        record.serial,
        record.refresh,
        record.retry,
        record.expire,
        record.minimum,
      ].join(' ')
  }
}

/** One record in the columns of BIND (lib/dns/masterdump.c: 24, 32, 40, 48). */
export function recordLine(record: DnsRecord): string {
  const line = new Columns()
  line.put(absoluteName(record.name), 0)
  line.put(String(record.ttl), 24)
  line.put('IN', 32)
  line.put(record.type, 40)
  line.put(dataText(record), 48)
  return line.text
}

/** A question, in the same columns. */
export function questionLine(question: DnsQuestion): string {
  const line = new Columns()
  line.put(absoluteName(question.name), 0)
  line.put('IN', 32)
  line.put(typeText(question.type), 40)
  return `;${line.text}`
}

/** Text in columns, indented by tabs of eight as far as they go and at least by one blank. */
class Columns {
  text = ''
  private column = 0

  put(text: string, column: number): void {
    if (this.text !== '') {
      const to = Math.max(column, this.column + 1)
      const tabs = Math.floor(to / 8) - Math.floor(this.column / 8)
      const from = tabs > 0 ? Math.floor(to / 8) * 8 : this.column
      this.text += '\t'.repeat(tabs) + ' '.repeat(to - from)
      this.column = to
    }
    this.text += text
    this.column += text.length
  }
}
