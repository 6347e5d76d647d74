import { apiResourcesCommand } from './cluster/api-resources.ts'
import { canICommand } from './cluster/can-i.ts'
import { clusterInfoCommand } from './cluster/cluster-info.ts'
import { CONFIG_COMMANDS } from './cluster/config.ts'
import { versionCommand } from './cluster/version.ts'
import type { KubectlCommand } from './context.ts'
import { describeCommand } from './describe/describe.ts'
import { applyCommand } from './objects/apply.ts'
import { createCommand } from './objects/create.ts'
import { CREATE_GENERATORS } from './objects/create-generators.ts'
import { deleteCommand } from './objects/delete.ts'
import { exposeCommand } from './objects/expose.ts'
import { annotateCommand, labelCommand } from './objects/label.ts'
import { replaceCommand } from './objects/replace.ts'
import { scaleCommand } from './objects/scale.ts'
import { attachCommand } from './pods/attach.ts'
import { execCommand } from './pods/exec.ts'
import { runCommand } from './pods/run.ts'
import { getCommand } from './read/get.ts'
import { logsCommand } from './read/logs.ts'
import { waitCommand } from './read/wait.ts'

/** Every command of the lab's kubectl, in the order of kubectl's help. */
export const KUBECTL_COMMANDS: readonly KubectlCommand[] = [
  createCommand,
  ...CREATE_GENERATORS,
  exposeCommand,
  runCommand,
  getCommand,
  deleteCommand,
  scaleCommand,
  clusterInfoCommand,
  describeCommand,
  logsCommand,
  attachCommand,
  execCommand,
  canICommand,
  applyCommand,
  replaceCommand,
  waitCommand,
  labelCommand,
  annotateCommand,
  apiResourcesCommand,
  ...CONFIG_COMMANDS,
  versionCommand,
]
