import { hardwareAddress, type Link, linksOf, routesOf } from '../net/links.ts'
import { isIpv4 } from '../net/resolver.ts'
import type { Program, ProgramContext } from '../process/program.ts'
import { type ParsedOptions, parseOptions, UsageError } from './busybox-program.ts'
import { type SocketRow, socketRows } from './socket-rows.ts'

class IpError extends Error {
  readonly exitCode: number
  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

interface IpOptions {
  readonly brief: boolean
  readonly oneLine: boolean
  readonly only4: boolean
  readonly only6: boolean
}

/** ip of iproute2, which netshoot has: shows; a pod has no right to change its network. */
export const iproute2Ip: Program = async (context) => {
  try {
    await context.stdout.write(answer(context, context.argv.slice(1)))
    return 0
  } catch (error) {
    if (!(error instanceof IpError)) throw error
    await context.stderr.write(`${error.message}\n`)
    return error.exitCode
  }
}

function answer(context: ProgramContext, args: readonly string[]): string {
  const words: string[] = []
  const flags = new Set<string>()
  for (const argument of args) {
    const letter =
      /^--?(br(?:ief)?|o(?:neline)?|4|6|c(?:olor)?|d(?:etails)?|s(?:tatistics)?|j(?:son)?|V)$/.exec(
        argument,
      )?.[1]
    if (argument.startsWith('-') && letter === undefined) {
      throw new IpError(`Option "${argument}" is unknown, try "ip -help".`, 255)
    }
    if (letter === undefined) words.push(argument)
    else flags.add(letter.startsWith('br') ? 'b' : (letter[0] ?? ''))
  }
  if (flags.has('V')) return 'ip utility, iproute2-6.11.0\n'
  if (flags.has('j')) throw new IpError('ip: JSON output is not simulated', 255)
  const options: IpOptions = {
    brief: flags.has('b'),
    oneLine: flags.has('o'),
    only4: flags.has('4'),
    only6: flags.has('6'),
  }
  const [object = '', command = 'show', ...rest] = words
  const is = (name: string) => object !== '' && name.startsWith(object)
  if (/^(add|del|delete|set|flush|change|replace|append)$/.test(command)) {
    throw new IpError('RTNETLINK answers: Operation not permitted', 2)
  }
  const listing = /^(show|list|ls|s|l|sh|lst)$/.test(command)
  const device = (listing ? rest : [command, ...rest]).filter((word) => word !== 'dev').at(-1)
  const { network } = context.container
  if (is('address') || is('link')) {
    const links = linksOf(network).filter(({ name }) => device === undefined || name === device)
    if (links.length === 0) throw new IpError(`Device "${device}" does not exist.`)
    return links.map((link) => linkText(link, is('link'), options)).join('')
  }
  if (is('route')) {
    if (command === 'get') {
      const [target = ''] = rest
      if (!isIpv4(target))
        throw new IpError(`Error: any valid prefix is expected rather than "${target}".`)
      const via = target === network.node.gateway ? '' : ` via ${network.node.gateway}`
      return `${target}${via} dev eth0 src ${network.address} uid 0 \n    cache \n`
    }
    return routesOf(network)
      .map(({ destination, gateway }) => {
        const how = gateway === undefined ? 'dev eth0 scope link' : `via ${gateway} dev eth0`
        return `${destination} ${how}${destination === 'default' ? '' : ` src ${network.address}`} \n`
      })
      .join('')
  }
  if (is('neighbour') || is('neighbor')) {
    const { gateway } = network.node
    return network.hasSent()
      ? `${gateway} dev eth0 lladdr ${hardwareAddress(gateway)} REACHABLE \n`
      : ''
  }
  if (is('rule')) {
    return '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n'
  }
  throw new IpError(
    object === ''
      ? 'Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }'
      : `Object "${object}" is unknown, try "ip help".`,
    object === '' ? 255 : 1,
  )
}

function linkText(link: Link, onlyLink: boolean, options: IpOptions): string {
  const flags = link.loopback ? 'LOOPBACK,UP,LOWER_UP' : 'BROADCAST,MULTICAST,UP,LOWER_UP'
  const state = link.loopback ? 'UNKNOWN' : 'UP'
  if (options.brief) {
    const what = onlyLink
      ? `${link.mac} <${flags}>`
      : options.only6
        ? ''
        : `${link.address}/${link.prefixLength}`
    return what === '' ? '' : `${link.shownName.padEnd(16)} ${state.padEnd(14)} ${what} \n`
  }
  const mode = onlyLink ? ' mode DEFAULT' : ''
  const head = `${link.index}: ${link.shownName}: <${flags}> mtu ${link.loopback ? 65_536 : 1500} qdisc noqueue state ${state}${mode} group default qlen 1000`
  const hardware = link.loopback
    ? `    link/loopback ${link.mac} brd ${link.mac}`
    : `    link/ether ${link.mac} brd ff:ff:ff:ff:ff:ff link-netnsid 0`
  const joint = options.oneLine ? '\\' : '\n'
  if (onlyLink) return `${[head, hardware].join(joint)}\n`
  if (options.only6) return ''
  const brd = link.loopback ? '' : ` brd ${link.broadcast}`
  const inet = `inet ${link.address}/${link.prefixLength}${brd} scope ${link.loopback ? 'host' : 'global'} ${link.name}`
  const valid = '       valid_lft forever preferred_lft forever'
  if (options.oneLine) return `${link.index}: ${link.name}    ${inet}\\${valid}\n`
  const lines = [head, ...(options.only4 ? [] : [hardware]), `    ${inet}`, valid]
  return `${lines.join('\n')}\n`
}

/** ss of iproute2: columns as wide as what is in them. */
export const ss: Program = async (context) => {
  let options: ParsedOptions
  try {
    options = parseOptions(context.argv.slice(1), 'ltunapresmoHOh46ix', {
      listening: 'l',
      tcp: 't',
      udp: 'u',
      numeric: 'n',
      all: 'a',
      processes: 'p',
      'no-header': 'H',
      help: 'h',
    })
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const letter = error.message.split(': ')[1] ?? ''
    await context.stderr.write(`ss: invalid option -- '${letter}'\n${SS_USAGE}`)
    return 255
  }
  if (options.has('h')) {
    await context.stdout.write(SS_USAGE)
    return 0
  }
  const both = !options.has('t') && !options.has('u')
  const rows = options.has('6')
    ? []
    : socketRows(context.container.network, {
        listening: options.has('l') || options.has('a'),
        connected: !options.has('l'),
        tcp: both || options.has('t'),
        udp: both || options.has('u'),
      })
  await context.stdout.write(
    table(rows, {
      netid: both || (options.has('t') && options.has('u')),
      header: !options.has('H'),
      processes: options.has('p'),
    }),
  )
  return 0
}

const SS_STATES = { LISTEN: 'LISTEN', ESTABLISHED: 'ESTAB', SYN_SENT: 'SYN-SENT' } as const

function table(
  rows: readonly SocketRow[],
  options: { readonly netid: boolean; readonly header: boolean; readonly processes: boolean },
): string {
  const cells = rows.map((row) => {
    const udp = row.protocol === 'UDP'
    const queue = row.state === 'LISTEN' && !udp ? '511' : '0'
    const [, pid, name] = /^(\d+)\/(.*)$/.exec(row.owner ?? '') ?? []
    const owner = pid === undefined ? '' : `users:(("${name}",pid=${pid},fd=6))`
    return [
      ...(options.netid ? [row.protocol.toLowerCase()] : []),
      udp && row.state === 'LISTEN' ? 'UNCONN' : SS_STATES[row.state],
      '0'.padEnd(6),
      queue.padEnd(6),
      `${row.local.address}:`,
      String(row.local.port),
      `${row.remote.address}:`,
      String(row.remote.port),
      options.processes ? owner : '',
    ]
  })
  const head = [
    ...(options.netid ? ['Netid'] : []),
    'State',
    'Recv-Q',
    'Send-Q',
    'Local Address:',
    'Port',
    'Peer Address:',
    'Port',
    'Process',
  ]
  const lines = options.header ? [head, ...cells] : cells
  const widths = head.map((_title, column) =>
    Math.max(0, ...lines.map((line) => (line[column] ?? '').length)),
  )
  return lines
    .map((line) => {
      const shown = line.map((cell, column) => {
        const width = widths[column] ?? 0
        const right = head[column]?.endsWith(':') === true
        // An address and its port touch; so do the last port and the process.
        const glued = right || column >= head.length - 2
        return `${right ? cell.padStart(width) : cell.padEnd(width)}${glued ? '' : ' '}`
      })
      return `${options.header ? shown.join('') : shown.join('').trimEnd()}\n`
    })
    .join('')
}

const SS_USAGE = `Usage: ss [ OPTIONS ]
       ss [ OPTIONS ] [ FILTER ]
`
