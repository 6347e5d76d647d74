import type { ProgramContext } from '../process/program.ts'
import { completeWord } from '../terminal/completion.ts'
import { LineEditor } from '../terminal/line-editor.ts'
import { BUILTINS } from './builtins/builtin-table.ts'
import { jobLine } from './builtins/jobs.ts'
import { FunctionReturn, Interrupted, LoopExit, ShellExit } from './control-flow.ts'
import { expandToText } from './expand.ts'
import { runList } from './interpreter.ts'
import { stateOf } from './jobs.ts'
import { Parser } from './parser.ts'
import type { Shell } from './shell.ts'
import { ShellSyntaxError } from './syntax-error.ts'

/** The loop of a shell that a person types to: prompt, line, run, until `exit` or Ctrl-D. */
export async function runInteractive(shell: Shell, context: ProgramContext): Promise<number> {
  shell.interactive = true
  const terminal = context.stdin.terminal
  const { process } = context
  // The shell alone is deaf to them: its children are not.
  process.handle('SIGTERM', () => {})
  process.handle('SIGQUIT', () => {})
  process.handle('SIGINT', () => shell.interrupt())
  for (const name of ['SIGTSTP', 'SIGTTIN', 'SIGTTOU'] as const) process.handle(name, () => {})
  if (terminal !== undefined) terminal.foreground = process.group
  const editor =
    terminal === undefined
      ? undefined
      : new LineEditor(terminal, {
          complete: (line, caret) =>
            completeWord(line, caret, {
              files: shell.container.files,
              cwd: shell.cwd,
              path: shell.parameter('PATH') ?? '',
              builtins: [...BUILTINS.keys(), ...shell.functions.keys(), 'exec'],
            }),
        })
  let text = ''
  /** Whether the last thing said was that jobs are stopped: then the next `exit` is meant. */
  let warned = false
  const mayLeave = async () => {
    const stopped = shell.jobs.all().some((job) => stateOf(job).kind === 'stopped')
    if (!stopped || warned) return true
    warned = true
    await shell.print(process.fds, 2, 'You have stopped jobs.\n')
    return false
  }
  for (;;) {
    await reportEndedJobs(shell)
    const prompt = await promptText(shell, text === '' ? 'PS1' : 'PS2')
    const read =
      editor === undefined
        ? await readPlain(context, prompt)
        : await editor.readLine(prompt, process.abort)
    if (read.kind === 'interrupted') {
      text = ''
      shell.lastStatus = 130
      continue
    }
    if (read.kind === 'end') {
      if (text === '' && terminal !== undefined && shell.options.ignoreeof) {
        await shell.print(process.fds, 2, 'Use "exit" to leave shell.\n')
        continue
      }
      if (text === '') {
        if (process.running && terminal?.isHungUp === false && !(await mayLeave())) continue
        return shell.lastStatus
      }
      text = ''
      await shell.print(process.fds, 2, `${shell.arg0}: syntax error: unexpected end of file\n`)
      continue
    }
    text += `${read.line}\n`
    shell.history = editor?.lines ?? []
    shell.resume()
    const outcome = await runLine(shell, text)
    if (outcome === 'incomplete') continue
    text = ''
    if (outcome === 'done') {
      warned = false
      continue
    }
    if (await mayLeave()) return outcome.exit
  }
}

type LineOutcome = 'done' | 'incomplete' | { readonly exit: number }

async function runLine(shell: Shell, text: string): Promise<LineOutcome> {
  const io = shell.process.fds
  try {
    const parser = new Parser(text, { moreMayCome: true, aliases: shell.aliases })
    for (;;) {
      const list = parser.nextLine()
      if (list === undefined) return 'done'
      shell.lastStatus = await runList(shell, list, io)
    }
  } catch (error) {
    shell.conditionDepth = 0
    shell.loopDepth = 0
    if (error instanceof ShellExit) return { exit: error.status }
    if (error instanceof FunctionReturn || error instanceof LoopExit) return 'done'
    if (error instanceof Interrupted) {
      await shell.print(io, 2, '\n')
      shell.lastStatus = 130
      return 'done'
    }
    if (error instanceof ShellSyntaxError && error.incomplete) return 'incomplete'
    const status = await shell.reportFatal(error)
    if (status === undefined) throw error
    shell.lastStatus = status
    return 'done'
  }
}

async function readPlain(
  context: ProgramContext,
  prompt: string,
): Promise<
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'end' }
  | { readonly kind: 'interrupted' }
> {
  await context.stderr.write(prompt)
  const line = await context.stdin.readLine()
  return line === undefined ? { kind: 'end' } : { kind: 'line', line: line.replace(/\n$/, '') }
}

/** Before a prompt: what became of the jobs since the last one. */
async function reportEndedJobs(shell: Shell): Promise<void> {
  for (const job of [...shell.jobs.all()]) {
    const state = stateOf(job)
    if (state.kind === 'running' || job.told) continue
    job.told = true
    await shell.print(shell.process.fds, 2, jobLine(shell, job))
    if (state.kind === 'done') shell.jobs.remove(job)
  }
}

/** The prompt with ash's backslash sequences and with variables filled in. */
async function promptText(shell: Shell, variable: 'PS1' | 'PS2'): Promise<string> {
  const home = shell.parameter('HOME') ?? ''
  const shownCwd =
    home !== '' && home !== '/' && (shell.cwd === home || shell.cwd.startsWith(`${home}/`))
      ? `~${shell.cwd.slice(home.length)}`
      : shell.cwd
  const filled = (shell.parameter(variable) ?? '').replace(/\\(.)/g, (_whole, letter: string) => {
    switch (letter) {
      case 'w':
        return shownCwd
      case 'W':
        return shownCwd.slice(shownCwd.lastIndexOf('/') + 1) || '/'
      case 'h':
      case 'H':
        return shell.container.network.hostname
      case 'u':
        return 'root'
      case '$':
        return '#'
      case 'n':
        return '\n'
      case 'e':
        return '\u001b'
      case '[':
      case ']':
        return ''
      default:
        return letter
    }
  })
  try {
    return await expandToText(Parser.quoted(filled), shell.scope(shell.process.fds))
  } catch (error) {
    if (error instanceof ShellSyntaxError) return filled
    throw error
  }
}
