import { type Address, formatAddress } from './address.ts'
import type { CompiledPolicy } from './compile.ts'
import { peerFailure } from './compile.ts'

/** Addresses of one family that no block tells apart: one, and a second where there is one. */
export interface AddressClass {
  readonly first: Address
  /** Absent where the class is a single address: two ends cannot share it. */
  readonly second: Address | undefined
}

const PUBLIC: readonly Address[] = [
  { family: 4, value: 0xcb007107n },
  { family: 4, value: 0xcb007108n },
  { family: 6, value: 0x20010db8000000000000000000000007n },
  { family: 6, value: 0x20010db8000000000000000000000008n },
]

/**
 * All addresses of both families, by the blocks of the policies that hold them. A block is constant between its edges, so the
 * edges and their neighbours are in every piece of the address line: two of them where it has two.
 */
export function addressClasses(policies: readonly CompiledPolicy[]): readonly AddressClass[] {
  const blocks = policies
    .flatMap(({ ingress = [], egress = [] }) => [...ingress, ...egress])
    .flatMap(({ peers }) => peers)
    .filter((peer) => peer.kind === 'block')
  const edges = blocks
    .flatMap(({ cidr, excepts }) => (cidr === undefined ? [] : [cidr, ...excepts]))
    .flatMap(({ family, first, last }) =>
      [first, first + 1n, first - 1n, first - 2n, last, last - 1n, last + 1n, last + 2n].map(
        (value): Address => ({ family, value }),
      ),
    )
    .filter(({ family, value }) => value >= 0n && value < 1n << (family === 4 ? 32n : 128n))
  const classes = new Map<string, { first: Address; second: Address | undefined }>()
  const keyOf = (address: Address) => {
    const end = { kind: 'address' as const, text: '', addresses: [address] }
    return blocks.map((peer) => (peerFailure(peer, end) === undefined ? 1 : 0)).join('')
  }
  const isIpv6Named = blocks.some(({ cidr }) => cidr?.family === 6)
  const inOrder = [...PUBLIC, ...edges].toSorted((a, b) => a.family - b.family)
  for (const address of inOrder) {
    const key = keyOf(address)
    // Where no block speaks of IPv6, all of it is like what the blocks leave out of IPv4.
    if (address.family === 6 && !isIpv6Named && classes.has(`4 ${key}`)) continue
    const known = classes.get(`${address.family} ${key}`)
    if (known === undefined) {
      classes.set(`${address.family} ${key}`, { first: address, second: undefined })
    } else if (
      known.second === undefined &&
      formatAddress(known.first) !== formatAddress(address)
    ) {
      known.second = address
    }
  }
  return [...classes.values()]
}
