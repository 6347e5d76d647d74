import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { LabError } from '../../base/errors.ts'
import {
  type SimulatedStatus,
  savedState,
  simulatedStatus,
  stopBackground,
} from '../../cluster/simulated/background.ts'
import { backgroundFiles } from '../../cluster/simulated/background-record.ts'
import { hostBackground } from '../../cluster/simulated/host-background.ts'
import { writeSavedClusterFile } from '../../cluster/simulated/saved-cluster.ts'
import { slotFolder } from '../../cluster/simulated/slot.ts'
import { startBackground } from '../../cluster/simulated/start-background.ts'
import { createFastClock } from '../../platform/fast-clock.ts'
import { createRealClock } from '../../platform/real-clock.ts'
import { openSignals } from '../../platform/signals.ts'
import { exportLine } from '../wire/export-line.ts'
import { findLab, type Lab } from '../wire/lab.ts'
import { parsePort } from '../wire/parse-port.ts'

export interface BackgroundOptions {
  readonly port?: string
  readonly clock?: 'real' | 'fast'
  readonly from?: string
}

/** Starts the simulated cluster in the background, or says that it runs. */
export async function createBackground(options: BackgroundOptions): Promise<number> {
  const lab = findLab()
  parsePort(options.port)
  const status = await simulatedStatus(lab.home.clusters)
  if (status.state === 'running') {
    if (Object.keys(options).some((name) => ['port', 'clock', 'from'].includes(name))) {
      throw new LabError('ERR_USAGE', 'The simulated cluster runs already.', {
        next: ['Stop it first: netpol-lab cluster stop. Or without an option: this one.'],
      })
    }
    say(`The simulated cluster runs in the background already: ${status.server}`)
    sayHow(lab, status.kubeconfig)
    return 0
  }
  if (status.state === 'not-answering') throw notAnswering(status)
  await startAndSay(lab, options, false)
  return 0
}

/** Saves the background cluster and ends it; `cluster create` goes on with it. */
export async function stopCluster(): Promise<number> {
  const stopped = await stopBackground(findLab().home.clusters, 'save')
  say(
    stopped
      ? 'The simulated cluster is saved and stopped. netpol-lab cluster create goes on with it.'
      : 'No simulated cluster runs in the background.',
  )
  return 0
}

/** The cluster as new, or as a file has it. It runs afterwards where it ran before. */
export async function resetCluster(options: BackgroundOptions): Promise<number> {
  const lab = findLab()
  const root = lab.home.clusters
  const status = await simulatedStatus(root)
  // The file is looked at before anything is given up.
  if (options.from !== undefined) {
    const { readSavedClusterFile } = await import('../../cluster/simulated/saved-cluster.ts')
    await readSavedClusterFile(resolve(options.from))
  }
  if (status.state === 'running' || status.state === 'not-answering') {
    await stopBackground(root, 'save')
    await startAndSay(lab, { ...options, clock: status.clock }, true)
    return 0
  }
  if (options.from !== undefined) {
    await startAndSay(lab, options, true)
    return 0
  }
  if (status.state === 'in-lab') {
    throw new LabError('ERR_LOCKED', 'The simulated cluster is in use.', {
      why: `An open lab has it (process ${status.pid}).`,
      next: ['Reset the lesson there, or leave that lab first.'],
    })
  }
  await rm(backgroundFiles(slotFolder(root, 1)).state, { force: true })
  say('The simulated cluster begins anew the next time.')
  return 0
}

/** Writes the state of the simulated cluster into a file. */
export async function saveCluster(file: string): Promise<number> {
  const state = await savedState(findLab().home.clusters)
  if (state === undefined) {
    throw new LabError('ERR_CLUSTER_UNREACHABLE', 'There is no simulated cluster to save.', {
      next: ['Make one first: netpol-lab cluster create'],
    })
  }
  const path = resolve(file)
  await writeSavedClusterFile(path, state)
  say(`saved as ${path}`)
  say(`netpol-lab cluster create --from ${file} opens it again.`)
  return 0
}

/** One line or two for people, for `cluster status`. */
export function statusLines(status: SimulatedStatus): readonly string[] {
  switch (status.state) {
    case 'none':
      return ['none now; netpol-lab cluster create starts one']
    case 'saved':
      return [
        `saved, not running; last written ${status.savedAt}`,
        ...(status.killed
          ? ['its process did not end by itself (a kill, or the computer stopped)']
          : []),
        'netpol-lab cluster create goes on with it',
      ]
    case 'in-lab':
      return [`open in a lab (process ${status.pid})`]
    case 'running':
      return [
        `running in the background since ${status.since} (process ${status.pid})`,
        `${status.server}, ${status.pods.running} of ${status.pods.all} pods running${status.clock === 'fast' ? ', fast clock' : ''}`,
        ...(status.lesson ? ['a lesson is played on it'] : []),
        `kubeconfig: ${status.kubeconfig}`,
      ]
    case 'not-answering':
      return [
        `process ${status.pid} runs since ${status.since} and does not answer: ${status.why}`,
        `netpol-lab cluster stop ends it; its log is ${status.log}`,
      ]
  }
}

/** The process of the background cluster. Not for people: `cluster create` starts it. */
export async function host(
  options: BackgroundOptions & { readonly anew?: boolean },
): Promise<number> {
  const lab = findLab()
  const signals = openSignals({ source: process, onSecondSignal: () => process.exit(130) })
  const clockName = options.clock ?? 'real'
  const log = (line: string) =>
    process.stdout.write(`${new Date().toISOString()} ${process.pid} ${line}\n`)
  // Who started it may be gone by now, or never listened.
  const tell = (message: object) =>
    new Promise<void>((told) => {
      if (process.send === undefined || !process.connected) told()
      else process.send(message, undefined, {}, () => told())
    })
  try {
    await hostBackground({
      folder: lab.home.clusters,
      pid: process.pid,
      clock: clockName === 'fast' ? createFastClock() : createRealClock(),
      clockName,
      port: parsePort(options.port),
      from: options.from,
      anew: options.anew === true,
      since: new Date().toISOString(),
      log,
      onReady: (ready) => void tell({ ready }),
      signal: signals.signal,
    })
    return 0
  } catch (error) {
    if (error instanceof LabError) {
      const { code, message, why, next } = error
      await tell({ error: { code, message, why, next } })
    }
    throw error
  } finally {
    await signals.close()
  }
}

async function startAndSay(lab: Lab, options: BackgroundOptions, anew: boolean): Promise<void> {
  const { port, clock, from } = options
  const { home } = lab.environment.lab
  const started = await startBackground({
    root: lab.home.clusters,
    command: [
      process.execPath,
      ...process.execArgv.filter((argument) => !argument.startsWith('--inspect')),
      process.argv[1] ?? '',
      'cluster',
      'host',
      ...(port === undefined ? [] : ['--port', port]),
      ...(clock === undefined ? [] : ['--clock', clock]),
      ...(from === undefined ? [] : ['--from', resolve(from)]),
      ...(anew ? ['--anew'] : []),
    ],
    // It runs in another folder.
    env: {
      ...lab.environment.variables,
      ...(home === undefined ? {} : { NETPOL_LAB_HOME: resolve(home) }),
    },
  })
  if (started.warning !== undefined) process.stderr.write(`${started.warning}\n`)
  const note = started.note === undefined ? '' : `, ${started.note}`
  say(`The simulated cluster runs in the background: ${started.record.server}${note}`)
  sayHow(lab, started.kubeconfig)
}

function sayHow(lab: Lab, kubeconfig: string): void {
  say(`kubeconfig: ${kubeconfig}`)
  say(exportLine(kubeconfig, lab.environment))
}

function notAnswering(status: Extract<SimulatedStatus, { readonly state: 'not-answering' }>) {
  return new LabError('ERR_CLUSTER_UNREACHABLE', 'The background cluster does not answer.', {
    why: `Process ${status.pid}: ${status.why}`,
    next: ['End it: netpol-lab cluster stop', `Its log is ${status.log}`],
  })
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
