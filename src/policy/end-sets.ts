import { matchesSelector } from '../kube/label-selector.ts'
import type { LabelSelector, Labels } from '../kube/objects.ts'
import type { Address, Cidr } from './address.ts'
import { type CompiledPeer, type CompiledPort, namedPorts } from './compile.ts'
import type { End } from './ends.ts'
import { type Family, familiesIn } from './families.ts'

/** Positions of ends in the list that they came in, in no order of its own. The same question gives the same object. */
export type EndSet = readonly number[]

/** An address of an end, to be found by searching. */
interface Located {
  readonly value: bigint
  readonly end: number
}

/**
 * Which ends of a fixed list a selector, a block or a port name picks out, for all of them at once: labels are looked at
 * once for each distinct set of them, addresses by searching in order. Knows no policies, so it outlives their changes.
 */
export class EndSets {
  readonly ends: readonly End[]
  readonly #labelSets: Labels[] = []
  /** For each end the number of its labels; -1 where selectors do not see it. */
  readonly #labelSetOf: Int32Array
  readonly #namespaces = new Map<string, { readonly labels: Labels; readonly ends: number[] }>()
  /** Ends that have addresses of this family and of no other. */
  readonly only: Readonly<Record<Family, EndSet>>
  readonly #dual: ReadonlySet<number>
  readonly #located: Readonly<Record<Family, Located[]>> = { 4: [], 6: [] }
  readonly #known = new Map<string, EndSet>()
  readonly #named = new Map<string, ReadonlyMap<number, EndSet>>()
  readonly #matching = new Map<string, Uint8Array>()
  readonly #byPeer = new WeakMap<CompiledPeer, EndSet>()

  constructor(ends: readonly End[]) {
    this.ends = ends
    this.#labelSetOf = new Int32Array(ends.length).fill(-1)
    const numbers = new Map<string, number>()
    const only: Record<Family, number[]> = { 4: [], 6: [] }
    const dual = new Set<number>()
    for (const [at, end] of ends.entries()) {
      const [family, second] = familiesIn(end)
      if (second !== undefined) dual.add(at)
      else if (family !== undefined) only[family].push(at)
      for (const one of end.addresses) this.#located[one.family].push({ value: one.value, end: at })
      if (end.kind !== 'pod') continue
      const { namespace, labels } = end.pod
      const text = JSON.stringify(labels)
      let number = numbers.get(text)
      if (number === undefined) {
        number = this.#labelSets.push(labels) - 1
        numbers.set(text, number)
      }
      this.#labelSetOf[at] = number
      const known = this.#namespaces.get(namespace)
      if (known === undefined) {
        this.#namespaces.set(namespace, { labels: end.namespaceLabels, ends: [at] })
      } else known.ends.push(at)
    }
    this.only = only
    this.#dual = dual
    for (const family of [4, 6] as const) {
      this.#located[family].sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0))
    }
  }

  /** The pods of one namespace that a selector matches. */
  subjects(namespace: string, selector: LabelSelector): EndSet {
    const home = this.#namespaces.get(namespace)
    if (home === undefined) return []
    return this.#once(`in ${namespace} ${JSON.stringify(selector)}`, () =>
      this.#select(home.ends, selector),
    )
  }

  /** The ends that a peer matches. */
  peers(peer: CompiledPeer): EndSet {
    const known = this.#byPeer.get(peer)
    if (known !== undefined) return known
    const found = this.#peers(peer)
    this.#byPeer.set(peer, found)
    return found
  }

  /** The ends that a peer matches in connections of one family: a block of the other one misses ends that have both. */
  peersBy(family: Family, peer: CompiledPeer): EndSet {
    const all = this.peers(peer)
    if (peer.kind !== 'block' || peer.cidr === undefined || peer.cidr.family === family) return all
    if (this.#dual.size === 0 || !all.some((end) => this.#dual.has(end))) return all
    return this.#once(`single ${peer.text} ${peer.exceptTexts}`, () =>
      all.filter((end) => !this.#dual.has(end)),
    )
  }

  #peers(peer: CompiledPeer): EndSet {
    if (peer.kind === 'block') {
      const { text, exceptTexts, cidr, excepts } = peer
      if (cidr === undefined) return []
      return this.#once(`block ${text} ${exceptTexts}`, () => this.#inBlock(cidr, excepts))
    }
    const { home, podSelector = {}, namespaceSelector } = peer
    if (namespaceSelector === undefined) return this.subjects(home, podSelector)
    return this.#once(`${JSON.stringify(namespaceSelector)} ${JSON.stringify(podSelector)}`, () =>
      [...this.#namespaces.values()]
        .filter(({ labels }) => matchesSelector(namespaceSelector, labels))
        .flatMap(({ ends }) => this.#select(ends, podSelector)),
    )
  }

  /** The numbers that a named ports entry stands for anywhere, each with the ends where it does. */
  named(entry: CompiledPort): ReadonlyMap<number, EndSet> {
    const key = `${entry.protocol} ${entry.port}`
    const known = this.#named.get(key)
    if (known !== undefined) return known
    const numbers = new Map<number, number[]>()
    for (const [at, end] of this.ends.entries()) {
      for (const number of new Set(namedPorts(entry, end))) {
        const list = numbers.get(number)
        if (list === undefined) numbers.set(number, [at])
        else list.push(at)
      }
    }
    this.#named.set(key, numbers)
    return numbers
  }

  #select(ends: readonly number[], selector: LabelSelector): EndSet {
    const text = JSON.stringify(selector)
    let matching = this.#matching.get(text)
    if (matching === undefined) {
      matching = Uint8Array.from(this.#labelSets, (labels) =>
        matchesSelector(selector, labels) ? 1 : 0,
      )
      this.#matching.set(text, matching)
    }
    const flags = matching
    return ends.filter((at) => flags[this.#labelSetOf[at] ?? -1] === 1)
  }

  /** An end is in where one of its addresses is in the block and in no exception. */
  #inBlock(cidr: Cidr, excepts: readonly Cidr[]): EndSet {
    const located = this.#located[cidr.family]
    const isOut = new Set<number>()
    for (const { family, first, last } of excepts) {
      if (family !== cidr.family) continue
      for (let at = firstFrom(located, first); at < located.length; at++) {
        if ((located[at]?.value ?? last) > last) break
        isOut.add(at)
      }
    }
    const found = new Set<number>()
    for (let at = firstFrom(located, cidr.first); at < located.length; at++) {
      const one = located[at]
      if (one === undefined || one.value > cidr.last) break
      if (!isOut.has(at)) found.add(one.end)
    }
    return [...found]
  }

  #once(key: string, find: () => EndSet): EndSet {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const found = find()
    this.#known.set(key, found)
    return found
  }
}

/** Where the addresses from a value on begin. */
function firstFrom(located: readonly Located[], value: Address['value']): number {
  let low = 0
  let high = located.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((located[middle]?.value ?? value) < value) low = middle + 1
    else high = middle
  }
  return low
}
