import { hardwareAddress, type Link, linksOf, routesOf } from '../net/links.ts'
import { isIpv4, resolveHost } from '../net/resolver.ts'
import type { ProgramContext } from '../process/program.ts'
import { busyboxProgram, ProgramError, parseOptions, UsageError } from './busybox-program.ts'
import { serviceName } from './service-names.ts'
import { socketRows } from './socket-rows.ts'

/** BusyBox ip: shows; a pod has no right to change its network. */
const ip = busyboxProgram(async (context, args) => {
  const words: string[] = []
  let family = ''
  let oneLine = false
  for (const [index, argument] of args.entries()) {
    if (argument === '-o' || argument === '-oneline') oneLine = true
    else if (/^-[46]$/.test(argument)) family = argument.slice(1)
    else if (argument === '-f' || argument === '-family')
      family = args[index + 1] === 'inet' ? '4' : '6'
    else if (args[index - 1] === '-f' || args[index - 1] === '-family') continue
    else if (argument.startsWith('-')) throw new UsageError('')
    else words.push(argument)
  }
  const [object = '', command = 'show', ...rest] = words
  const is = (name: string) => object !== '' && name.startsWith(object)
  if (/^(add|del|delete|set|flush|change|replace|append)$/.test(command)) {
    throw new ProgramError('RTNETLINK answers: Operation not permitted', 2)
  }
  const device = rest.filter((word) => word !== 'dev' && word !== 'show').at(-1)
  if (is('address') || is('link')) {
    const links = chooseLinks(
      context,
      /^(show|list|ls|lst|s|l|sh)$/.test(command) ? device : command,
    )
    if (links === undefined) throw new ProgramError(`can't find device '${device ?? command}'`)
    const join = (lines: readonly string[]) =>
      lines.length === 0 ? '' : `${oneLine ? lines.join('\\') : lines.join('\n')}\n`
    for (const link of links)
      await context.stdout.write(join(linkLines(link, is('link'), family, oneLine)))
    return 0
  }
  const { network } = context.container
  if (is('route')) {
    if (command === 'get') {
      const [target = ''] = rest
      if (!isIpv4(target))
        throw new ProgramError(`an inet address is expected rather than "${target}"`)
      const near = target === network.node.gateway
      const via = near ? '' : ` via ${network.node.gateway}`
      await context.stdout.write(`${target}${via} dev eth0  src ${network.address} \n`)
      return 0
    }
    for (const { destination, gateway } of routesOf(network)) {
      const source = destination === 'default' ? '' : ` src ${network.address}`
      const how =
        gateway === undefined
          ? `dev eth0 scope link ${source}`
          : `via ${gateway} dev eth0 ${source}`
      await context.stdout.write(`${destination} ${how.trimEnd()} \n`)
    }
    return 0
  }
  if (is('neighbour') || is('neighbor')) {
    if (network.hasSent()) {
      const { gateway } = network.node
      await context.stdout.write(
        `${gateway} dev eth0 lladdr ${hardwareAddress(gateway)} ref 1 used 0/0/0 probes 1 REACHABLE\n`,
      )
    }
    return 0
  }
  if (is('rule')) {
    await context.stdout.write(
      '0:\tfrom all lookup local \n32766:\tfrom all lookup main \n32767:\tfrom all lookup default \n',
    )
    return 0
  }
  throw new UsageError('')
})

function chooseLinks(
  context: ProgramContext,
  device: string | undefined,
): readonly Link[] | undefined {
  const links = linksOf(context.container.network)
  if (device === undefined) return links
  const found = links.filter((link) => link.name === device)
  return found.length === 0 ? undefined : found
}

function linkLines(link: Link, onlyLink: boolean, family: string, oneLine: boolean): string[] {
  const flags = link.loopback ? 'LOOPBACK,UP,LOWER_UP' : 'BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN'
  const head = `${link.index}: ${link.shownName}: <${flags}> mtu ${link.loopback ? 65_536 : 1500} qdisc noqueue state ${link.loopback ? 'UNKNOWN' : 'UP'} qlen 1000`
  const hardware = `    link/${link.loopback ? 'loopback' : 'ether'} ${link.mac} brd ${link.loopback ? link.mac : 'ff:ff:ff:ff:ff:ff'}`
  if (onlyLink) return [head, hardware]
  if (family === '6') return []
  const brd = link.loopback ? '' : ` brd ${link.broadcast}`
  const inet = `inet ${link.address}/${link.prefixLength}${brd} scope ${link.loopback ? 'host' : 'global'} ${link.name}`
  const valid = '       valid_lft forever preferred_lft forever'
  if (oneLine) return [`${link.index}: ${link.name}    ${inet}`, valid]
  return [head, ...(family === '4' ? [] : [hardware]), `    ${inet}`, valid]
}

const ifconfig = busyboxProgram(async (context, args) => {
  const wanted = args.find((argument) => !argument.startsWith('-'))
  const links = linksOf(context.container.network).toReversed()
  if (wanted !== undefined && !links.some((link) => link.name === wanted)) {
    throw new ProgramError(`${wanted}: error fetching interface information: Device not found`)
  }
  for (const link of links) {
    if (wanted !== undefined && wanted !== link.name) continue
    const encap = link.loopback
      ? 'Local Loopback  '
      : `Ethernet  HWaddr ${link.mac.toUpperCase()}  `
    const brd = link.loopback ? '' : `  Bcast:${link.broadcast}`
    const flags = link.loopback ? 'UP LOOPBACK RUNNING' : 'UP BROADCAST RUNNING MULTICAST'
    await context.stdout.write(
      `${link.name.padEnd(10)}Link encap:${encap}
          inet addr:${link.address}${brd}  Mask:${link.netmask}
          ${flags}  MTU:${link.loopback ? 65_536 : 1500}  Metric:1
          RX packets:0 errors:0 dropped:0 overruns:0 frame:0
          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0
          collisions:0 txqueuelen:1000 
          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)

`,
    )
  }
  return 0
})

const NETMASKS: Readonly<Record<string, string>> = {
  '16': '255.255.0.0',
  '24': '255.255.255.0',
}

/** The table of `route` and, with other columns, of `netstat -r`. */
function routingTable(context: ProgramContext, numeric: boolean, ofNetstat: boolean): string {
  const columns = ofNetstat ? '  MSS Window  irtt' : 'Metric Ref    Use'
  const values = ofNetstat ? '    0 0          0' : '0      0        0'
  let text = `Kernel IP routing table\nDestination     Gateway         Genmask         Flags ${columns} Iface\n`
  for (const { destination, gateway } of routesOf(context.container.network)) {
    const [base = '', length] = destination.split('/')
    const isDefault = base === 'default'
    const mask = isDefault
      ? '0.0.0.0'
      : length === undefined
        ? '255.255.255.255'
        : (NETMASKS[length] ?? '')
    const flags = `U${gateway === undefined ? '' : 'G'}${length === undefined && !isDefault ? 'H' : ''}`
    const to = isDefault && numeric ? '0.0.0.0' : base
    const via = gateway ?? (numeric ? '0.0.0.0' : '*')
    text += `${to.padEnd(16)}${via.padEnd(16)}${mask.padEnd(16)}${flags.padEnd(6)}${values} eth0\n`
  }
  return text
}

const route = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'neA:')
  if (options.operands.length > 0) throw new ProgramError('SIOCADDRT: Operation not permitted')
  await context.stdout.write(routingTable(context, options.has('n'), options.has('e')))
  return 0
})

const netstat = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'ralentuwxWp')
  const numeric = options.has('n')
  if (options.has('r')) {
    await context.stdout.write(routingTable(context, numeric, true))
    return 0
  }
  const types = options.has('t') || options.has('u') || options.has('w') || options.has('x')
  const rows = socketRows(context.container.network, {
    listening: options.has('l') || options.has('a'),
    connected: !options.has('l'),
    tcp: !types || options.has('t'),
    udp: !types || options.has('u'),
  })
  const which = options.has('a')
    ? '(servers and established)'
    : options.has('l')
      ? '(only servers)'
      : '(w/o servers)'
  const owners = options.has('p')
  await context.stdout.write(
    `Active Internet connections ${which}\nProto Recv-Q Send-Q Local Address           Foreign Address         State       ${owners ? 'PID/Program name    ' : ''}\n`,
  )
  const portText = (port: number | '*', protocol: 'TCP' | 'UDP' | 'SCTP') =>
    port === '*' ? '*' : numeric ? String(port) : (serviceName(port, protocol) ?? String(port))
  for (const row of rows) {
    const { protocol, local, remote } = row
    const from = `${local.address}:${portText(local.port, protocol)}`
    const to = `${remote.address}:${portText(remote.port, protocol)}`
    const state = protocol === 'UDP' && row.state === 'LISTEN' ? '' : row.state
    const owner = owners ? `${row.owner ?? '-'}`.slice(0, 20) : ''
    await context.stdout.write(
      `${protocol.toLowerCase()}   ${'0'.padStart(6)} ${'0'.padStart(6)} ${from.padEnd(23)} ${to.padEnd(23)} ${state.padEnd(12)}${owner}\n`,
    )
  }
  if (!types && options.has('a')) await context.stdout.write(UNIX_HEAD)
  return 0
})

const UNIX_HEAD =
  'Active UNIX domain sockets (servers and established)\nProto RefCnt Flags       Type       State         I-Node Path\n'

const arp = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'avnDdsi:A:p:H:t:')
  if (options.has('d') || options.has('s') || options.has('D')) {
    throw new ProgramError('SIOCSARP: Operation not permitted')
  }
  const { network } = context.container
  const { gateway } = network.node
  const [host] = options.operands
  if (host !== undefined) {
    const found = await resolveHost(context, host)
    const address = found.kind === 'found' ? found.addresses[0] : undefined
    if (address === undefined) throw new ProgramError(`${host}: Unknown host`)
    if (address !== gateway || !network.hasSent()) {
      await context.stdout.write(`No match found in 1 entries\n`)
      return 0
    }
  }
  if (network.hasSent()) {
    await context.stdout.write(`? (${gateway}) at ${hardwareAddress(gateway)} [ether]  on eth0\n`)
  }
  return 0
})

/** BusyBox' programs that show a pod's network. */
export const networkTools = { arp, ip, ifconfig, route, netstat }
