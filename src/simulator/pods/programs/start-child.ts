import { DEFAULT_PATH } from '../files/file-node.ts'
import type { Process, ProcessGroup } from '../process/process.ts'
import type { ProgramContext } from '../process/program.ts'

/** Starts another program with this one's streams; `undefined` where there is none of that name. */
export function startChild(
  context: ProgramContext,
  argv: readonly string[],
  options: { readonly env?: ReadonlyMap<string, string>; readonly group?: ProcessGroup } = {},
): Process | undefined {
  const env = options.env ?? context.env
  const found = context.container.findProgram(argv[0] ?? '', {
    path: env.get('PATH') ?? DEFAULT_PATH,
    cwd: context.cwd,
  })
  if (found.kind !== 'program') return undefined
  return context.container.spawn(found.program, {
    argv,
    env,
    cwd: context.cwd,
    fds: context.process.fds.clone(),
    parent: context.process,
    group: options.group,
  })
}
