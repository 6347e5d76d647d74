import { absolutePath, FileError } from '../files/file-node.ts'
import type { ProgramContext } from '../process/program.ts'
import { calledAs } from '../programs/busybox-program.ts'
import { applyShellOptions } from './builtins/options.ts'
import { BuiltinError } from './control-flow.ts'
import { runInteractive } from './interactive.ts'
import { runList } from './interpreter.ts'
import { Parser } from './parser.ts'
import { Shell } from './shell.ts'
import { ShellSyntaxError } from './syntax-error.ts'

/** `sh`, `ash`: a command string, a script file, standard input, or a person at a terminal. */
export async function ash(context: ProgramContext): Promise<number> {
  const { container, process } = context
  const shell = new Shell(container, process, context.cwd)
  const [name = 'sh', ...args] = context.argv
  shell.arg0 = name
  if (context.gnu) shell.dialect = calledAs(context) === 'bash' ? 'bash' : 'dash'
  importEnvironment(shell, context)
  const asked = { command: false, interactive: false, stdin: false }
  let first = 0
  try {
    for (; first < args.length; first++) {
      const argument = args[first] ?? ''
      if (shell.dialect === 'bash' && /^--(?:login|norc|noprofile|posix)$/.test(argument)) continue
      if (!/^[-+][A-Za-z]/.test(argument)) break
      if (argument.startsWith('-')) {
        if (argument.includes('c')) asked.command = true
        if (argument.includes('i')) asked.interactive = true
        if (argument.includes('s')) asked.stdin = true
      }
      const rest = argument.replace(/[csl]/g, '')
      const withValue = rest.includes('o') ? [rest, args[++first] ?? ''] : [rest]
      if (rest.length > 1) applyShellOptions(shell, withValue)
    }
    if (args[first] === '--' || args[first] === '-') first++
  } catch (error) {
    if (!(error instanceof BuiltinError)) throw error
    await context.stderr.write(`${name}: ${error.message}\n`)
    return 2
  }
  const rest = args.slice(first)
  return shell.live(async () => {
    if (asked.command) {
      const [script, arg0, ...positional] = rest
      if (script === undefined) {
        await context.stderr.write(`${name}: -c requires an argument\n`)
        return 2
      }
      if (arg0 !== undefined) shell.arg0 = arg0
      shell.positional = positional
      shell.fromString = true
      return shell.runText(script, process.fds, { thenEnd: !asked.stdin })
    }
    const [file, ...positional] = rest
    if (file !== undefined && !asked.stdin) {
      shell.positional = positional
      return runFile(shell, file, context)
    }
    shell.positional = asked.stdin ? rest : []
    const onTerminal = context.stdin.terminal !== undefined && context.stderr.terminal !== undefined
    if (onTerminal || asked.interactive) return runInteractive(shell, context)
    return runInput(shell, context)
  })
}

const PROMPTS = { ash: '\\w \\$ ', dash: '\\$ ', bash: '\\u@\\h:\\w\\$ ' }

function importEnvironment(shell: Shell, context: ProgramContext): void {
  for (const [name, value] of context.env) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) shell.variables.set(name, value, { exported: true })
  }
  shell.variables.set('IFS', ' \t\n')
  shell.variables.set('PS1', PROMPTS[shell.dialect])
  if (shell.dialect === 'bash') shell.variables.set('BASH_VERSION', '5.2.15(1)-release')
  shell.variables.set('PS2', '> ')
  shell.variables.set('PS4', '+ ')
  shell.variables.set('OPTIND', '1')
  shell.variables.set('PWD', context.cwd, { exported: true })
  if (shell.parameter('PATH') === undefined) {
    shell.variables.set('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')
  }
  const level = Number(context.env.get('SHLVL') ?? '0')
  shell.variables.set('SHLVL', String((Number.isNaN(level) ? 0 : level) + 1), { exported: true })
}

async function runFile(shell: Shell, file: string, context: ProgramContext): Promise<number> {
  let text: string
  try {
    text = shell.container.files.readText(absolutePath(context.cwd, file))
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    await context.stderr.write(`${shell.arg0}: can't open '${file}': ${error.message}\n`)
    return 2
  }
  shell.arg0 = file
  shell.script = file
  shell.commandName = file
  return shell.runText(text, shell.process.fds, { firstLine: 1 })
}

/** A script on standard input. It is read in blocks, as ash reads a pipe: what is read ahead is the shell's. */
async function runInput(shell: Shell, context: ProgramContext): Promise<number> {
  let ahead = ''
  let text = ''
  let done = 0
  const decoder = new TextDecoder()
  const nextLine = async (): Promise<string | undefined> => {
    for (;;) {
      const at = ahead.indexOf('\n')
      if (at !== -1) {
        const line = ahead.slice(0, at + 1)
        ahead = ahead.slice(at + 1)
        return line
      }
      const chunk = await context.stdin.read(1023)
      if (chunk === undefined) break
      ahead += decoder.decode(chunk, { stream: true })
    }
    const rest = ahead
    ahead = ''
    return rest === '' ? undefined : rest
  }
  for (;;) {
    const line = await nextLine()
    if (line !== undefined) text += line
    if (text !== '') {
      try {
        const parser = new Parser(text, {
          moreMayCome: line !== undefined,
          aliases: shell.aliases,
          firstLine: done,
        })
        const list = parser.nextLine()
        done += text.split('\n').length - 1
        text = ''
        if (list !== undefined) shell.lastStatus = await runList(shell, list, shell.process.fds)
      } catch (error) {
        const waits = error instanceof ShellSyntaxError && error.incomplete && line !== undefined
        if (!waits) throw error
      }
    }
    if (line === undefined) return shell.lastStatus
  }
}
