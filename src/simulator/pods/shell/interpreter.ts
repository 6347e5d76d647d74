import type { FdTable } from '../process/fd-table.ts'
import { NullFile } from '../process/open-file.ts'
import { createPipe } from '../process/pipe.ts'
import { type Process, ProcessGroup } from '../process/process.ts'
import type { AndOr, Command, List, Pipeline, Redirect } from './ast.ts'
import { LoopExit, RedirectError, ShellExit } from './control-flow.ts'
import { expandToFields, expandToPattern, expandToText } from './expand.ts'
import { runForeground } from './foreground.ts'
import { matchesPattern } from './pattern.ts'
import { redirect } from './redirections.ts'
import type { Shell } from './shell.ts'
import { runSimple } from './simple-command.ts'

/** Runs a list of commands; gives the status of the last. */
export async function runList(
  shell: Shell,
  list: List,
  io: FdTable,
  options: { readonly replace?: boolean } = {},
): Promise<number> {
  for (const item of list.items) {
    const [only, ...others] = item.first.commands
    const lone = item.rest.length === 0 && others.length === 0 && !item.first.negated
    if (item.background) runInBackground(shell, item, io)
    else if (options.replace && item === list.items.at(-1) && lone && only?.kind === 'simple') {
      const replace = shell.traps.size === 0
      shell.lastStatus = await runCommand(shell, only, io, { replace })
    } else shell.lastStatus = await runAndOr(shell, item, io)
    await shell.betweenCommands(io)
  }
  return shell.lastStatus
}

async function runAndOr(shell: Shell, item: AndOr, io: FdTable): Promise<number> {
  const last = item.rest.length
  let status = await runPipeline(shell, item.first, io, last === 0, item.text)
  for (const [index, { operator, pipeline }] of item.rest.entries()) {
    shell.lastStatus = status
    if ((status === 0) !== (operator === '&&')) continue
    status = await runPipeline(shell, pipeline, io, index === last - 1, item.text)
  }
  return status
}

/** `set -e` looks at a pipeline that is the last of its `&&`-`||` chain and not negated. */
async function runPipeline(
  shell: Shell,
  pipeline: Pipeline,
  io: FdTable,
  isLast: boolean,
  text: string,
): Promise<number> {
  const tested = !isLast || pipeline.negated
  if (tested) shell.conditionDepth++
  let status: number
  try {
    const [only, ...others] = pipeline.commands
    if (only === undefined) return 0
    status =
      others.length === 0
        ? await runCommand(shell, only, io)
        : await runPipe(shell, pipeline, io, text)
  } finally {
    if (tested) shell.conditionDepth--
  }
  if (pipeline.negated) return status === 0 ? 1 : 0
  if (status !== 0 && shell.conditionDepth === 0 && !tested) {
    const trap = shell.traps.get('ERR')
    if (trap !== undefined && (shell.options.errtrace || !shell.variables.inFunction)) {
      shell.lastStatus = status
      await shell.runTrap(trap, io)
    }
    if (shell.options.errexit) throw new ShellExit(status)
  }
  return status
}

async function runPipe(
  shell: Shell,
  pipeline: Pipeline,
  io: FdTable,
  text: string,
): Promise<number> {
  const group = shell.interactive ? new ProcessGroup() : undefined
  const processes = startPipe(shell, pipeline, io, group)
  return runForeground(shell, processes, io, { group, text })
}

function startPipe(
  shell: Shell,
  pipeline: Pipeline,
  io: FdTable,
  group: ProcessGroup | undefined,
): Process[] {
  const processes: Process[] = []
  let input = io.get(0)?.retain()
  for (const [index, command] of pipeline.commands.entries()) {
    const fds = io.clone()
    if (input !== undefined) fds.set(0, input)
    input = undefined
    if (index < pipeline.commands.length - 1) {
      const pipe = createPipe()
      fds.set(1, pipe.writer)
      input = pipe.reader
    }
    processes.push(
      shell.fork({ fds, command: [shell.arg0], group }, (child) =>
        runCommand(child, command, child.process.fds, { replace: true }),
      ),
    )
  }
  return processes
}

function runInBackground(shell: Shell, item: AndOr, io: FdTable): void {
  const fds = io.clone()
  // A script's jobs read nothing; a person's are stopped when they try to read the terminal.
  if (!shell.interactive) fds.set(0, new NullFile())
  const group = shell.interactive ? new ProcessGroup() : undefined
  const [only, ...others] = item.first.commands
  let processes: Process[]
  if (item.rest.length === 0 && others.length > 0 && !item.first.negated) {
    processes = startPipe(shell, item.first, fds, group)
    fds.closeAll()
  } else {
    const process = shell.fork({ fds, command: [shell.arg0], group }, async (child) => {
      if (only !== undefined && item.rest.length === 0 && !item.first.negated)
        return runCommand(child, only, child.process.fds, { replace: true })
      return runAndOr(child, item, child.process.fds)
    })
    processes = [process]
  }
  if (!shell.interactive) {
    for (const process of processes) {
      process.ignore('SIGINT')
      process.ignore('SIGQUIT')
    }
  }
  shell.jobs.add(processes, item.text)
  shell.lastBackground = processes.at(-1)?.pid
  shell.lastStatus = 0
}

/** Runs one command. `replace`: the shell is a subshell made for it, so a program may take its place. */
export async function runCommand(
  shell: Shell,
  command: Command,
  io: FdTable,
  options: { readonly replace?: boolean } = {},
): Promise<number> {
  switch (command.kind) {
    case 'simple':
      return runSimple(shell, command, io, options)
    case 'function':
      shell.functions.set(command.name, command.body)
      return 0
    case 'subshell':
      // The files are opened in the subshell: what cannot be opened ends that one, with 2.
      return withRedirects(
        shell,
        command.redirects,
        io,
        async (fds) => {
          if (options.replace) return runList(shell, command.body, fds)
          const group = shell.interactive ? new ProcessGroup() : undefined
          const process = shell.fork({ fds: fds.clone(), command: [shell.arg0], group }, (child) =>
            runList(child, command.body, child.process.fds, { replace: true }),
          )
          return runForeground(shell, [process], io, { group, text: '(...)' })
        },
        2,
      )
    default:
      return withRedirects(shell, command.redirects, io, (fds) => runCompound(shell, command, fds))
  }
}

async function runCompound(
  shell: Shell,
  command: Exclude<Command, { kind: 'simple' | 'function' | 'subshell' }>,
  io: FdTable,
): Promise<number> {
  switch (command.kind) {
    case 'group':
      return runList(shell, command.body, io)
    case 'if':
      for (const { condition, body } of command.branches) {
        if ((await runCondition(shell, condition, io)) === 0) return runBody(shell, body, io)
      }
      return command.otherwise === undefined ? 0 : runBody(shell, command.otherwise, io)
    case 'while':
      return runLoop(
        shell,
        async function* () {
          while (((await runCondition(shell, command.condition, io)) === 0) !== command.until) yield
        },
        command.body,
        io,
      )
    case 'for': {
      const values: string[] = []
      if (command.words === undefined) for (const value of shell.positional) values.push(value)
      for (const word of command.words ?? [])
        for (const field of await expandToFields(word, shell.scope(io))) values.push(field)
      return runLoop(
        shell,
        async function* () {
          for (const value of values) {
            shell.assign(command.name, value)
            yield
          }
        },
        command.body,
        io,
      )
    }
    case 'case': {
      const text = await expandToText(command.word, shell.scope(io))
      for (const { patterns, body } of command.items) {
        for (const pattern of patterns) {
          if (!matchesPattern(await expandToPattern(pattern, shell.scope(io)), text)) continue
          return runBody(shell, body, io)
        }
      }
      return 0
    }
  }
}

/** An empty body succeeds. */
async function runBody(shell: Shell, body: List, io: FdTable): Promise<number> {
  return body.items.length === 0 ? 0 : runList(shell, body, io)
}

async function runCondition(shell: Shell, condition: List, io: FdTable): Promise<number> {
  shell.conditionDepth++
  try {
    return await runList(shell, condition, io)
  } finally {
    shell.conditionDepth--
  }
}

async function runLoop(
  shell: Shell,
  turns: () => AsyncGenerator<void>,
  body: List,
  io: FdTable,
): Promise<number> {
  let status = 0
  shell.loopDepth++
  try {
    const iterator = turns()
    for (;;) {
      try {
        if ((await iterator.next()).done) return status
        status = await runBody(shell, body, io)
        await shell.betweenCommands(io)
      } catch (error) {
        if (!(error instanceof LoopExit)) throw error
        status = 0
        shell.lastStatus = 0
        if (error.levels > 1) {
          error.levels--
          throw error
        }
        if (error.kind === 'break') return status
      }
    }
  } finally {
    shell.loopDepth--
  }
}

async function withRedirects(
  shell: Shell,
  redirects: readonly Redirect[],
  io: FdTable,
  run: (fds: FdTable) => Promise<number>,
  statusOnFailure = 1,
): Promise<number> {
  if (redirects.length === 0) return run(io)
  const fds = io.clone()
  try {
    await redirect(shell, redirects, fds)
    return await run(fds)
  } catch (error) {
    if (!(error instanceof RedirectError)) throw error
    await shell.report(error.message, io)
    return statusOnFailure
  } finally {
    fds.closeAll()
  }
}
