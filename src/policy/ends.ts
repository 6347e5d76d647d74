import type { Labels } from '../kube/objects.ts'
import { type Address, formatAddress, parseAddress } from './address.ts'
import type { Endpoint, PolicyPod, PolicyState } from './types.ts'

/** An end of a flow, as the rules see it. */
export type End =
  | {
      readonly kind: 'pod'
      readonly pod: PolicyPod
      readonly namespaceLabels: Labels
      readonly addresses: readonly Address[]
    }
  /** A node, or a pod on its node's network: its traffic is the node's. */
  | {
      readonly kind: 'host'
      readonly node: string | undefined
      readonly pod: PolicyPod | undefined
      readonly addresses: readonly Address[]
    }
  | { readonly kind: 'address'; readonly text: string; readonly addresses: readonly Address[] }

/** Thrown where a flow names an end that the state does not have. */
export class UnknownEndError extends Error {
  override readonly name = 'UnknownEndError'
}

/** Finds the ends of flows in a state. An address that a pod or node owns is that pod or node. */
export class Ends {
  /** By namespace and name. */
  readonly #pods = new Map<string, Map<string, End>>()
  readonly #nodes = new Map<string, End>()
  readonly #inOrder: End[] = []
  #owners: ReadonlyMap<string, End> | undefined

  constructor(state: PolicyState) {
    const labels = new Map(
      state.namespaces.map(({ name, labels: own }) => [name, withName(name, own)]),
    )
    for (const { name, addresses } of state.nodes ?? []) {
      const end: End = { kind: 'host', node: name, pod: undefined, addresses: read(addresses) }
      this.#nodes.set(name, end)
      this.#inOrder.push(end)
    }
    for (const pod of state.pods) {
      const addresses = read(pod.ips)
      const namespaceLabels = labels.get(pod.namespace) ?? withName(pod.namespace, {})
      const end: End =
        pod.hostNetwork === true
          ? { kind: 'host', node: pod.node, pod, addresses }
          : { kind: 'pod', pod, namespaceLabels, addresses }
      const home = this.#pods.get(pod.namespace)
      if (home === undefined) this.#pods.set(pod.namespace, new Map([[pod.name, end]]))
      else home.set(pod.name, end)
      this.#inOrder.push(end)
    }
  }

  /** @throws UnknownEndError for a pod or node that is not there, or text that is no address */
  resolve(endpoint: Endpoint): End {
    switch (endpoint.kind) {
      case 'pod': {
        const end = this.#pods.get(endpoint.namespace)?.get(endpoint.name)
        if (end === undefined) throw new UnknownEndError(`There is no pod ${podKey(endpoint)}.`)
        return end
      }
      case 'node': {
        const end = this.#nodes.get(endpoint.name)
        if (end === undefined) throw new UnknownEndError(`There is no node ${endpoint.name}.`)
        return end
      }
      case 'address': {
        const address = parseAddress(endpoint.address)
        if (address === undefined) {
          throw new UnknownEndError(`${endpoint.address} is not an IP address.`)
        }
        const text = formatAddress(address)
        this.#owners ??= ownersOf(this.#inOrder)
        return this.#owners.get(text) ?? { kind: 'address', text, addresses: [address] }
      }
    }
  }
}

/** Ends by their addresses. The first owner keeps an address: pods come with the running ones first. */
function ownersOf(ends: readonly End[]): ReadonlyMap<string, End> {
  const owners = new Map<string, End>()
  for (const end of ends) {
    for (const address of end.addresses) {
      const text = formatAddress(address)
      if (!owners.has(text)) owners.set(text, end)
    }
  }
  return owners
}

export function podKey(pod: { readonly namespace: string; readonly name: string }): string {
  return `${pod.namespace}/${pod.name}`
}

/** The API server keeps this label on every namespace. */
function withName(name: string, labels: Labels): Labels {
  return { ...labels, 'kubernetes.io/metadata.name': name }
}

function read(texts: readonly string[]): readonly Address[] {
  return texts.map(parseAddress).filter((address) => address !== undefined)
}
