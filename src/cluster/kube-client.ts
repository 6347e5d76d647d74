import type { KubeClient } from '../kube/client.ts'
import type { TokenAccess } from './client/credentials.ts'

export interface KubeClientOptions {
  /** Path of a kubeconfig file, or the text of one. It is only read. */
  readonly kubeconfig: string | { readonly text: string }
  /** @default the kubeconfig's current-context */
  readonly context?: string | undefined
  /** @default netpol-lab */
  readonly userAgent?: string | undefined
}

/**
 * Opens a client to the cluster of a kubeconfig. Nothing is sent yet. client-node is loaded here and not
 * before: it is too heavy for the way to the first screen.
 *
 * @throws LabError ERR_UNKNOWN_CLUSTER where the kubeconfig cannot be read or has no such context.
 */
export async function openKubeClient(options: KubeClientOptions): Promise<KubeClient> {
  const [{ loadKubeConfig }, { createKubeClient }] = await Promise.all([
    import('./client/kubeconfig.ts'),
    import('./client/create-kube-client.ts'),
  ])
  return createKubeClient(loadKubeConfig(options), options.userAgent ?? 'netpol-lab')
}

/** Opens a client to a server of the lab's own, without the library that reads kubeconfigs: its loading takes longer than such a server. */
export async function openTokenClient(access: TokenAccess): Promise<KubeClient> {
  const [{ tokenCredentials }, { createKubeClient }] = await Promise.all([
    import('./client/credentials.ts'),
    import('./client/create-kube-client.ts'),
  ])
  return createKubeClient(tokenCredentials(access), 'netpol-lab')
}
