import { apiResourcesCommand } from './cluster/api-resources.ts'
import { apiVersionsCommand } from './cluster/api-versions.ts'
import { canICommand } from './cluster/can-i.ts'
import { clusterInfoCommand } from './cluster/cluster-info.ts'
import { CONFIG_COMMANDS } from './cluster/config.ts'
import { versionCommand } from './cluster/version.ts'
import { whoamiCommand } from './cluster/whoami.ts'
import type { KubectlCommand } from './context.ts'
import { describeCommand } from './describe/describe.ts'
import { explainCommand } from './explain/explain.ts'
import { applyCommand } from './objects/apply.ts'
import { createCommand } from './objects/create.ts'
import { CREATE_GENERATORS } from './objects/create-generators.ts'
import { deleteCommand } from './objects/delete.ts'
import { diffCommand } from './objects/diff.ts'
import { exposeCommand } from './objects/expose.ts'
import { annotateCommand, labelCommand } from './objects/label.ts'
import { patchCommand } from './objects/patch.ts'
import { replaceCommand } from './objects/replace.ts'
import { scaleCommand } from './objects/scale.ts'
import { setEnvCommand } from './objects/set-env.ts'
import { setImageCommand } from './objects/set-image.ts'
import { setResourcesCommand } from './objects/set-resources.ts'
import { viewLastAppliedCommand } from './objects/view-last-applied.ts'
import { attachCommand } from './pods/attach.ts'
import { execCommand } from './pods/exec.ts'
import { runCommand } from './pods/run.ts'
import { eventsCommand } from './read/events.ts'
import { getCommand } from './read/get.ts'
import { logsCommand } from './read/logs.ts'
import { waitCommand } from './read/wait.ts'
import {
  rolloutPauseCommand,
  rolloutRestartCommand,
  rolloutResumeCommand,
} from './rollout/rollout-change.ts'
import { rolloutHistoryCommand } from './rollout/rollout-history.ts'
import { rolloutStatusCommand } from './rollout/rollout-status.ts'
import { rolloutUndoCommand } from './rollout/rollout-undo.ts'

/** Every command of the lab's kubectl, in the order of kubectl's help. */
export const KUBECTL_COMMANDS: readonly KubectlCommand[] = [
  createCommand,
  ...CREATE_GENERATORS,
  exposeCommand,
  runCommand,
  setEnvCommand,
  setImageCommand,
  setResourcesCommand,
  explainCommand,
  getCommand,
  deleteCommand,
  rolloutHistoryCommand,
  rolloutPauseCommand,
  rolloutRestartCommand,
  rolloutResumeCommand,
  rolloutStatusCommand,
  rolloutUndoCommand,
  scaleCommand,
  clusterInfoCommand,
  describeCommand,
  logsCommand,
  attachCommand,
  execCommand,
  canICommand,
  whoamiCommand,
  eventsCommand,
  diffCommand,
  applyCommand,
  viewLastAppliedCommand,
  patchCommand,
  replaceCommand,
  waitCommand,
  labelCommand,
  annotateCommand,
  apiResourcesCommand,
  apiVersionsCommand,
  ...CONFIG_COMMANDS,
  versionCommand,
]
