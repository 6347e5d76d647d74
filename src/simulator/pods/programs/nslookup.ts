import type { DnsMessage, DnsRecord, DnsType } from '../../dns/message.ts'
import { DNS_TYPES } from '../../dns/message.ts'
import { exchangeDns, isIpv4, readResolvConf, resolveHost } from '../net/resolver.ts'
import { busyboxProgram, ProgramError, UsageError } from './busybox-program.ts'

const TIMEOUT_MS = 5000
const RETRIES = 2

/**
 * BusyBox nslookup (networking/nslookup.c, the "big" one): a name with a dot is asked as it is, one without gets every suffix
 * of the search list; A first, then AAAA.
 */
export const nslookup = busyboxProgram(async (context, args) => {
  const types: DnsType[] = []
  const operands: string[] = []
  let port = 53
  let timeoutMs = TIMEOUT_MS
  let retries = RETRIES
  for (const argument of args) {
    const option = /^-(type|querytype|port|timeout|retry|debug|t|q)(?:=(.*))?$/.exec(argument)
    if (option === null) {
      if (argument.startsWith('-'))
        throw new UsageError(`unrecognized option: ${argument.slice(1)}`)
      operands.push(argument)
      continue
    }
    const [, name, value = ''] = option
    if (name === 'port') port = Number(value)
    else if (name === 'timeout') timeoutMs = Number(value) * 1000
    else if (name === 'retry') retries = Number(value)
    else if (name !== 'debug') types.push(parseType(value))
  }
  const [host, server, ...more] = operands
  if (host === undefined || more.length > 0) throw new UsageError('')

  const conf = readResolvConf(context)
  let serverName = conf.servers[0] ?? '127.0.0.1'
  let servers = conf.servers
  if (server !== undefined) {
    const found = await resolveHost(context, server)
    const address = found.kind === 'found' ? found.addresses[0] : undefined
    if (address === undefined) throw new ProgramError(`bad address '${server}'`)
    serverName = server
    servers = [address]
  }

  const queries = questionsFor(host, types, conf.search)
  const { replies, refused } = await exchangeDns(context, {
    servers,
    port,
    queries,
    timeoutMs,
    retryMs: timeoutMs / Math.max(1, retries),
    stopWhenRefused: true,
  })
  if (refused) {
    // The answer to the first question comes before the second is sent.
    const call = queries.length > 1 ? `write to '${servers[0]}'` : 'read'
    await context.stderr.write(`nslookup: ${call}: Connection refused\n`)
  }
  const write = (text: string) => context.stdout.write(text)
  if (replies.every((reply) => reply === undefined)) {
    await write(';; connection timed out; no servers could be reached\n\n')
    return 1
  }
  await write(`Server:\t\t${serverName}\nAddress:\t${servers[0]}:${port}\n\n`)
  let status = 0
  for (const [index, query] of queries.entries()) {
    const reply = replies[index]
    if (reply === undefined) {
      await write(`** server can't find ${query.name}: no answer\n\n`)
      status = 1
    } else if (reply.rcode !== 'NOERROR') {
      await write(`** server can't find ${query.name}: ${reply.rcode}\n\n`)
      status = 1
    } else await write(`${answerText(reply)}\n`)
  }
  return status
})

function parseType(text: string): DnsType {
  const upper = text.toUpperCase()
  for (const name of Object.keys(DNS_TYPES)) {
    if (name === upper) return name as DnsType
  }
  throw new ProgramError(`invalid query type "${text}"`)
}

function questionsFor(
  host: string,
  types: readonly DnsType[],
  search: readonly string[],
): { readonly name: string; readonly type: DnsType }[] {
  if (isIpv4(host)) {
    const name = `${host.split('.').reverse().join('.')}.in-addr.arpa`
    return [{ name, type: 'PTR' }]
  }
  const wanted: readonly DnsType[] = types.length === 0 ? ['A', 'AAAA'] : types
  const names =
    host.includes('.') || search.length === 0
      ? [host.replace(/\.$/, '')]
      : search.map((suffix) => `${host}.${suffix}`)
  return wanted.flatMap((type) => names.map((name) => ({ name, type })))
}

function answerText(reply: DnsMessage): string {
  const lines = reply.answers.map(recordText)
  return `${reply.authoritative ? '' : 'Non-authoritative answer:\n'}${lines.join('')}`
}

function recordText(record: DnsRecord): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return `Name:\t${record.name}\nAddress: ${record.address}\n`
    case 'CNAME':
      return `${record.name}\tcanonical name = ${record.target}\n`
    case 'NS':
      return `${record.name}\tnameserver = ${record.target}\n`
    case 'PTR':
      return `${record.name}\tname = ${record.target}\n`
    case 'MX':
      return `${record.name}\tmail exchanger = ${record.preference} ${record.target}\n`
    case 'TXT':
      return `${record.name}\ttext = "${record.text}"\n`
    case 'SRV':
      return `${record.name}\tservice = ${record.priority} ${record.weight} ${record.port} ${record.target}\n`
    case 'SOA':
      return `${record.name}\n\torigin = ${record.primary}\n\tmail addr = ${record.mailbox}\n\tserial = ${record.serial}\n\trefresh = ${record.refresh}\n\tretry = ${record.retry}\n\texpire = ${record.expire}\n\tminimum = ${record.minimum}\n`
  }
}
