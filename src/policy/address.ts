/** IP addresses and blocks as numbers, for ipBlock peers. Reads what Go's net package (sloppy variants) reads. */
export interface Address {
  readonly family: 4 | 6
  readonly value: bigint
}

export interface Cidr {
  readonly family: 4 | 6
  /** First address of the network: host bits are cleared. */
  readonly first: bigint
  readonly last: bigint
  readonly prefixLength: number
  /** Whether the text had host bits set, as `10.0.0.5/8`. */
  readonly hostBits: boolean
}

/** Reads an IPv4 or IPv6 address; `undefined` where it is none. IPv4-mapped IPv6 is IPv4, as in Go. */
export function parseAddress(text: string): Address | undefined {
  if (!text.includes(':')) {
    const value = parseIpv4(text)
    return value === undefined ? undefined : { family: 4, value }
  }
  const value = parseIpv6(text)
  if (value === undefined) return undefined
  return isMapped(value) ? { family: 4, value: value & 0xffffffffn } : { family: 6, value }
}

/** Reads `address/length`; `undefined` where it is none. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text)
  if (match === null) return undefined
  const [, host = '', length = ''] = match
  const isIpv6 = host.includes(':')
  const value = isIpv6 ? parseIpv6(host) : parseIpv4(host)
  const prefixLength = Number(length)
  if (value === undefined || prefixLength > (isIpv6 ? 128 : 32)) return undefined
  if (isIpv6 && isMapped(value) && prefixLength >= 96) {
    return network(4, value & 0xffffffffn, prefixLength - 96)
  }
  return network(isIpv6 ? 6 : 4, value, prefixLength)
}

function network(family: 4 | 6, value: bigint, prefixLength: number): Cidr {
  const size = 1n << BigInt((family === 4 ? 32 : 128) - prefixLength)
  const first = value - (value % size)
  return { family, first, last: first + size - 1n, prefixLength, hostBits: first !== value }
}

function isMapped(value: bigint): boolean {
  return value >> 32n === 0xffffn
}

export function containsAddress(
  cidr: Pick<Cidr, 'family' | 'first' | 'last'>,
  address: Address,
): boolean {
  return cidr.family === address.family && cidr.first <= address.value && address.value <= cidr.last
}

/** The usual text of an address, IPv6 compressed as RFC 5952 says. */
export function formatAddress(address: Address): string {
  if (address.family === 4) {
    return [24n, 16n, 8n, 0n].map((shift) => String((address.value >> shift) & 255n)).join('.')
  }
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((address.value >> BigInt(112 - index * 16)) & 0xffffn),
  )
  const text = groups.map((group) => group.toString(16))
  const run = longestZeroRun(groups)
  if (run === undefined) return text.join(':')
  return `${text.slice(0, run.start).join(':')}::${text.slice(run.end).join(':')}`
}

function longestZeroRun(groups: readonly number[]): { start: number; end: number } | undefined {
  let best: { start: number; end: number } | undefined
  for (let start = 0; start < groups.length; start++) {
    let end = start
    while (groups[end] === 0) end++
    if (end - start >= 2 && end - start > (best === undefined ? 0 : best.end - best.start)) {
      best = { start, end }
    }
  }
  return best
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0
  for (const part of parts) {
    if (!/^\d{1,10}$/.test(part) || Number(part) > 255) return undefined
    value = value * 256 + Number(part)
  }
  return BigInt(value)
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head = [], tail = []] = halves.map((half) => groupsOf(half))
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => 0n), ...tail]
  return groups.reduce((value, group) => value * 65536n + group, 0n)
}

function groupsOf(text: string): bigint[] | undefined {
  if (text === '') return []
  const groups: bigint[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const value = index === parts.length - 1 ? parseIpv4(part) : undefined
      if (value === undefined) return undefined
      groups.push(value >> 16n, value & 0xffffn)
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`))
    else return undefined
  }
  return groups
}
