import { type Address, parseAddress } from './address.ts'
import type { End } from './ends.ts'
import type { Endpoint, Flow } from './types.ts'

export type Family = Address['family']

/**
 * The families that a connection may use, of which it uses one: that of the flow or of an address that it names; else those that
 * both ends have, the destination's first one first, as a client tries them. Where they have none in common there is no such
 * connection, and the word of the policies is taken with whatever addresses there are. Empty where no end has a choice.
 */
export function familiesOf(flow: Flow, from: End, to: End): readonly Family[] {
  if (from.addresses.length < 2 && to.addresses.length < 2) return []
  const named = namedFamily(flow)
  if (named !== undefined) return [named]
  const [own, others] = [familiesIn(to), familiesIn(from)]
  const shared = own.filter((family) => others.includes(family))
  return shared.length > 0 ? shared : [...own, ...others]
}

/** The family that a flow says itself. */
export function namedFamily({
  family,
  from,
  to,
}: Pick<Flow, 'family' | 'from' | 'to'>): Family | undefined {
  return family ?? familyOfAddress(from) ?? familyOfAddress(to)
}

/** The families of the addresses of an end, in their order. */
export function familiesIn({ addresses }: Pick<End, 'addresses'>): readonly Family[] {
  return [...new Set(addresses.map(({ family }) => family))]
}

/** An end as a connection of a family shows it: blocks are held against the addresses of that family, where it has some. */
export function shownBy<T extends End>(end: T, family: Family | undefined): T {
  if (family === undefined || end.addresses.length < 2) return end
  const addresses = end.addresses.filter((one) => one.family === family)
  return addresses.length === 0 ? end : { ...end, addresses }
}

function familyOfAddress(endpoint: Endpoint): Family | undefined {
  return endpoint.kind === 'address' ? parseAddress(endpoint.address)?.family : undefined
}
