import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { LabError } from '../../base/errors.ts'
import { serveSimulated } from '../../cluster/simulated/serve-simulated.ts'
import { createFastClock } from '../../platform/fast-clock.ts'
import { isNodeError } from '../../platform/node-error.ts'
import { createRealClock } from '../../platform/real-clock.ts'
import { openSignals } from '../../platform/signals.ts'
import { findLab, type Lab } from '../wire/lab.ts'

export interface ServeOptions {
  readonly port?: string
  readonly kubeconfig?: string
  readonly clock: 'real' | 'fast'
}

/** Serves a simulated cluster until it is interrupted. Prints one line when clients can come. */
export async function serve(options: ServeOptions): Promise<number> {
  const lab = findLab()
  const port = parsePort(options.port)
  const kubeconfig = resolve(options.kubeconfig ?? join(lab.home.clusters, 'served', 'kubeconfig'))
  await refuseForeignFile(lab, kubeconfig)
  const signals = openSignals({ source: process, onSecondSignal: () => process.exit(130) })
  try {
    const served = await serveSimulated({
      clock: options.clock === 'fast' ? createFastClock() : createRealClock(),
      kubeconfig,
      port,
    })
    signals.onClose(() => served.close())
    process.stdout.write(`serving ${served.server}, kubeconfig ${kubeconfig}\n`)
    process.stderr.write('Ctrl-C ends it; nothing of it is kept.\n')
    await new Promise<void>((stop) => {
      if (signals.signal.aborted) stop()
      signals.signal.addEventListener('abort', () => stop(), { once: true })
    })
    return 130
  } finally {
    await signals.close()
  }
}

function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new LabError('ERR_USAGE', `--port takes a number from 0 to 65535; ${text} is none.`)
}

/** A kubeconfig of somebody is never written, wherever it is. */
async function refuseForeignFile(lab: Lab, path: string): Promise<void> {
  const own = await readFile(path, 'utf8').then(
    (text) => text.includes('"netpol-lab-served"'),
    (error: unknown) => {
      if (isNodeError(error, 'ENOENT')) return true
      throw error
    },
  )
  if (own && !lab.environment.kubeconfigPaths.some((each) => resolve(each) === path)) return
  throw new LabError('ERR_USAGE', `${path} is not a file of the lab, so it is not written.`, {
    next: ['Name a new file with --kubeconfig, or leave it out.'],
  })
}
