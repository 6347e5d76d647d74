import type { KubectlCommand } from './context.ts'
import { applyCommand } from './objects/apply.ts'
import { deleteCommand } from './objects/delete.ts'
import { exposeCommand } from './objects/expose.ts'
import { annotateCommand, labelCommand } from './objects/label.ts'
import { attachCommand } from './pods/attach.ts'
import { execCommand } from './pods/exec.ts'
import { runCommand } from './pods/run.ts'
import { getCommand } from './read/get.ts'

/** Every command of the lab's kubectl, in the order of kubectl's help. */
export const KUBECTL_COMMANDS: readonly KubectlCommand[] = [
  exposeCommand,
  runCommand,
  getCommand,
  deleteCommand,
  attachCommand,
  execCommand,
  applyCommand,
  labelCommand,
  annotateCommand,
]
