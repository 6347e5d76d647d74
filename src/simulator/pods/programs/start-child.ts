import { DEFAULT_PATH } from '../files/file-node.ts'
import type { OpenFile } from '../process/open-file.ts'
import type { Process, ProcessGroup } from '../process/process.ts'
import type { ProgramContext } from '../process/program.ts'

/** Starts another program with this one's streams; `undefined` where there is none of that name. */
export function startChild(
  context: ProgramContext,
  argv: readonly string[],
  options: {
    readonly env?: ReadonlyMap<string, string>
    readonly group?: ProcessGroup
    /** Files that the child has in place of this program's; it takes them over. */
    readonly files?: readonly { readonly fd: number; readonly file: OpenFile }[]
  } = {},
): Process | undefined {
  const env = options.env ?? context.env
  const found = context.container.findProgram(argv[0] ?? '', {
    path: env.get('PATH') ?? DEFAULT_PATH,
    cwd: context.cwd,
  })
  if (found.kind !== 'program') return undefined
  const fds = context.process.fds.clone()
  for (const { fd, file } of options.files ?? []) fds.set(fd, file)
  return context.container.spawn(found.program, {
    argv,
    env,
    cwd: context.cwd,
    fds,
    parent: context.process,
    group: options.group,
  })
}
