import { BuiltinError, FunctionReturn, LoopExit, ShellExit } from '../control-flow.ts'
import type { Shell } from '../shell.ts'
import type { Builtin } from './builtin-table.ts'

function number(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) throw new BuiltinError(`Illegal number: ${text}`)
  return Number(text)
}

function leaveLoop(kind: 'break' | 'continue'): Builtin {
  return async (shell, argv) => {
    const levels = number(argv[1]) ?? 1
    if (levels < 1) throw new BuiltinError(`Illegal number: ${argv[1]}`)
    if (shell.loopDepth === 0) return 0
    throw new LoopExit(kind, Math.min(levels, shell.loopDepth))
  }
}

async function shift(shell: Shell, argv: readonly string[]): Promise<number> {
  const count = number(argv[1]) ?? 1
  if (count > shell.positional.length) return 1
  shell.positional = shell.positional.slice(count)
  return 0
}

/** Builtins that change where a script goes on. */
export const flowBuiltins: Readonly<Record<string, Builtin>> = {
  break: leaveLoop('break'),
  continue: leaveLoop('continue'),
  shift,
  exit: async (shell, argv) => {
    throw new ShellExit((number(argv[1]) ?? shell.statusBeforeTrap ?? shell.lastStatus) & 0xff)
  },
  return: async (shell, argv) => {
    throw new FunctionReturn((number(argv[1]) ?? shell.lastStatus) & 0xff)
  },
}
