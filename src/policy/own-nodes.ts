import type { End } from './ends.ts'

/** The exemption of a node and its own pods, which goes pair by pair: classes of ends would fall apart by it. */
export class OwnNodes {
  /** Where some end stands for a node: for each end the node's name. */
  readonly #nodeOf: readonly (string | undefined)[]
  readonly #isHost: readonly boolean[]
  readonly #hasHosts: boolean

  constructor(ends: readonly End[]) {
    this.#isHost = ends.map(({ kind }) => kind === 'host')
    this.#hasHosts = this.#isHost.includes(true)
    this.#nodeOf = this.#hasHosts ? ends.map(nodeOf) : []
  }

  /** Whether one is a pod and the other its own node, or a pod on that node's network. */
  exempt(from: number, to: number): boolean {
    if (!this.#hasHosts || this.#isHost[from] === this.#isHost[to]) return false
    const node = this.#nodeOf[from]
    return node !== undefined && node === this.#nodeOf[to]
  }

  /** Every exempt pair, in both orders. */
  pairs(): readonly (readonly [number, number])[] {
    const hosts = new Map<string, number[]>()
    for (const [at, node] of this.#nodeOf.entries()) {
      if (node === undefined || this.#isHost[at] !== true) continue
      hosts.set(node, [...(hosts.get(node) ?? []), at])
    }
    return this.#nodeOf.flatMap((node, pod) =>
      node === undefined || this.#isHost[pod] === true
        ? []
        : (hosts.get(node) ?? []).flatMap((host) => [[host, pod] as const, [pod, host] as const]),
    )
  }
}

function nodeOf(end: End): string | undefined {
  if (end.kind === 'host') return end.node
  return end.kind === 'pod' ? end.pod.node : undefined
}
