import type { CompiledPort } from './compile.ts'
import type { Flow } from './types.ts'

/** A protocol and port of the destination, as a flow has them. */
export type Point = Pick<Flow, 'protocol' | 'port'>

/** A ports entry with a number or a range, or without a port; names are numbers by now. */
export type PlainPort = Pick<CompiledPort, 'protocol' | 'endPort'> & {
  readonly port: number | undefined
}

/** Lists of ports that rules let through, each kept once and known by a number. 0 is every port of everything. */
export class PortSets {
  readonly #numbers = new Map<string, number>([['', 0]])
  readonly #lists: (readonly PlainPort[])[] = [[]]

  get count(): number {
    return this.#lists.length
  }

  /** The number of a list; an empty one limits nothing. */
  numberOf(ports: readonly PlainPort[]): number {
    const key = ports
      .map(({ protocol, port, endPort }) => `${protocol} ${port} ${endPort}`)
      .sort()
      .join()
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.#lists.push(ports) - 1
    this.#numbers.set(key, number)
    return number
  }

  has(number: number, { protocol, port }: Point): boolean {
    const list = this.#lists[number] ?? []
    if (number === 0) return true
    return list.some((entry) => {
      if (entry.protocol !== protocol) return false
      if (entry.port === undefined) return true
      return port !== undefined && entry.port <= port && port <= (entry.endPort ?? entry.port)
    })
  }
}

/** Points in classes: those of one class are in the same lists of ports. */
export interface PointClasses {
  /** For each point its class. */
  readonly classOf: readonly number[]
  /** For each class the numbers of the lists that have it. */
  readonly listsOf: readonly ReadonlySet<number>[]
}

export function classifyPoints(points: readonly Point[], sets: PortSets): PointClasses {
  const classes = new Map<string, number>()
  const listsOf: ReadonlySet<number>[] = []
  const classOf = points.map((point) => {
    const lists: number[] = []
    for (let number = 0; number < sets.count; number++) {
      if (sets.has(number, point)) lists.push(number)
    }
    const key = lists.join()
    const known = classes.get(key)
    if (known !== undefined) return known
    classes.set(key, listsOf.length)
    return listsOf.push(new Set(lists)) - 1
  })
  return { classOf, listsOf }
}
