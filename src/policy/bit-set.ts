const ONES = 0xffffffff

/** A set of small whole numbers below a fixed size, 32 to a word: what the matrix counts and joins with. */
export class BitSet {
  readonly size: number
  readonly #words: Uint32Array

  constructor(size: number, words = new Uint32Array((size + 31) >>> 5)) {
    this.size = size
    this.#words = words
  }

  /** Every number below `size`. */
  static full(size: number): BitSet {
    const set = new BitSet(size)
    set.#words.fill(ONES)
    set.#trim()
    return set
  }

  has(index: number): boolean {
    return (((this.#words[index >>> 5] ?? 0) >>> (index & 31)) & 1) === 1
  }

  add(index: number): void {
    const at = index >>> 5
    this.#words[at] = (this.#words[at] ?? 0) | (1 << (index & 31))
  }

  /** Adds all of another set of the same size. */
  join(other: BitSet): void {
    const words = this.#words
    const others = other.#words
    for (let at = 0; at < words.length; at++) words[at] = (words[at] ?? 0) | (others[at] ?? 0)
  }

  /** Keeps what another set of the same size has too. */
  meet(other: BitSet): void {
    const words = this.#words
    const others = other.#words
    for (let at = 0; at < words.length; at++) words[at] = (words[at] ?? 0) & (others[at] ?? 0)
  }

  /** What this set does not have. */
  complement(): BitSet {
    const set = new BitSet(this.size)
    for (let at = 0; at < set.#words.length; at++) set.#words[at] = ~(this.#words[at] ?? 0)
    set.#trim()
    return set
  }

  equals(other: BitSet): boolean {
    return this.size === other.size && this.#words.every((word, at) => word === other.#words[at])
  }

  copy(): BitSet {
    return new BitSet(this.size, this.#words.slice())
  }

  /** Calls back for each member, smallest first. */
  each(visit: (index: number) => void): void {
    for (let at = 0; at < this.#words.length; at++) {
      let word = this.#words[at] ?? 0
      while (word !== 0) {
        const bit = 31 - Math.clz32(word & -word)
        visit((at << 5) + bit)
        word &= word - 1
      }
    }
  }

  /** The sum of `weights` over the members. */
  weigh(weights: Uint32Array): number {
    let sum = 0
    for (let at = 0; at < this.#words.length; at++) {
      let word = this.#words[at] ?? 0
      while (word !== 0) {
        sum += weights[(at << 5) + 31 - Math.clz32(word & -word)] ?? 0
        word &= word - 1
      }
    }
    return sum
  }

  #trim(): void {
    const rest = this.size & 31
    const last = this.#words.length - 1
    if (rest !== 0) this.#words[last] = (this.#words[last] ?? 0) & (ONES >>> (32 - rest))
  }
}
