import type { Clock } from '../../base/clock.ts'
import { LabError } from '../../base/errors.ts'
import { isNodeError } from '../../platform/node-error.ts'
import { tokenKubeconfig, writeKubeconfig } from '../kubeconfig-file.ts'

export interface ServedCluster {
  /** `https://127.0.0.1:port`. */
  readonly server: string
  /** Ends the cluster and its server. Can run twice. */
  close(): Promise<void>
}

/**
 * Serves a new simulated cluster to any client on this computer, and writes the kubeconfig that opens it, mode 0600. Nothing of it is
 * kept.
 *
 * @throws LabError ERR_LOCKED where the port is taken.
 */
export async function serveSimulated(options: {
  readonly clock: Clock
  readonly kubeconfig: string
  readonly port?: number | undefined
}): Promise<ServedCluster> {
  const { createSimulatedCluster } = await import('../../simulator/simulated-cluster.ts')
  const simulated = createSimulatedCluster({ clock: options.clock })
  try {
    const listening = await simulated.listen(
      options.port === undefined ? {} : { port: options.port },
    )
    await writeKubeconfig(
      options.kubeconfig,
      tokenKubeconfig({ name: 'netpol-lab-served', ...listening }),
    )
    return {
      server: listening.server,
      close: async () => {
        await listening.close()
        await simulated.close()
      },
    }
  } catch (error) {
    await simulated.close()
    if (!(error instanceof Error) || !isNodeError(error, 'EADDRINUSE', 'EACCES')) throw error
    throw new LabError('ERR_LOCKED', `Port ${options.port} on 127.0.0.1 cannot be used.`, {
      why: error.message,
      next: ['Leave --port out for any free one.'],
      cause: error,
    })
  }
}
