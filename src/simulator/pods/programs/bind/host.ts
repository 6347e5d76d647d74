import type { DnsMessage, DnsQuestion, DnsRecord } from '../../../dns/message.ts'
import { isIpv4, readResolvConf, resolveHost } from '../../net/resolver.ts'
import type { Program, ProgramContext } from '../../process/program.ts'
import { candidates, lookUp, reverseName } from './lookup.ts'
import { absoluteName, dataText, parseType, typeText } from './record-text.ts'

const USAGE = `Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]
            [-R number] [-m flag] [-p port] hostname [server]
`

const RCODE_NUMBERS = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 }

/** host of BIND: addresses, or what `-t` asks for, as sentences. */
export const host: Program = async (context) => {
  const options = parse(context.argv.slice(1))
  if (options === undefined) {
    await context.stderr.write(USAGE)
    return 1
  }
  const { name, server } = options
  let servers = readResolvConf(context).servers
  let banner = ''
  if (server !== undefined) {
    const found = await resolveHost(context, server)
    const address = found.kind === 'found' ? found.addresses[0] : undefined
    if (address === undefined) {
      await context.stderr.write(`host: couldn't get address for '${server}': not found\n`)
      return 1
    }
    servers = [address]
    banner = `Using domain server:\nName: ${server}\nAddress: ${address}#${options.port}\nAliases: \n\n`
  }
  const ask = (question: DnsQuestion) =>
    lookUp(context, question, {
      servers,
      port: options.port,
      tcp: options.tcp,
      timeoutMs: options.waitSeconds * 1000,
      tries: options.retries + 1,
      recurse: options.recurse,
      complain: (text) => context.stdout.write(`;; ${text}\n`),
    })
  const backwards = isIpv4(name)
  const types = options.type !== undefined ? [options.type] : backwards ? ['PTR' as const] : null
  const [first = 'A', ...others] = types ?? (['A', 'AAAA', 'MX'] as const)
  const names = backwards ? [reverseName(name)] : candidates(context, name, options)
  let reply: DnsMessage | undefined
  let found = name
  for (const candidate of names) {
    const outcome = await ask({ name: candidate, type: first })
    if (outcome.kind !== 'reply') {
      const what = outcome.kind === 'bad-name' ? `host: '${name}' is not a legal name` : ''
      await context.stdout.write(what === '' ? ';; no servers could be reached\n' : `${what}\n`)
      return 1
    }
    if (reply === undefined) await context.stdout.write(banner)
    reply = outcome.message
    found = candidate
    if (reply.rcode !== 'NXDOMAIN') break
  }
  if (reply === undefined) return 1
  if (reply.rcode !== 'NOERROR') {
    const shown = backwards ? absoluteName(found) : name
    await context.stdout.write(
      `Host ${shown} not found: ${RCODE_NUMBERS[reply.rcode]}(${reply.rcode})\n`,
    )
    return 1
  }
  await show(context, reply)
  if (reply.answers.length === 0 && types !== null) {
    await context.stdout.write(`${found} has no ${typeText(first)} record\n`)
  }
  const target = reply.answers.findLast((record) => record.type === 'CNAME')
  const next = target?.type === 'CNAME' ? target.target : found
  for (const type of others) {
    const outcome = await ask({ name: next, type })
    if (outcome.kind === 'reply' && outcome.message.rcode === 'NOERROR') {
      await show(context, outcome.message)
    }
  }
  return 0
}

async function show(context: ProgramContext, message: DnsMessage): Promise<void> {
  for (const record of message.answers) await context.stdout.write(`${sentence(record)}\n`)
}

function sentence(record: DnsRecord): string {
  const { name } = record
  switch (record.type) {
    case 'A':
      return `${name} has address ${record.address}`
    case 'AAAA':
      return `${name} has IPv6 address ${record.address}`
    case 'CNAME':
      return `${name} is an alias for ${absoluteName(record.target)}`
    case 'PTR':
      return `${name} domain name pointer ${absoluteName(record.target)}`
    case 'NS':
      return `${name} name server ${absoluteName(record.target)}`
    case 'MX':
      return `${name} mail is handled by ${dataText(record)}`
    case 'TXT':
      return `${name} descriptive text ${dataText(record)}`
    default:
      return `${name} has ${record.type} record ${dataText(record)}`
  }
}

interface HostOptions {
  readonly name: string
  readonly server: string | undefined
  readonly type: DnsQuestion['type'] | undefined
  readonly port: number
  readonly tcp: boolean
  readonly recurse: boolean
  readonly waitSeconds: number
  readonly retries: number
  readonly ndots: number | undefined
}

/** `undefined` where the arguments are none of host's. */
function parse(args: readonly string[]): HostOptions | undefined {
  const operands: string[] = []
  const values = new Map<string, string>()
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? ''
    const letter = /^-(.)/.exec(argument)?.[1]
    if (letter === undefined) operands.push(argument)
    else if ('tWRNpcm'.includes(letter)) {
      const value = argument.length > 2 ? argument.slice(2) : args[++index]
      if (value === undefined) return undefined
      values.set(letter, value)
    } else if ('46rTUvdsaw'.includes(letter)) values.set(letter, '')
    else return undefined
  }
  const [name, server] = operands
  if (name === undefined || operands.length > 2) return undefined
  const given = values.get('t') ?? (values.has('a') ? 'ANY' : undefined)
  const type = given === undefined ? undefined : parseType(given)
  if (given !== undefined && type === undefined) return undefined
  const ndots = values.get('N')
  return {
    name,
    server,
    type,
    port: Number(values.get('p') ?? '53'),
    tcp: values.has('T'),
    recurse: !values.has('r'),
    waitSeconds: Number(values.get('W') ?? '5'),
    retries: Number(values.get('R') ?? '1'),
    ndots: ndots === undefined ? undefined : Number(ndots),
  }
}
