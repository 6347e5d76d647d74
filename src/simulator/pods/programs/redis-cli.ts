import { ByteReader } from '../../http/byte-reader.ts'
import { connectErrorText, lookupErrorText } from '../net/c-library.ts'
import { resolveHost } from '../net/resolver.ts'
import { openConnection } from '../net/tcp.ts'
import type { Program, ProgramContext } from '../process/program.ts'

const PORT = 6379

type Reply =
  | string
  | number
  | null
  | readonly Reply[]
  | { readonly kind: 'error' | 'status'; readonly text: string }

/** redis-cli: one command from its arguments, or a line each from its input; raw replies where no terminal shows them. */
export const redisCli: Program = async (context) => {
  const args = context.argv.slice(1)
  let host = '127.0.0.1'
  let port = PORT
  let raw = context.stdout.terminal === undefined
  let at = 0
  for (; at < args.length; at++) {
    const option = args[at] ?? ''
    if (option === '-h') host = args[++at] ?? host
    else if (option === '-p') port = Number(args[++at] ?? port)
    else if (option === '-n' || option === '-a' || option === '--user' || option === '--pass') at++
    else if (option === '--raw') raw = true
    else if (option === '--no-raw') raw = false
    else if (option === '--no-auth-warning') continue
    else if (option === '--version' || option === '-v') {
      await context.stdout.write('redis-cli 7.4.2\n')
      return 0
    } else if (option.startsWith('-') && !/^-\d/.test(option)) {
      await context.stderr.write(`Unrecognized option or bad number of args for: '${option}'\n`)
      return 1
    } else break
  }
  const command = args.slice(at)
  const found = await resolveHost(context, host)
  const address = found.kind === 'found' ? found.addresses[0] : undefined
  const fail = async (reason: string) => {
    await context.stderr.write(`Could not connect to Redis at ${host}:${port}: ${reason}\n`)
    return 1
  }
  if (address === undefined) {
    return fail(lookupErrorText(context, found.kind === 'found' ? 'no-such-name' : found.kind))
  }
  const outcome = await openConnection(context, { address, port })
  if (outcome.kind !== 'connected') {
    return fail(connectErrorText(context, outcome.kind))
  }
  const { connection } = outcome
  const reader = new ByteReader(connection.incoming)
  const call = async (words: readonly string[]): Promise<boolean> => {
    connection.send(encodeCommand(words))
    const reply = await readReply(reader)
    if (reply === undefined) {
      await context.stderr.write('Error: Server closed the connection\n')
      return false
    }
    await context.stdout.write(raw ? `${rawText(reply)}\n` : `${prettyText(reply, '')}\n`)
    return true
  }
  try {
    if (command.length > 0) return (await call(command)) ? 0 : 1
    return await readCommands(context, `${host}:${port}> `, call)
  } finally {
    connection.close()
  }
}

async function readCommands(
  context: ProgramContext,
  prompt: string,
  call: (words: readonly string[]) => Promise<boolean>,
): Promise<number> {
  const typed = context.stdin.terminal !== undefined
  for (;;) {
    if (typed) await context.stdout.write(prompt)
    const line = await context.stdin.readLine()
    if (line === undefined) return 0
    const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(
      ([, double, single, bare]) => double ?? single ?? bare ?? '',
    )
    const [first] = words
    if (first === undefined) continue
    if (/^(quit|exit)$/i.test(first)) return 0
    if (!(await call(words))) return 1
  }
}

function encodeCommand(words: readonly string[]): Uint8Array {
  const encoder = new TextEncoder()
  const parts = words.map((word) => `$${encoder.encode(word).length}\r\n${word}\r\n`)
  return encoder.encode(`*${words.length}\r\n${parts.join('')}`)
}

/** One reply of the protocol RESP2; `undefined` at the end of the connection. */
async function readReply(reader: ByteReader): Promise<Reply | undefined> {
  const line = await reader.readLine()
  if (line === undefined) return undefined
  const rest = line.slice(1)
  switch (line[0]) {
    case '+':
      return { kind: 'status', text: rest }
    case '-':
      return { kind: 'error', text: rest }
    case ':':
      return Number(rest)
    case '*': {
      const items: Reply[] = []
      for (let left = Number(rest); left > 0; left--) {
        const item = await readReply(reader)
        if (item === undefined) return undefined
        items.push(item)
      }
      return items
    }
    case '$': {
      let left = Number(rest)
      if (!(left >= 0)) return null
      const chunks: Uint8Array[] = []
      while (left > 0) {
        const chunk = await reader.read(left)
        if (chunk === undefined) return undefined
        left -= chunk.length
        chunks.push(chunk)
      }
      await reader.readLine()
      return Buffer.concat(chunks).toString()
    }
    default:
      return undefined
  }
}

function rawText(reply: Reply): string {
  if (reply === null) return ''
  if (isList(reply)) return reply.map(rawText).join('\n')
  if (typeof reply !== 'object') return String(reply)
  return reply.kind === 'error' ? `${reply.text}\n` : reply.text
}

function isList(reply: Reply): reply is readonly Reply[] {
  return Array.isArray(reply)
}

function prettyText(reply: Reply, indent: string): string {
  if (reply === null) return '(nil)'
  if (typeof reply === 'number') return `(integer) ${reply}`
  if (isList(reply)) {
    if (reply.length === 0) return '(empty array)'
    return reply
      .map((item, at) => `${at === 0 ? '' : indent}${at + 1}) ${prettyText(item, `${indent}   `)}`)
      .join('\n')
  }
  if (typeof reply !== 'object') return JSON.stringify(reply)
  return reply.kind === 'error' ? `(error) ${reply.text}` : reply.text
}
