import type { Environment } from '../../platform/environment.ts'

/** The line that points kubectl at a kubeconfig, for the usual shell of the system. */
export function exportLine(kubeconfig: string, { platform }: Environment): string {
  return platform === 'win32'
    ? `$env:KUBECONFIG = "${kubeconfig}"`
    : `export KUBECONFIG='${kubeconfig.replaceAll("'", "'\\''")}'`
}
