import { clearCommand } from './clear.ts'
import { compareCommand } from './compare.ts'
import { explainCommand } from './explain.ts'
import { catCommand, lsCommand, pwdCommand } from './files.ts'
import { helpCommand } from './help.ts'
import { kubectlCommand } from './kubectl.ts'
import type { LabCommand } from './lab-command.ts'
import { lintCommand } from './lint.ts'
import { matrixCommand } from './matrix.ts'

/** Every command of the lab's command line, in the order of `help`. */
export const LAB_COMMANDS: readonly LabCommand[] = [
  kubectlCommand,
  compareCommand,
  explainCommand,
  matrixCommand,
  lintCommand,
  catCommand,
  lsCommand,
  pwdCommand,
  clearCommand,
  helpCommand,
]
