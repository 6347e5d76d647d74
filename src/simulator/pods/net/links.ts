import type { PodNetwork } from '../../ports.ts'

/** An interface of a pod as the kernel has it. */
export interface Link {
  readonly index: number
  readonly name: string
  /** Name with the other end of the pair, `eth0@if3`. */
  readonly shownName: string
  readonly loopback: boolean
  readonly mac: string
  readonly address: string
  readonly prefixLength: number
  readonly broadcast: string
  readonly netmask: string
}

/** A row of the routing table. */
export interface RouteEntry {
  /** `default`, `10.244.0.0/24`. */
  readonly destination: string
  readonly gateway: string | undefined
}

/** `lo`, and `eth0` as kindnet sets it up: an address of the node's /24, reached through the node alone. */
export function linksOf(network: PodNetwork): readonly Link[] {
  const { address } = network
  const onHost = address === network.node.address
  const prefixLength = onHost ? 16 : 24
  return [
    {
      index: 1,
      name: 'lo',
      shownName: 'lo',
      loopback: true,
      mac: '00:00:00:00:00:00',
      address: '127.0.0.1',
      prefixLength: 8,
      broadcast: '127.255.255.255',
      netmask: '255.0.0.0',
    },
    {
      index: 2,
      name: 'eth0',
      shownName: 'eth0@if3',
      loopback: false,
      mac: hardwareAddress(address),
      address,
      prefixLength,
      broadcast: address.replace(onHost ? /\.\d+\.\d+$/ : /\.\d+$/, onHost ? '.255.255' : '.255'),
      netmask: onHost ? '255.255.0.0' : '255.255.255.0',
    },
  ]
}

/** The routing table, default route first. */
export function routesOf(network: PodNetwork): readonly RouteEntry[] {
  const { address, node } = network
  if (address === node.address) {
    return [
      { destination: 'default', gateway: node.gateway },
      { destination: address.replace(/\.\d+\.\d+$/, '.0.0/16'), gateway: undefined },
    ]
  }
  return [
    { destination: 'default', gateway: node.gateway },
    { destination: address.replace(/\.\d+$/, '.0/24'), gateway: node.gateway },
    { destination: node.gateway, gateway: undefined },
  ]
}

/** A stable hardware address for an IP address. */
export function hardwareAddress(address: string): string {
  const parts = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))
  return ['02', '42', ...parts].join(':')
}
