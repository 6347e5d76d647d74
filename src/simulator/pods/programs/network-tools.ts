import type { ProgramContext } from '../process/program.ts'
import { busyboxProgram, ProgramError, parseOptions, UsageError } from './busybox-program.ts'

/** The gateway of a pod's network on its node: the first address of the node's /24, as kindnet has it. */
function gatewayOf(address: string): string {
  return address.replace(/\.\d+$/, '.1')
}

/** A stable hardware address for an IP address. */
function hardwareAddress(address: string): string {
  return [
    '02',
    '42',
    ...address.split('.').map((part) => Number(part).toString(16).padStart(2, '0')),
  ].join(':')
}

const ip = busyboxProgram(
  `ip [OPTIONS] address|route|link|neigh|rule [ARGS]

OPTIONS := -f[amily] inet|inet6|link | -o[neline]`,
  async (context, args) => {
    const words = args.filter((argument) => !argument.startsWith('-'))
    const [object = ''] = words
    const { address } = context.container.network
    const mac = hardwareAddress(address)
    const is = (name: string) => object !== '' && name.startsWith(object)
    if (is('address')) {
      await context.stdout.write(
        `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue state UP qlen 1000
    link/ether ${mac} brd ff:ff:ff:ff:ff:ff
    inet ${address}/24 brd ${address.replace(/\.\d+$/, '.255')} scope global eth0
       valid_lft forever preferred_lft forever
`,
      )
      return 0
    }
    if (is('link')) {
      await context.stdout.write(
        `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue state UP qlen 1000
    link/ether ${mac} brd ff:ff:ff:ff:ff:ff
`,
      )
      return 0
    }
    if (is('route')) {
      const gateway = gatewayOf(address)
      const net = address.replace(/\.\d+$/, '.0')
      await context.stdout.write(
        `default via ${gateway} dev eth0 \n${net}/24 via ${gateway} dev eth0  src ${address} \n${gateway} dev eth0 scope link  src ${address} \n`,
      )
      return 0
    }
    if (is('neigh')) return 0
    throw new UsageError('')
  },
)

const ifconfig = busyboxProgram(
  `ifconfig [-a] [INTERFACE] [ADDRESS]

Configure a network interface`,
  async (context, args) => {
    const wanted = args.find((argument) => !argument.startsWith('-'))
    if (wanted !== undefined && wanted !== 'eth0' && wanted !== 'lo') {
      throw new ProgramError(`${wanted}: error fetching interface information: Device not found`)
    }
    const { address } = context.container.network
    const blocks: Readonly<Record<string, string>> = {
      eth0: `eth0      Link encap:Ethernet  HWaddr ${hardwareAddress(address).toUpperCase()}  
          inet addr:${address}  Bcast:${address.replace(/\.\d+$/, '.255')}  Mask:255.255.255.0
          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1

`,
      lo: `lo        Link encap:Local Loopback  
          inet addr:127.0.0.1  Mask:255.0.0.0
          UP LOOPBACK RUNNING  MTU:65536  Metric:1

`,
    }
    for (const [name, block] of Object.entries(blocks)) {
      if (wanted === undefined || wanted === name) await context.stdout.write(block)
    }
    return 0
  },
)

const route = busyboxProgram(
  'route [{add|del|delete}]\n\nShow or edit kernel routing tables',
  async (context) => {
    const { address } = context.container.network
    const gateway = gatewayOf(address)
    const row = (values: readonly string[]) =>
      `${(values[0] ?? '').padEnd(16)}${(values[1] ?? '').padEnd(16)}${(values[2] ?? '').padEnd(16)}${(values[3] ?? '').padEnd(6)}0      0        0 eth0\n`
    await context.stdout.write('Kernel IP routing table\n')
    await context.stdout.write(
      'Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n',
    )
    await context.stdout.write(row(['default', gateway, '0.0.0.0', 'UG']))
    await context.stdout.write(row([gateway, '*', '255.255.255.255', 'UH']))
    return 0
  },
)

/** Rows for netstat and ss: what listens in this pod. */
function listeners(
  context: ProgramContext,
  options: { readonly tcp: boolean; readonly udp: boolean },
) {
  return context.container.network
    .listening()
    .filter(({ protocol }) =>
      protocol === 'UDP' ? options.udp : protocol === 'TCP' && options.tcp,
    )
    .toSorted((a, b) => a.protocol.localeCompare(b.protocol) || a.port - b.port)
}

const netstat = busyboxProgram(
  `netstat [-ral] [-tuwx] [-en]

Display networking information

	-r	Routing table
	-a	All sockets
	-l	Listening sockets
		Else: connected sockets
	-t	TCP sockets
	-u	UDP sockets
	-n	Don't resolve names
	-p	Show PID/program name for sockets`,
  async (context, args) => {
    const options = parseOptions(args, 'ralentuwxWp')
    if (options.has('r')) return route({ ...context, argv: ['route'] })
    const both = !options.has('t') && !options.has('u')
    const listening = options.has('l') || options.has('a')
    await context.stdout.write(
      `Active Internet connections ${options.has('a') ? '(servers and established)' : listening ? '(only servers)' : '(w/o servers)'}\n`,
    )
    await context.stdout.write(
      'Proto Recv-Q Send-Q Local Address           Foreign Address         State       \n',
    )
    if (!listening) return 0
    for (const { protocol, port } of listeners(context, {
      tcp: both || options.has('t'),
      udp: both || options.has('u'),
    })) {
      const state = protocol === 'TCP' ? 'LISTEN' : ''
      await context.stdout.write(
        `${protocol.toLowerCase().padEnd(5)}      0      0 ${`0.0.0.0:${port}`.padEnd(23)} ${'0.0.0.0:*'.padEnd(23)} ${state.padEnd(12)}\n`,
      )
    }
    return 0
  },
)

const ss = busyboxProgram('ss [-ltunap]\n\nShow sockets', async (context, args) => {
  const options = parseOptions(args, 'ltunap46H')
  const both = !options.has('t') && !options.has('u')
  if (!options.has('H'))
    await context.stdout.write('Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port\n')
  if (!options.has('l') && !options.has('a')) return 0
  for (const { protocol, port } of listeners(context, {
    tcp: both || options.has('t'),
    udp: both || options.has('u'),
  })) {
    const state = protocol === 'TCP' ? 'LISTEN' : 'UNCONN'
    await context.stdout.write(
      `${protocol.toLowerCase().padEnd(5)} ${state.padEnd(6)} 0      ${protocol === 'TCP' ? '511' : '0  '}    ${`0.0.0.0:${port}`.padEnd(18)} 0.0.0.0:*\n`,
    )
  }
  return 0
})

/** The programs that show a pod's network. */
export const networkTools = { ip, ifconfig, route, netstat, ss }
