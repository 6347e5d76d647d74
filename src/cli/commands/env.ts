import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { LabError } from '../../base/errors.ts'
import type { ClusterKind } from '../../cluster/provider.ts'
import { lockOwner } from '../../platform/lock-file.ts'
import { parseClusterKind } from '../wire/cluster-kind.ts'
import { exportLine } from '../wire/export-line.ts'
import { findKubeconfigOf } from '../wire/kubeconfig-path.ts'
import { findLab, type Lab } from '../wire/lab.ts'
import { loadSettings } from '../wire/settings.ts'

interface EnvOptions {
  readonly cluster?: string
}

/** Prints the line that points a shell's kubectl at the lab's cluster. */
export async function env(options: EnvOptions): Promise<number> {
  const lab = findLab()
  const path = await findKubeconfig(lab, options)
  process.stdout.write(`${exportLine(path, lab.environment)}\n`)
  return 0
}

/** Opens the learner's own shell with kubectl pointed at the lab's cluster; its exit code is ours. */
export async function shell(options: EnvOptions): Promise<number> {
  const lab = findLab()
  const path = await findKubeconfig(lab, options)
  const { variables, platform } = lab.environment
  const program =
    platform === 'win32' ? (variables.COMSPEC ?? 'cmd.exe') : (variables.SHELL ?? '/bin/sh')
  process.stderr.write(`kubectl speaks to the lab's cluster in this shell. exit comes back.\n`)
  const child = spawn(program, [], { stdio: 'inherit', env: { ...variables, KUBECONFIG: path } })
  // Ctrl-C is for the shell; this process only waits.
  const ignore = () => {}
  process.on('SIGINT', ignore)
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (error) =>
        reject(
          new LabError('ERR_USAGE', `${program} did not start: ${error.message}`, { cause: error }),
        ),
      )
      child.once('exit', (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      )
    })
  } finally {
    process.off('SIGINT', ignore)
  }
}

async function findKubeconfig(lab: Lab, options: EnvOptions): Promise<string> {
  const word =
    options.cluster ??
    lab.environment.lab.cluster ??
    (await loadSettings(lab)).settings.cluster ??
    'simulated'
  const kind: ClusterKind = parseClusterKind(word, '--cluster')
  const path = await findKubeconfigOf(kind, lab.home)
  if (path === undefined) {
    throw new LabError('ERR_CLUSTER_UNREACHABLE', 'The lab has no cluster of that kind now.', {
      next: [
        `Open the lab first: netpol-lab start --cluster ${kind}`,
        `Or a cluster without a lesson: netpol-lab cluster create --cluster ${kind}`,
      ],
    })
  }
  if (kind === 'simulated' && !(await runsNow(lab))) {
    process.stderr.write(
      'The simulated cluster does not run now: netpol-lab cluster create or netpol-lab start runs it.\n',
    )
  }
  return path
}

/** Whether a process has the saved simulated cluster: an open lab, or the background one. */
async function runsNow(lab: Lab): Promise<boolean> {
  const { backgroundFiles } = await import('../../cluster/simulated/background-record.ts')
  const { slotFolder } = await import('../../cluster/simulated/slot.ts')
  return (await lockOwner(backgroundFiles(slotFolder(lab.home.clusters, 1)).lock)) !== undefined
}
