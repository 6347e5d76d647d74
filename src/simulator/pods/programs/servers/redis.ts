import { ByteReader } from '../../../http/byte-reader.ts'
import type { Connection } from '../../../ports.ts'
import type { Program } from '../../process/program.ts'
import { formatDate } from '../date-format.ts'
import { listen, untilStopped } from './serving.ts'

/** A redis that answers PING, ECHO, GET, SET, DEL, INFO and QUIT on 6379; every other command is an error. */
export const redisServer: Program = async (context) => {
  const values = new Map<string, string>()
  const stamp = () => `1:M ${formatDate('%d %b %Y %H:%M:%S', context.container.clock.now())}.000`
  listen(context, 6379, 'TCP', (connection) => serve(connection, values))
  const stopped = untilStopped(context, async () => {
    await context.stdout.write(`${stamp()} # Redis is now ready to exit, bye bye...\n`)
    return 0
  })
  await context.stdout.write(
    `${stamp()} * Running mode=standalone, port=6379.\n${stamp()} * Ready to accept connections tcp\n`,
  )
  return stopped
}

async function serve(connection: Connection, values: Map<string, string>): Promise<void> {
  const reader = new ByteReader(connection.incoming)
  const send = (text: string) => connection.send(new TextEncoder().encode(text))
  for (;;) {
    const words = await readCommand(reader)
    if (words === undefined) break
    const [name = '', key = '', value = ''] = words
    switch (name.toUpperCase()) {
      case '':
        break
      case 'PING':
        send(key === '' ? '+PONG\r\n' : bulk(key))
        break
      case 'ECHO':
        send(bulk(key))
        break
      case 'SET':
        values.set(key, value)
        send('+OK\r\n')
        break
      case 'GET':
        send(bulk(values.get(key)))
        break
      case 'DEL':
        send(`:${values.delete(key) ? 1 : 0}\r\n`)
        break
      case 'INFO':
        send(bulk('# Server\r\nredis_version:7.4.2\r\n'))
        break
      case 'COMMAND':
        send('*0\r\n')
        break
      case 'QUIT':
        send('+OK\r\n')
        connection.close()
        return
      default:
        send(
          `-ERR unknown command '${name}', with args beginning with: ${words
            .slice(1)
            .map((word) => `'${word}' `)
            .join('')}\r\n`,
        )
    }
  }
  connection.close()
}

/** One command: an array of the protocol, or a line typed by hand. */
async function readCommand(reader: ByteReader): Promise<string[] | undefined> {
  const line = await reader.readLine()
  if (line === undefined) return undefined
  if (!line.startsWith('*')) return line.trim().split(/\s+/)
  const words: string[] = []
  for (let left = Number(line.slice(1)); left > 0; left--) {
    if ((await reader.readLine()) === undefined) return undefined
    const word = await reader.readLine()
    if (word === undefined) return undefined
    words.push(word)
  }
  return words
}

function bulk(text: string | undefined): string {
  return text === undefined ? '$-1\r\n' : `$${new TextEncoder().encode(text).length}\r\n${text}\r\n`
}
