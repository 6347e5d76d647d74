/** The addresses of a node's pods. */
export interface AddressPool {
  /** The next free address; `undefined` when all are taken. */
  take(): string | undefined
  /** Marks an address that a saved pod has. */
  keep(address: string): void
  release(address: string): void
}

/** The node's range, 10.244.0.0/20, as the host-local plugin writes it: the only node has room for some thousand pods. */
export const POD_RANGE = '10.244.0.1-10.244.15.254'

/** The third and fourth number, as one. .0.0 is the network, .0.1 the bridge, .15.255 the broadcast. */
const FIRST = 2
const LAST = 15 * 256 + 254

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
        const address = `10.244.${next >> 8}.${next & 255}`
        next = next === LAST ? FIRST : next + 1
        if (taken.has(address)) continue
        taken.add(address)
        return address
      }
      return undefined
    },
    keep(address) {
      taken.add(address)
      const parts = /^10\.244\.(\d+)\.(\d+)$/.exec(address)
      if (parts === null) return
      const last = Number(parts[1]) * 256 + Number(parts[2])
      if (last >= next && last <= LAST) next = last === LAST ? FIRST : last + 1
    },
    release(address) {
      taken.delete(address)
    },
  }
}
