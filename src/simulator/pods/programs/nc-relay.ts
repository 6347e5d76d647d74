import type { Connection } from '../../ports.ts'
import { DEFAULT_PATH } from '../files/file-node.ts'
import { FdTable } from '../process/fd-table.ts'
import { SinkFile, StreamFile } from '../process/open-file.ts'
import type { ProgramContext } from '../process/program.ts'

/** As much as the buffers of both kernels take before who writes has to wait. */
const UNREAD_LIMIT = 1024 * 1024

/** Passes bytes both ways between a connection and the program's own streams, until the peer ends. */
export async function relay(
  context: ProgramContext,
  connection: Connection,
  options: {
    /** After the end of the input, how long silence may last. 0: as long as it likes. */
    readonly idleMs: number
    /** Tells the peer when the input ends. @default true */
    readonly shutdown?: boolean
  },
): Promise<void> {
  const { clock } = context.container
  let cancel = () => {}
  const typed = async () => {
    for (;;) {
      const chunk = await context.stdin.read()
      if (chunk === undefined) break
      connection.send(chunk)
      await connection.drained(UNREAD_LIMIT)
    }
    if (options.shutdown !== false) connection.end()
    // After the end of the input, -w limits how long the rest of the answer may take.
    if (options.idleMs > 0) cancel = clock.after(options.idleMs, () => connection.close())
  }
  const typing = typed()
  typing.catch(() => {})
  for await (const chunk of connection.incoming) await context.stdout.write(chunk)
  cancel()
  connection.close()
  context.signal.throwIfAborted()
}

/** Runs a program with the connection as its standard input and output. */
export async function serveWithProgram(
  context: ProgramContext,
  connection: Connection,
  argv: readonly string[],
): Promise<number> {
  const found = context.container.findProgram(argv[0] ?? '', {
    path: context.env.get('PATH') ?? DEFAULT_PATH,
    cwd: context.cwd,
  })
  if (found.kind !== 'program') {
    await context.stderr.write(`nc: can't execute '${argv[0]}': No such file or directory\n`)
    connection.close()
    return 127
  }
  const fds = new FdTable()
  fds.set(0, new StreamFile(connection.incoming))
  fds.set(
    1,
    new SinkFile(
      (data) => {
        connection.send(data)
        return connection.drained(UNREAD_LIMIT)
      },
      () => connection.end(),
    ),
  )
  const stderr = context.process.fds.get(2)
  if (stderr !== undefined) fds.set(2, stderr.retain())
  const child = context.container.spawn(found.program, {
    argv,
    env: context.env,
    cwd: context.cwd,
    fds,
    parent: context.process,
  })
  const status = await child.exited
  connection.close()
  return status
}
