import { readFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import { LabError } from '../../base/errors.ts'
import type { Credentials } from './credentials.ts'

/**
 * Reads a kubeconfig the way kubectl does (relative paths are relative to the file).
 *
 * @throws LabError ERR_UNKNOWN_CLUSTER where it cannot be read, or names no usable context.
 */
export function loadKubeConfig(options: {
  readonly kubeconfig: string | { readonly text: string }
  readonly context?: string | undefined
}): Credentials {
  const { kubeconfig, context } = options
  const config = new KubeConfig()
  const where = typeof kubeconfig === 'string' ? kubeconfig : 'the kubeconfig'
  try {
    if (typeof kubeconfig === 'string') {
      // Read once here for an error that tells a missing file from a broken one.
      readFileSync(kubeconfig)
      config.loadFromFile(kubeconfig)
    } else config.loadFromString(kubeconfig.text)
  } catch (error) {
    throw new LabError('ERR_UNKNOWN_CLUSTER', `${where} cannot be read as a kubeconfig.`, {
      why: error instanceof Error ? error.message : String(error),
      next: ['Look at the file with: kubectl config view'],
      cause: error,
    })
  }
  if (context !== undefined) config.setCurrentContext(context)
  const name = config.getCurrentContext()
  if (config.getContextObject(name) === null || config.getCurrentCluster() === null) {
    const names = config.getContexts().map((entry) => entry.name)
    throw new LabError(
      'ERR_UNKNOWN_CLUSTER',
      name
        ? `There is no usable context "${name}" in ${where}.`
        : `${where} has no current context.`,
      {
        why: names.length === 0 ? 'It has no contexts.' : `It has: ${names.join(', ')}.`,
        next: ['List contexts with: kubectl config get-contexts'],
      },
    )
  }
  return credentialsOf(config)
}

function credentialsOf(config: KubeConfig): Credentials {
  const cluster = config.getCurrentCluster()
  return {
    server: (cluster?.server ?? '').replace(/\/+$/, ''),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace || 'default',
    proxied: Boolean(cluster?.proxyUrl),
    options: async () => {
      const options: RequestOptions = {}
      await config.applyToHTTPSOptions(options)
      return options
    },
  }
}
