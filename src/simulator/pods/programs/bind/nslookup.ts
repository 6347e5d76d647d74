import type { DnsMessage, DnsQuestion, DnsRecord } from '../../../dns/message.ts'
import { isIpv4, readResolvConf, resolveHost } from '../../net/resolver.ts'
import type { Program, ProgramContext } from '../../process/program.ts'
import { candidates, type LookupSettings, lookUp, reverseName } from './lookup.ts'
import { absoluteName, dataText, parseType } from './record-text.ts'

/** nslookup of BIND 9.18, with arguments: it follows the search list, asks for A and then for AAAA. */
export const bindNslookup: Program = async (context) => {
  const write = (text: string) => context.stdout.write(text)
  const options = await parse(context, context.argv.slice(1))
  if (typeof options === 'number') return options
  const { name, server } = options
  let servers = readResolvConf(context).servers
  if (server !== undefined) {
    const found = await resolveHost(context, server)
    const address = found.kind === 'found' ? found.addresses[0] : undefined
    if (address === undefined) {
      await write(`nslookup: couldn't get address for '${server}': not found\n`)
      return 1
    }
    servers = [address]
  }
  const settings: LookupSettings = {
    servers,
    port: options.port,
    tcp: options.tcp,
    timeoutMs: options.timeoutSeconds * 1000,
    tries: options.tries,
    recurse: true,
    complain: (text) => write(`;; ${text}\n`),
  }
  const ask = async (question: DnsQuestion) => {
    const outcome = await lookUp(context, question, settings)
    // With a server of its own choice it would try the next one, and takes this answer as there is none.
    if (outcome.kind === 'reply' && !outcome.message.recursionAvailable && server === undefined) {
      await write(`;; Got recursion not available from ${outcome.server}\n`)
    }
    return outcome
  }
  const heading = `Server:\t\t${server ?? servers[0]}\nAddress:\t${servers[0]}#${options.port}\n\n`
  const backwards = isIpv4(name)
  const type = options.type ?? (backwards ? 'PTR' : 'A')
  const names = backwards ? [reverseName(name)] : candidates(context, name)
  let reply: DnsMessage | undefined
  let found = name
  for (const candidate of names) {
    const outcome = await ask({ name: candidate, type })
    if (outcome.kind !== 'reply') {
      await write(';; no servers could be reached\n\n')
      return 1
    }
    reply = outcome.message
    found = candidate
    if (reply.rcode !== 'NXDOMAIN') break
  }
  if (reply === undefined) return 1
  if (!backwards) await write(heading)
  if (reply.rcode !== 'NOERROR') {
    await write(`** server can't find ${backwards ? found : name}: ${reply.rcode}\n\n`)
    return 1
  }
  let shown = reply.answers.length > 0
  if (shown) await write(answerText(reply, backwards))
  if (options.type === undefined && !backwards) {
    const alias = reply.answers.findLast((record) => record.type === 'CNAME')
    const next = alias?.type === 'CNAME' ? alias.target : found
    const outcome = await ask({ name: next, type: 'AAAA' })
    if (outcome.kind === 'reply' && outcome.message.answers.length > 0) {
      await write(answerText(outcome.message, shown))
      shown = true
    }
  }
  if (!shown) await write(`*** Can't find ${name}: No answer\n`)
  await write('\n')
  if (backwards && !reply.authoritative) await write('Authoritative answers can be found from:\n\n')
  return 0
}

function answerText(reply: DnsMessage, plain: boolean): string {
  const lines = reply.answers.map((record) => `${recordText(record)}\n`).join('')
  return `${reply.authoritative || plain ? '' : 'Non-authoritative answer:\n'}${lines}`
}

function recordText(record: DnsRecord): string {
  const { name } = record
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return `Name:\t${name}\nAddress: ${record.address}`
    case 'CNAME':
      return `${name}\tcanonical name = ${absoluteName(record.target)}`
    case 'PTR':
      return `${name}\tname = ${absoluteName(record.target)}`
    case 'NS':
      return `${name}\tnameserver = ${absoluteName(record.target)}`
    case 'SRV':
      return `${name}\tservice = ${dataText(record)}`
    case 'MX':
      return `${name}\tmail exchanger = ${dataText(record)}`
    case 'TXT':
      return `${name}\ttext = ${dataText(record)}`
    case 'SOA':
      return [
        name,
        `origin = ${record.primary}`,
        `mail addr = ${record.mailbox}`,
        `serial = ${record.serial}`,
        `refresh = ${record.refresh}`,
        `retry = ${record.retry}`,
        `expire = ${record.expire}`,
        `minimum = ${record.minimum}`,
      ].join('\n\t')
  }
}

interface NslookupOptions {
  readonly name: string
  readonly server: string | undefined
  readonly type: DnsQuestion['type'] | undefined
  readonly port: number
  readonly tcp: boolean
  readonly timeoutSeconds: number
  readonly tries: number
}

/** The options, or the exit code where there is nothing to do. */
async function parse(
  context: ProgramContext,
  args: readonly string[],
): Promise<NslookupOptions | number> {
  const operands: string[] = []
  let type: NslookupOptions['type']
  let port = 53
  let tcp = false
  let timeoutSeconds = 5
  let tries = 3
  for (const argument of args) {
    if (!argument.startsWith('-')) {
      operands.push(argument)
      continue
    }
    const [word = '', value = ''] = argument.slice(1).toLowerCase().split('=')
    if (/^(ty|type|q|querytype|t)$/.test(word)) {
      type = parseType(value)
      if (type === undefined) await context.stdout.write(`unknown query type: ${value}\n`)
    } else if (/^(port|po)$/.test(word)) port = Number(value)
    else if (/^(timeout|t)$/.test(word)) timeoutSeconds = Math.max(1, Number(value))
    else if (/^(retry|ret)$/.test(word)) tries = Math.max(1, Number(value))
    else if (word === 'vc') tcp = true
    else if (word === 'version') {
      await context.stdout.write('nslookup 9.18.33\n')
      return 0
    } else if (!/^(novc|d2?|debug|nod2|nodebug|search|nosearch|recurse|fail|nofail)$/.test(word)) {
      await context.stdout.write(`*** Invalid option: ${word}\n`)
    }
  }
  const [name, server] = operands
  if (name === undefined) {
    await context.stderr.write(
      'nslookup: the interactive mode is not simulated: give a name to look up\n',
    )
    return 1
  }
  return { name, server, type, port, tcp, timeoutSeconds, tries }
}
