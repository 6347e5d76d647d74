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
  const question = message.questions[0]
  const answer: DnsAnswer =
    question === undefined
      ? { rcode: 'FORMERR', authoritative: false, answers: [] }
      : await options.resolve(question)
  const reply: DnsMessage = {
    id: message.id,
    response: true,
    authoritative: answer.authoritative,
    truncated: false,
    recursionDesired: message.recursionDesired,
    recursionAvailable: !answer.authoritative,
    rcode: answer.rcode,
    questions: message.questions,
    answers: answer.answers,
    authorities: answer.authorities ?? [],
    additionals: answer.additionals ?? [],
    ...(message.udpSize === undefined ? {} : { udpSize: 1232 }),
  }
  const bytes = encodeDnsMessage(reply)
  const limit = Math.max(PLAIN_UDP_SIZE, message.udpSize ?? 0)
  if (options.overTcp || bytes.length <= limit) return bytes
  return encodeDnsMessage({
    ...reply,
    truncated: true,
    answers: [],
    authorities: [],
    additionals: [],
  })
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
