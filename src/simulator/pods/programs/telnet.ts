import { connectErrorText } from '../net/c-library.ts'
import { resolveHost } from '../net/resolver.ts'
import { openConnection } from '../net/tcp.ts'
import {
  busyboxProgram,
  ProgramError,
  parseOptions,
  UsageError,
  wholeNumber,
} from './busybox-program.ts'

/** telnet without option negotiation: what is typed goes to the server, what it says is shown. */
export const telnet = busyboxProgram(async (context, args) => {
  const options = parseOptions(args, 'al:')
  const [host, port] = options.operands
  if (host === undefined) throw new UsageError('')
  const found = await resolveHost(context, host)
  const address = found.kind === 'found' ? found.addresses[0] : undefined
  if (address === undefined) throw new ProgramError(`bad address '${host}'`)
  const outcome = await openConnection(context, { address, port: wholeNumber(port ?? '23') })
  if (outcome.kind !== 'connected') {
    throw new ProgramError(
      `can't connect to remote host (${address}): ${connectErrorText(context, outcome.kind)}`,
    )
  }
  const { connection } = outcome
  await context.stdout.write(`Connected to ${host}\n`)
  const typed = async () => {
    for (;;) {
      const chunk = await context.stdin.read()
      if (chunk === undefined) break
      connection.send(chunk)
    }
    connection.end()
  }
  const typing = typed()
  typing.catch(() => {})
  for await (const chunk of connection.incoming) await context.stdout.write(chunk)
  connection.close()
  context.signal.throwIfAborted()
  await context.stdout.write('Connection closed by foreign host\n')
  return 1
})
