import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { isNodeError } from '../../platform/node-error.ts'
import type { KubeconfigContent } from '../kubeconfig-file.ts'

/** The contexts of the learner's kubeconfig files, which are read and never written. */
export interface Kubeconfigs {
  readonly contexts: readonly { readonly name: string; readonly server: string }[]
  /** The context that kubectl would use. */
  readonly current: string | undefined
  /** Files that are there and cannot be read, with the reason. */
  readonly broken: readonly string[]
  /** A kubeconfig with this context alone, its paths absolute, working in namespace `default`. */
  extract(context: string): KubeconfigContent | undefined
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads kubeconfig files and merges them as kubectl does: of entries with the same name the first one counts, the first current-context
 * wins, and a file that is not there is no error (k8s.io/client-go/tools/clientcmd/loader.go).
 */
export async function readKubeconfigs(paths: readonly string[]): Promise<Kubeconfigs> {
  const { parseYaml } = await import('../../base/parse-yaml.ts')
  const clusters = new Map<string, Fields>()
  const users = new Map<string, Fields>()
  const contexts = new Map<string, Fields>()
  const broken: string[] = []
  let current: string | undefined
  for (const path of paths) {
    let content: unknown
    try {
      content = parseYaml(await readFile(path, 'utf8'))
    } catch (error) {
      if (isNodeError(error, 'ENOENT')) continue
      broken.push(`${path}: ${error instanceof Error ? error.message : String(error)}`)
      continue
    }
    const file = fieldsOf(content)
    const base = dirname(path)
    collect(clusters, file.clusters, 'cluster', (fields) =>
      absolute(fields, base, ['certificate-authority']),
    )
    collect(users, file.users, 'user', (fields) => absoluteUser(fields, base))
    collect(contexts, file.contexts, 'context', (fields) => fields)
    const named = file['current-context']
    if (current === undefined && typeof named === 'string' && named !== '') current = named
  }

  const parts = (name: string) => {
    const context = contexts.get(name)
    const cluster = clusters.get(String(context?.cluster))
    return context === undefined || typeof cluster?.server !== 'string'
      ? undefined
      : { context, cluster, server: cluster.server, user: users.get(String(context.user)) ?? {} }
  }
  return {
    contexts: [...contexts.keys()].flatMap((name) => {
      const found = parts(name)
      return found === undefined ? [] : [{ name, server: found.server }]
    }),
    current,
    broken,
    extract: (name) => {
      const found = parts(name)
      if (found === undefined) return undefined
      return {
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': name,
        clusters: [{ name, cluster: found.cluster }],
        users: [{ name, user: found.user }],
        contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
      }
    },
  }
}

function collect(
  into: Map<string, Fields>,
  list: unknown,
  key: string,
  convert: (fields: Fields) => Fields,
): void {
  if (!Array.isArray(list)) return
  for (const entry of list as readonly unknown[]) {
    const { name, [key]: value } = fieldsOf(entry)
    if (typeof name === 'string' && name !== '' && !into.has(name)) {
      into.set(name, convert(fieldsOf(value)))
    }
  }
}

/** Paths in a kubeconfig are relative to the file that they stand in. */
function absolute(fields: Fields, base: string, names: readonly string[]): Fields {
  const changed: Record<string, unknown> = { ...fields }
  for (const name of names) {
    const path = fields[name]
    if (typeof path === 'string' && path !== '' && !isAbsolute(path))
      changed[name] = join(base, path)
  }
  return changed
}

function absoluteUser(fields: Fields, base: string): Fields {
  const user = absolute(fields, base, ['client-certificate', 'client-key', 'tokenFile'])
  const exec = fieldsOf(user.exec)
  const { command } = exec
  // A bare name is looked up on the PATH; only a path with a folder is relative to the file.
  if (typeof command !== 'string' || !/[\\/]/.test(command)) return user
  return { ...user, exec: absolute(exec, base, ['command']) }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {}
}
