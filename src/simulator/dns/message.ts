/**
 * DNS messages as plain data and as bytes (RFC 1035, SRV of RFC 2782). Owns the wire format; knows no zone.
 */
export type DnsRecord = { readonly name: string; readonly ttl: number } & (
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME' | 'PTR' | 'NS'; readonly target: string }
  | {
      readonly type: 'SRV'
      readonly priority: number
      readonly weight: number
      readonly port: number
      readonly target: string
    }
  | { readonly type: 'MX'; readonly preference: number; readonly target: string }
  | { readonly type: 'TXT'; readonly text: string }
  | {
      readonly type: 'SOA'
      readonly primary: string
      readonly mailbox: string
      readonly serial: number
      readonly refresh: number
      readonly retry: number
      readonly expire: number
      readonly minimum: number
    }
)

/** The record types that the lab knows by name, with their numbers. */
export const DNS_TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  ANY: 255,
} as const

export type DnsType = keyof typeof DNS_TYPES

export const DNS_RCODES = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
} as const

export type DnsRcode = keyof typeof DNS_RCODES

export interface DnsQuestion {
  /** Without the last dot, as asked. */
  readonly name: string
  /** A number where the type is none of `DNS_TYPES`. */
  readonly type: DnsType | number
}

export interface DnsMessage {
  readonly id: number
  readonly response: boolean
  readonly authoritative: boolean
  readonly truncated: boolean
  readonly recursionDesired: boolean
  readonly recursionAvailable: boolean
  readonly rcode: DnsRcode
  readonly questions: readonly DnsQuestion[]
  readonly answers: readonly DnsRecord[]
  readonly authorities: readonly DnsRecord[]
  readonly additionals: readonly DnsRecord[]
  /** The largest UDP answer that the sender takes, from its EDNS option; absent without one. */
  readonly udpSize?: number
  /** Options of that EDNS record, as bytes; a server that knows none of them gives them back. */
  readonly ednsOptions?: Uint8Array
  /** @default 0, a standard query */
  readonly opcode?: number
}

/** Bytes that are no DNS message. */
export class DnsFormatError extends Error {
  override readonly name = 'DnsFormatError'
}

/** A query for one name, as a stub resolver sends it. */
export function dnsQuery(id: number, name: string, type: DnsType | number): DnsMessage {
  return {
    id,
    response: false,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    rcode: 'NOERROR',
    questions: [{ name, type }],
    answers: [],
    authorities: [],
    additionals: [],
  }
}
