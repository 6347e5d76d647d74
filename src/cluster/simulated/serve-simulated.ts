import { rm } from 'node:fs/promises'
import type { Clock } from '../../base/clock.ts'
import type { SavedCluster } from '../../simulator/simulated-cluster.ts'
import { tokenKubeconfig, writeKubeconfig } from '../kubeconfig-file.ts'
import { loadIdentity, saveIdentity } from './identity.ts'
import { portError } from './port-error.ts'

export interface ServedCluster {
  /** `https://127.0.0.1:port`. */
  readonly server: string
  /** Ends the cluster and its server, and removes its kubeconfig. Can run twice. */
  close(): Promise<void>
}

/** Name of cluster, user and context in the kubeconfig of a served cluster. */
export const SERVED_NAME = 'netpol-lab-served'

/**
 * Serves a simulated cluster to any client on this computer, and writes the kubeconfig that opens it, mode 0600. Nothing of it is
 * kept but its certificate.
 *
 * @throws LabError ERR_LOCKED where the port is taken.
 */
export async function serveSimulated(options: {
  readonly clock: Clock
  readonly kubeconfig: string
  readonly port?: number | undefined
  /** Begins as this one. @default a new one */
  readonly from?: SavedCluster | undefined
  /** Where the certificate is kept for the next one: making it costs more than starting the cluster. @default it is not kept */
  readonly identityFolder?: string | undefined
}): Promise<ServedCluster> {
  const { clock, identityFolder } = options
  const [{ createSimulatedCluster }, kept] = await Promise.all([
    import('../../simulator/simulated-cluster.ts'),
    identityFolder === undefined ? undefined : loadIdentity(identityFolder, clock.now()),
  ])
  const simulated = createSimulatedCluster({
    clock,
    // The token is another one each time.
    ...(kept === undefined ? {} : { certificate: kept.certificate }),
    ...(options.from === undefined ? {} : { saved: options.from }),
  })
  try {
    const listening = await simulated.listen(
      options.port === undefined ? {} : { port: options.port },
    )
    if (kept === undefined && identityFolder !== undefined)
      await saveIdentity(identityFolder, listening)
    await writeKubeconfig(options.kubeconfig, tokenKubeconfig({ name: SERVED_NAME, ...listening }))
    return {
      server: listening.server,
      close: async () => {
        await listening.close()
        await simulated.close()
        await rm(options.kubeconfig, { force: true })
      },
    }
  } catch (error) {
    await simulated.close()
    throw portError(options.port, error)
  }
}
