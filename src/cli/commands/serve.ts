import { realpath } from 'node:fs/promises'
import { connect } from 'node:net'
import { basename, dirname, join, resolve } from 'node:path'
import { LabError } from '../../base/errors.ts'
import { readSavedClusterFile } from '../../cluster/simulated/saved-cluster.ts'
import { SERVED_NAME, serveSimulated } from '../../cluster/simulated/serve-simulated.ts'
import { createFastClock } from '../../platform/fast-clock.ts'
import { takeLock } from '../../platform/lock-file.ts'
import { isNodeError } from '../../platform/node-error.ts'
import { createRealClock } from '../../platform/real-clock.ts'
import { openSignals, type Signals } from '../../platform/signals.ts'
import { textIfThere } from '../../platform/text-if-there.ts'
import { exportLine } from '../wire/export-line.ts'
import { findLab, type Lab } from '../wire/lab.ts'
import { parsePort } from '../wire/parse-port.ts'

export interface ServeOptions {
  readonly port?: string
  readonly kubeconfig?: string
  readonly from?: string
  readonly clock: 'real' | 'fast'
}

/** Serves a simulated cluster until it is interrupted. Prints one line when clients can come. */
export async function serve(options: ServeOptions): Promise<number> {
  const lab = findLab()
  const port = parsePort(options.port)
  const from =
    options.from === undefined ? undefined : await readSavedClusterFile(resolve(options.from))
  const signals = openSignals({ source: process, onSecondSignal: () => process.exit(130) })
  try {
    const kubeconfig =
      options.kubeconfig === undefined
        ? await ownKubeconfig(lab, signals)
        : await givenKubeconfig(lab, options.kubeconfig)
    const served = await serveSimulated({
      clock: options.clock === 'fast' ? createFastClock() : createRealClock(),
      kubeconfig,
      port,
      from,
      identityFolder: join(lab.home.clusters, 'unattended'),
    })
    signals.onClose(() => served.close())
    process.stdout.write(`serving ${served.server}, kubeconfig ${kubeconfig}\n`)
    process.stderr.write(
      `In another terminal: ${exportLine(kubeconfig, lab.environment)}\n` +
        'Ctrl-C ends it; nothing of it is kept.\n',
    )
    await new Promise<void>((stop) => {
      if (signals.signal.aborted) stop()
      signals.signal.addEventListener('abort', () => stop(), { once: true })
    })
    return 130
  } finally {
    await signals.close()
  }
}

const MOST = 32

/** A file of the lab's own for this run; several can serve at once. */
async function ownKubeconfig(lab: Lab, signals: Signals): Promise<string> {
  for (let number = 1; number <= MOST; number++) {
    const folder = join(lab.home.clusters, number === 1 ? 'served' : `served-${number}`)
    const attempt = await takeLock(join(folder, 'lock'))
    if (attempt.kind === 'taken') continue
    signals.onClose(attempt.release)
    return join(folder, 'kubeconfig')
  }
  throw new LabError('ERR_LOCKED', `${MOST} simulated clusters are served already.`, {
    next: ['End one of them, or name a file with --kubeconfig.'],
  })
}

/**
 * A kubeconfig of somebody is never written, wherever it is, nor that of a cluster that is served now.
 *
 * @throws LabError ERR_USAGE
 */
async function givenKubeconfig(lab: Lab, given: string): Promise<string> {
  const path = await realPath(resolve(given))
  const refuse = (why: string) => {
    throw new LabError('ERR_USAGE', `${path} ${why}, so it is not written.`, {
      next: ['Name a new file with --kubeconfig, or leave it out.'],
    })
  }
  const text = await textIfThere(path, {
    message: `${path} cannot be written.`,
    next: ['Name a new file with --kubeconfig, or leave it out.'],
  })
  if (text === undefined) {
    const { kubeconfigPaths, homeFolder } = lab.environment
    const theirs = [...kubeconfigPaths, join(homeFolder, '.kube', 'config')]
    const real = await Promise.all(theirs.map((each) => realPath(resolve(each))))
    if (real.includes(path)) refuse('is where your kubectl looks for your own clusters')
    return path
  }
  const server = ownServerOf(text)
  if (server === undefined) refuse('is not a file of the lab')
  else if (await listens(server)) refuse('belongs to a cluster that is served now')
  return path
}

/** The server of a kubeconfig that `serve` has written, and nobody has added anything to. */
function ownServerOf(text: string): URL | undefined {
  try {
    const json: unknown = JSON.parse(text)
    const part = (value: unknown, name: string): unknown =>
      typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
    const clusters = part(json, 'clusters')
    const contexts = part(json, 'contexts')
    if (!Array.isArray(clusters) || clusters.length !== 1) return undefined
    if (!Array.isArray(contexts) || contexts.length !== 1) return undefined
    if (part(clusters[0], 'name') !== SERVED_NAME) return undefined
    const server = part(part(clusters[0], 'cluster'), 'server')
    return typeof server === 'string' ? new URL(server) : undefined
  } catch {
    return undefined
  }
}

function listens({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** Where links lead; a name that is not there yet stands in the real place of its folder. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (!isNodeError(error, 'ENOENT', 'ENOTDIR')) throw error
    const folder = dirname(path)
    return folder === path ? path : join(await realPath(folder), basename(path))
  }
}
