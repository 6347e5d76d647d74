import { ByteReader } from '../../../http/byte-reader.ts'
import type { Connection } from '../../../ports.ts'
import type { Program, ProgramContext } from '../../process/program.ts'
import { formatDate } from '../date-format.ts'
import { answerRedis, type RedisReply } from './redis-commands.ts'
import { listen, untilStopped } from './serving.ts'

export const REDIS_VERSION = '7.4.2'
const COMMAND_LIMIT = 1024
const WORD_LIMIT = 1_048_576

/** A redis server with strings only, on 6379 or `--port`; commands that it does not have are errors. */
export const redisServer: Program = async (context) => {
  const args = context.argv.slice(1)
  const version = context.env.get('REDIS_VERSION') ?? REDIS_VERSION
  if (args.includes('--version') || args.includes('-v')) {
    await context.stdout.write(
      `Redis server v=${version} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64\n`,
    )
    return 0
  }
  const at = args.indexOf('--port')
  const port = at === -1 ? 6379 : Number(args[at + 1])
  const values = new Map<string, string>()
  const line = (role: 'C' | 'M', level: string, text: string) => {
    const now = context.container.clock.now()
    const time = `${formatDate('%d %b %Y %H:%M:%S', now)}.${String(Math.floor(now % 1000)).padStart(3, '0')}`
    return context.stdout.write(`1:${role} ${time} ${level} ${text}\n`)
  }
  listen(context, port, 'TCP', (connection) => serve(context, connection, values, version))
  const stopped = untilStopped(context, async (signal) => {
    const seconds = Math.floor(context.container.clock.now() / 1000)
    await context.stdout.write(
      `1:signal-handler (${seconds}) Received ${signal} scheduling shutdown...\n`,
    )
    await line('M', '*', 'User requested shutdown...')
    await line('M', '*', 'Saving the final RDB snapshot before exiting.')
    await line('M', '*', 'DB saved on disk')
    await line('M', '#', 'Redis is now ready to exit, bye bye...')
    return 0
  })
  await line('C', '*', 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo')
  await line(
    'C',
    '*',
    `Redis version=${version}, bits=64, commit=00000000, modified=0, pid=1, just started`,
  )
  await line(
    'C',
    '#',
    'Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf',
  )
  await line('M', '*', 'monotonic clock: POSIX clock_gettime')
  await line('M', '*', `Running mode=standalone, port=${port}.`)
  await line('M', '*', 'Server initialized')
  await line('M', '*', 'Ready to accept connections tcp')
  return stopped
}

async function serve(
  context: ProgramContext,
  connection: Connection,
  values: Map<string, string>,
  version: string,
): Promise<void> {
  const reader = new ByteReader(connection.incoming)
  const send = (text: string) => connection.send(new TextEncoder().encode(text))
  for (;;) {
    const words = await readCommand(reader)
    if (words === undefined) break
    if (typeof words === 'string') {
      send(`-ERR Protocol error: ${words}\r\n`)
      break
    }
    const [name = ''] = words
    if (name === '') continue
    send(
      encode(
        answerRedis(words, {
          values,
          version,
          uptimeSeconds: Math.floor(context.container.uptimeMs() / 1000),
        }),
      ),
    )
    if (name.toUpperCase() === 'QUIT') break
  }
  connection.close()
}

/** One command: an array of the protocol, or a line typed by hand. A text says what is wrong with it. */
async function readCommand(reader: ByteReader): Promise<string[] | string | undefined> {
  const line = await reader.readLine()
  if (line === undefined) return undefined
  if (!line.startsWith('*')) return line.trim().split(/\s+/)
  const count = Number(line.slice(1))
  if (!Number.isInteger(count) || count > COMMAND_LIMIT) return 'invalid multibulk length'
  const words: string[] = []
  for (let left = count; left > 0; left--) {
    const head = await reader.readLine()
    if (head === undefined) return undefined
    const length = Number(head.slice(1))
    if (!head.startsWith('$')) return `expected '$', got '${head[0] ?? ' '}'`
    if (!Number.isInteger(length) || length < 0 || length > WORD_LIMIT) return 'invalid bulk length'
    const parts: Uint8Array[] = []
    for (let missing = length; missing > 0; ) {
      const chunk = await reader.read(missing)
      if (chunk === undefined) return undefined
      missing -= chunk.length
      parts.push(chunk)
    }
    await reader.readLine()
    words.push(Buffer.concat(parts).toString())
  }
  return words
}

function encode(reply: RedisReply): string {
  if (reply === null) return '$-1\r\n'
  if (typeof reply === 'number') return `:${reply}\r\n`
  if (typeof reply === 'string') return `$${new TextEncoder().encode(reply).length}\r\n${reply}\r\n`
  if ('error' in reply) return `-${reply.error}\r\n`
  if ('status' in reply) return `+${reply.status}\r\n`
  return `*${reply.list.length}\r\n${reply.list.map(encode).join('')}`
}
