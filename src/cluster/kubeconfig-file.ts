import { writeFileAtomically } from '../platform/atomic-file.ts'

/** Writes a kubeconfig of the lab's own, mode 0600. JSON is YAML, so kubectl reads it as it is. */
export async function writeKubeconfig(path: string, config: KubeconfigContent): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 })
}

/** A kubeconfig file (k8s.io/client-go/tools/clientcmd/api/v1/types.go). */
export interface KubeconfigContent {
  readonly apiVersion: 'v1'
  readonly kind: 'Config'
  readonly 'current-context': string
  readonly clusters: readonly { readonly name: string; readonly cluster: object }[]
  readonly users: readonly { readonly name: string; readonly user: object }[]
  readonly contexts: readonly { readonly name: string; readonly context: object }[]
}

/** A kubeconfig with one cluster and one token. */
export function tokenKubeconfig(options: {
  readonly name: string
  readonly server: string
  /** PEM text. */
  readonly certificateAuthority: string
  readonly token: string
  /** @default default */
  readonly namespace?: string
}): KubeconfigContent {
  const { name, server, certificateAuthority, token, namespace = 'default' } = options
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [
      {
        name,
        cluster: {
          server,
          'certificate-authority-data': Buffer.from(certificateAuthority).toString('base64'),
        },
      },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
  }
}
