import { decodeDnsMessage } from './decode.ts'
import { encodeDnsMessage } from './encode.ts'
import {
  DnsFormatError,
  type DnsMessage,
  type DnsQuestion,
  type DnsRcode,
  type DnsRecord,
} from './message.ts'

/** What a zone says to one question. */
export interface DnsAnswer {
  readonly rcode: DnsRcode
  readonly authoritative: boolean
  readonly answers: readonly DnsRecord[]
  readonly authorities?: readonly DnsRecord[]
  readonly additionals?: readonly DnsRecord[]
}

/** The size of an answer that fits where the client named none (RFC 1035, 4.2.1). */
const PLAIN_UDP_SIZE = 512
const TCP_SIZE = 65_535

/**
 * Answers one query in bytes, as a name server does: FORMERR for rubbish, the TC bit for an answer that is too
 * long for UDP. `undefined` where nothing is answered at all (not even an id could be read).
 */
export async function answerDnsQuery(
  query: Uint8Array,
  options: {
    readonly overTcp: boolean
    readonly resolve: (question: DnsQuestion) => DnsAnswer | Promise<DnsAnswer>
  },
): Promise<Uint8Array | undefined> {
  let message: DnsMessage
  try {
    message = decodeDnsMessage(query)
  } catch (error) {
    if (!(error instanceof DnsFormatError)) throw error
    return formatError(query)
  }
  if (message.response) return undefined
  const [question, ...more] = message.questions
  const failed = (rcode: DnsRcode): DnsAnswer => ({ rcode, authoritative: false, answers: [] })
  const answer: DnsAnswer =
    (message.opcode ?? 0) !== 0
      ? failed('NOTIMP')
      : question === undefined || more.length > 0
        ? failed('FORMERR')
        : await options.resolve(question)
  const reply: DnsMessage = {
    id: message.id,
    response: true,
    ...(message.opcode === undefined ? {} : { opcode: message.opcode }),
    authoritative: answer.authoritative,
    truncated: false,
    recursionDesired: message.recursionDesired,
    recursionAvailable: !answer.authoritative,
    rcode: answer.rcode,
    questions: message.questions,
    answers: answer.answers,
    authorities: answer.authorities ?? [],
    additionals: answer.additionals ?? [],
    // CoreDNS hands the client's EDNS record back as it came.
    ...(message.udpSize === undefined ? {} : { udpSize: message.udpSize }),
    ...(message.ednsOptions === undefined ? {} : { ednsOptions: message.ednsOptions }),
  }
  const limit = options.overTcp ? TCP_SIZE : Math.max(PLAIN_UDP_SIZE, message.udpSize ?? 0)
  return fitted(reply, limit)
}

/** As many records as fit, in their order; the TC bit where one is left out (miekg/dns, Msg.Truncate). */
function fitted(reply: DnsMessage, limit: number): Uint8Array {
  const { answers, authorities, additionals } = reply
  const encodeFirst = (count: number) => {
    const rest = Math.max(0, count - answers.length)
    const total = answers.length + authorities.length + additionals.length
    return encodeDnsMessage({
      ...reply,
      truncated: count < total,
      answers: answers.slice(0, count),
      authorities: authorities.slice(0, rest),
      additionals: additionals.slice(0, Math.max(0, rest - authorities.length)),
    })
  }
  let fits = 0
  let tooMany = answers.length + authorities.length + additionals.length
  const whole = encodeFirst(tooMany)
  if (whole.length <= limit) return whole
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >>> 1
    if (encodeFirst(middle).length <= limit) fits = middle
    else tooMany = middle
  }
  return encodeFirst(fits)
}

function formatError(query: Uint8Array): Uint8Array | undefined {
  const [high, low] = query
  if (high === undefined || low === undefined) return undefined
  return Uint8Array.from([high, low, 0x80, 0x01, 0, 0, 0, 0, 0, 0, 0, 0])
}

/** A DNS message over TCP carries its length before it (RFC 1035, 4.2.2). */
export function frameForTcp(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(message.length + 2)
  framed[0] = message.length >>> 8
  framed[1] = message.length & 0xff
  framed.set(message, 2)
  return framed
}

/** Takes whole messages out of a TCP stream. */
export function createTcpDeframer(): (chunk: Uint8Array) => Uint8Array[] {
  let held: Uint8Array = new Uint8Array(0)
  return (chunk) => {
    const joined = new Uint8Array(held.length + chunk.length)
    joined.set(held)
    joined.set(chunk, held.length)
    held = joined
    const messages: Uint8Array[] = []
    for (;;) {
      const length = (held[0] ?? 0) * 0x100 + (held[1] ?? 0)
      if (held.length < 2 || held.length < length + 2) return messages
      messages.push(held.slice(2, length + 2))
      held = held.slice(length + 2)
    }
  }
}
