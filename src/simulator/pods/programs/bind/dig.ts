import type { DnsMessage, DnsQuestion } from '../../../dns/message.ts'
import { isIpv4, readResolvConf, resolveHost } from '../../net/resolver.ts'
import type { Program, ProgramContext } from '../../process/program.ts'
import { formatDate } from '../date-format.ts'
import { applyPlusOption, type DigOptions, defaultDigOptions } from './dig-options.ts'
import { candidates, type LookupOutcome, lookUp, reverseName } from './lookup.ts'
import { dataText, parseType, questionLine, recordLine } from './record-text.ts'

export const BIND_VERSION = '9.18.33'

const USAGE = `Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}
            {global-d-opt} host [@local-server] {local-d-opt}
            [ host [@local-server] {local-d-opt} [...]]

Use "dig -h" (or "dig -h | more") for complete list of options
`

interface Query {
  name: string
  type: DnsQuestion['type']
  options: DigOptions
}

class DigError extends Error {
  readonly exitCode: number
  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** dig of BIND: asks the server of resolv.conf or of `@` and shows the answer whole. Exit 9 where no server answers. */
export const dig: Program = async (context) => {
  const args = context.argv.slice(1)
  try {
    if (args.length === 1 && args[0] === '-v') {
      await context.stderr.write(`DiG ${BIND_VERSION}\n`)
      return 0
    }
    if (args.length === 1 && args[0] === '-h') {
      await context.stdout.write(USAGE)
      return 0
    }
    return await run(context, args)
  } catch (error) {
    if (!(error instanceof DigError)) throw error
    await context.stderr.write(error.message)
    return error.exitCode
  }
}

async function run(context: ProgramContext, args: readonly string[]): Promise<number> {
  const { queries, server, port } = parse(args)
  let servers = readResolvConf(context).servers
  if (server !== undefined) {
    const found = await resolveHost(context, server)
    const address = found.kind === 'found' ? found.addresses[0] : undefined
    if (address === undefined) {
      throw new DigError(`dig: couldn't get address for '${server}': not found\n`, 10)
    }
    servers = [address]
  }
  let banner = false
  let status = 0
  const showBanner = async (options: DigOptions) => {
    if (banner || !options.cmd || options.short) return
    banner = true
    const found = server === undefined ? '' : '; (1 server found)\n'
    await context.stdout.write(
      `\n; <<>> DiG ${BIND_VERSION} <<>> ${args.join(' ')}\n${found};; global options: +cmd\n`,
    )
  }
  for (const query of queries) {
    const { options } = query
    const names = options.search ? candidates(context, query.name, options) : [query.name]
    let outcome: LookupOutcome = { kind: 'no-servers' }
    for (const name of names) {
      const question = { name: name.replace(/\.$/, ''), type: query.type }
      outcome = await lookUp(context, question, {
        servers,
        port,
        tcp: options.tcp,
        timeoutMs: options.timeSeconds * 1000,
        tries: options.tries,
        recurse: options.recurse,
        udpSize: options.edns ? options.bufsize : undefined,
        cookie: options.cookie,
        ignoreTruncation: options.ignore,
        complain: (text) => context.stdout.write(`;; ${text}\n`),
      })
      if (outcome.kind !== 'reply' || outcome.message.rcode !== 'NXDOMAIN') break
    }
    if (outcome.kind === 'bad-name') {
      throw new DigError(`dig: '${query.name}' is not a legal name (bad label type)\n`, 10)
    }
    await showBanner(options)
    if (outcome.kind !== 'reply') {
      await context.stdout.write(';; no servers could be reached\n')
      status = 9
      continue
    }
    await context.stdout.write(
      options.short
        ? outcome.message.answers.map((record) => `${dataText(record)}\n`).join('')
        : whole(context, outcome, options, port),
    )
  }
  return status
}

function whole(
  context: ProgramContext,
  outcome: Extract<LookupOutcome, { kind: 'reply' }>,
  options: DigOptions,
  port: number,
): string {
  const { message } = outcome
  let text = ''
  if (options.comments) {
    if (outcome.tcp && !options.tcp) text += ';; Truncated, retrying in TCP mode.\n'
    text += `;; Got answer:\n${headerText(message, options)}\n`
    if (message.udpSize !== undefined) text += ednsText(message)
  }
  const section = (title: string, lines: readonly string[], wanted: boolean, ends = true) => {
    if (!wanted || lines.length === 0) return
    if (options.comments) text += `;; ${title} SECTION:\n`
    text += lines.map((line) => `${line}\n`).join('')
    if (options.comments && ends) text += '\n'
  }
  section('QUESTION', message.questions.map(questionLine), options.question)
  section('ANSWER', message.answers.map(recordLine), options.answer)
  section('AUTHORITY', message.authorities.map(recordLine), options.authority)
  section('ADDITIONAL', message.additionals.map(recordLine), options.additional)
  if (options.stats) {
    const when = formatDate('%a %b %d %H:%M:%S UTC %Y', context.container.clock.now())
    const over = outcome.tcp ? 'TCP' : 'UDP'
    text += `;; Query time: ${Math.round(outcome.elapsedMs)} msec\n;; SERVER: ${outcome.server}#${port}(${outcome.server}) (${over})\n;; WHEN: ${when}\n;; MSG SIZE  rcvd: ${outcome.size}\n\n`
  }
  return text
}

function headerText(message: DnsMessage, options: DigOptions): string {
  const local = message.questions.some(({ name }) => /(^|\.)local$/i.test(name))
  const flags = [
    'qr',
    ...(message.authoritative ? ['aa'] : []),
    ...(message.truncated ? ['tc'] : []),
    ...(message.recursionDesired ? ['rd'] : []),
    ...(message.recursionAvailable ? ['ra'] : []),
  ]
  const extra = message.additionals.length + (message.udpSize === undefined ? 0 : 1)
  return [
    ...(local
      ? [
          ';; WARNING: .local is reserved for Multicast DNS',
          ';; You are currently testing what happens when an mDNS query is leaked to DNS',
        ]
      : []),
    `;; ->>HEADER<<- opcode: QUERY, status: ${message.rcode}, id: ${message.id}`,
    `;; flags: ${flags.join(' ')}; QUERY: ${message.questions.length}, ANSWER: ${message.answers.length}, AUTHORITY: ${message.authorities.length}, ADDITIONAL: ${extra}`,
    ...(options.recurse && !message.recursionAvailable
      ? [';; WARNING: recursion requested but not available']
      : []),
    '',
  ].join('\n')
}

function ednsText(message: DnsMessage): string {
  const options = message.ednsOptions
  const cookie =
    options === undefined
      ? ''
      : `; COOKIE: ${[...options.subarray(4)].map((byte) => byte.toString(16).padStart(2, '0')).join('')} (echoed)\n`
  return `;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: ${message.udpSize}\n${cookie}`
}

function parse(args: readonly string[]): {
  readonly queries: readonly Query[]
  readonly server: string | undefined
  readonly port: number
} {
  const queries: Query[] = []
  let server: string | undefined
  let port = 53
  let options = defaultDigOptions()
  let type: DnsQuestion['type'] = 'A'
  const last = () => queries.at(-1)
  const setOptions = (next: DigOptions) => {
    // Options before the first name are for all queries, later ones for the query that they follow.
    const query = last()
    if (query === undefined) options = next
    else query.options = next
  }
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? ''
    const value = () => {
      const next = args[++index]
      if (next === undefined) {
        throw new DigError(`Invalid option: ${argument}\n${USAGE}`)
      }
      return next
    }
    if (argument.startsWith('@')) server = argument.slice(1)
    else if (argument.startsWith('+')) {
      const next = applyPlusOption(last()?.options ?? options, argument.slice(1))
      if (next === undefined) throw new DigError(`Invalid option: ${argument}\n${USAGE}`)
      setOptions(next)
    } else if (argument === '-x') {
      const address = value()
      if (!isIpv4(address)) throw new DigError(`Invalid IP address ${address}\n`)
      queries.push({ name: reverseName(address), type: 'PTR', options })
    } else if (argument === '-p') port = Number(value())
    else if (argument === '-q') queries.push({ name: value(), type, options })
    else if (argument === '-t' || argument === '-c') {
      const text = value()
      const parsed: DnsQuestion['type'] | undefined = argument === '-c' ? type : parseType(text)
      if (parsed === undefined) throw new DigError(`;; Warning, ignoring invalid type ${text}\n`)
      type = parsed
      const query = last()
      if (query !== undefined && argument === '-t') query.type = parsed
    } else if (/^-[46]$/.test(argument)) continue
    else if (argument.startsWith('-')) {
      throw new DigError(`Invalid option: ${argument}\n${USAGE}`)
    } else {
      const parsed = parseType(argument)
      const query = last()
      if (parsed !== undefined) {
        type = parsed
        if (query !== undefined) query.type = parsed
      } else if (!/^(IN|CH|HS)$/i.test(argument)) {
        queries.push({ name: argument, type: query === undefined ? type : 'A', options })
      }
    }
  }
  if (queries.length === 0) queries.push({ name: '', type: 'NS', options })
  return { queries, server, port }
}
