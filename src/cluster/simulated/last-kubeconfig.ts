import { readFile } from 'node:fs/promises'
import { isNodeError } from '../../platform/node-error.ts'

/** What the kubeconfig of a cluster said when it was left. */
export interface LastKubeconfig {
  readonly port?: number
  /** Where `kubectl config set-context --current --namespace` had led. */
  readonly namespace?: string
}

/** Reads the lab's kubeconfig as it was left: as the lab wrote it, or as `kubectl config` did. What cannot be read says nothing. */
export async function lastKubeconfig(path: string): Promise<LastKubeconfig> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return {}
    throw error
  }
  const config = await parsed(text)
  const server = fieldOf(fieldOf(firstOf(config, 'clusters'), 'cluster'), 'server')
  const match = /^https:\/\/127\.0\.0\.1:(\d+)$/.exec(String(server))
  const namespace = fieldOf(fieldOf(firstOf(config, 'contexts'), 'context'), 'namespace')
  return {
    ...(match === null ? {} : { port: Number(match[1]) }),
    ...(typeof namespace === 'string' ? { namespace } : {}),
  }
}

async function parsed(text: string): Promise<unknown> {
  try {
    return JSON.parse(text)
  } catch {
    const { parseYaml } = await import('../../base/parse-yaml.ts')
    try {
      return parseYaml(text)
    } catch {
      return undefined
    }
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function firstOf(config: unknown, list: string): unknown {
  const entries = fieldOf(config, list)
  return Array.isArray(entries) ? entries[0] : undefined
}
