/** The addresses of a node's pods, 10.244.0.0/24. */
export interface AddressPool {
  /** The next free address; `undefined` when all are taken. */
  take(): string | undefined
  /** Marks an address that a saved pod has. */
  keep(address: string): void
  release(address: string): void
}

const PREFIX = '10.244.0.'
/** .0 is the network, .1 the bridge, .255 the broadcast. */
const FIRST = 2
const LAST = 254

/**
 * Addresses go out in order and are used again only when the end was reached, as the host-local plugin gives them: an address
 * of a pod that is gone belongs to nobody for a while.
 */
export function createAddressPool(): AddressPool {
  const taken = new Set<string>()
  let next = FIRST
  return {
    take() {
      for (let tries = FIRST; tries <= LAST; tries += 1) {
        const address = `${PREFIX}${next}`
        next = next === LAST ? FIRST : next + 1
        if (taken.has(address)) continue
        taken.add(address)
        return address
      }
      return undefined
    },
    keep(address) {
      taken.add(address)
      const last = Number(address.slice(PREFIX.length))
      if (address.startsWith(PREFIX) && last >= next) next = last === LAST ? FIRST : last + 1
    },
    release(address) {
      taken.delete(address)
    },
  }
}
