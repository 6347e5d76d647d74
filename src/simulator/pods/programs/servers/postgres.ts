import type { Program } from '../../process/program.ts'
import { formatDate } from '../date-format.ts'
import { listen, untilStopped } from './serving.ts'

const PORT = 5432
const SSL_REQUEST = 80_877_103
const PROTOCOL_3 = 196_608

/** A database that can be reached or not, and says so in its log. It speaks the first words of its protocol and knows no SQL. */
export const postgres: Program = async (context) => {
  const version = (context.env.get('PG_VERSION') ?? '17.4').replace(/-.*/, '')
  const log = (pid: number, text: string) => {
    const now = context.container.clock.now()
    const fraction = String(Math.floor(now % 1000)).padStart(3, '0')
    return context.stderr.write(
      `${formatDate('%Y-%m-%d %H:%M:%S', now)}.${fraction} UTC [${pid}] ${text}\n`,
    )
  }
  let pid = 62
  listen(context, PORT, 'TCP', async (connection) => {
    const backend = ++pid
    let held: Uint8Array = new Uint8Array(0)
    for await (const chunk of connection.incoming) {
      held = Buffer.concat([held, chunk])
      if (held.length < 8) continue
      const view = new DataView(held.buffer, held.byteOffset, held.byteLength)
      const length = view.getUint32(0)
      const code = view.getUint32(4)
      if (length < 8 || length > 10_000) {
        await log(backend, 'LOG:  invalid length of startup packet')
        return
      }
      if (held.length < length) continue
      held = held.slice(length)
      if (code === SSL_REQUEST) {
        connection.send(new TextEncoder().encode('N'))
        continue
      }
      if (code !== PROTOCOL_3) {
        const [major, minor] = [code >>> 16, code & 0xffff]
        await log(
          backend,
          `FATAL:  unsupported frontend protocol ${major}.${minor}: server supports 3.0 to 3.0`,
        )
        return
      }
      const text = 'the simulated postgres only listens: it has no databases'
      await log(backend, `FATAL:  ${text}`)
      connection.send(errorResponse(text))
      return
    }
  })
  const stopped = untilStopped(context, async (signal) => {
    await log(1, `LOG:  received ${signal === 'SIGTERM' ? 'smart' : 'fast'} shutdown request`)
    await log(1, 'LOG:  database system is shut down')
    return 0
  })
  await context.stdout.write('\nPostgreSQL init process complete; ready for start up.\n\n')
  await log(
    1,
    `LOG:  starting PostgreSQL ${version} (Debian ${version}-1.pgdg120+2) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14) 12.2.0, 64-bit`,
  )
  await log(1, `LOG:  listening on IPv4 address "0.0.0.0", port ${PORT}`)
  await log(1, `LOG:  listening on Unix socket "/var/run/postgresql/.s.PGSQL.${PORT}"`)
  await log(1, 'LOG:  database system is ready to accept connections')
  return stopped
}

/** A FATAL error of the protocol, version 3. */
function errorResponse(text: string): Uint8Array {
  const fields = [`SFATAL`, `VFATAL`, `C3D000`, `M${text}`].map((field) => `${field}\0`).join('')
  const body = Buffer.from(`${fields}\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
