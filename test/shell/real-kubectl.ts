import { execFile } from 'node:child_process'
import { access, constants, realpath } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import type { LineResult } from './lab.ts'

/** The kubectl whose words the lab has. */
const MINOR = '32'

/** Why there is no comparison with a real kubectl, or its path. */
export async function findKubectl(): Promise<
  { readonly path: string } | { readonly missing: string }
> {
  const path = await onPath('kubectl')
  if (path === undefined) return { missing: 'no kubectl on the PATH' }
  const { out } = await call(path, ['version', '--client', '-o', 'json'], {})
  const minor = /"minor": "(\d+)/.exec(out)?.[1]
  if (out.includes('dispatcher')) {
    // Google's kubectl chooses one of several beside it, and words some errors itself.
    const beside = join(dirname(await realpath(path)), `kubectl.1.${MINOR}`)
    return (await isExecutable(beside)) ? { path: beside } : { missing: `no kubectl 1.${MINOR}` }
  }
  return minor === MINOR
    ? { path }
    : { missing: `kubectl on the PATH is 1.${minor}, not 1.${MINOR}` }
}

async function onPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name)
    if (await isExecutable(path)) return path
  }
  return undefined
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Runs the real kubectl with words, in a folder, against a kubeconfig. */
export function runKubectl(
  path: string,
  args: readonly string[],
  options: {
    readonly kubeconfig: string
    readonly cache: string
    readonly cwd: string
    readonly stdin?: string
  },
): Promise<LineResult> {
  const { kubeconfig, cache, cwd, stdin } = options
  const env = { KUBECONFIG: kubeconfig, KUBECACHEDIR: cache }
  return call(path, args, { cwd, env, ...(stdin === undefined ? {} : { stdin }) })
}

function call(
  path: string,
  args: readonly string[],
  options: {
    readonly cwd?: string
    readonly env?: Record<string, string>
    readonly stdin?: string
  },
): Promise<LineResult> {
  return new Promise((resolve) => {
    const child = execFile(
      path,
      [...args],
      {
        encoding: 'utf8',
        timeout: 20_000,
        env: { ...process.env, ...options.env },
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      },
      (error, out, err) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
        resolve({ out, err, code })
      },
    )
    child.stdin?.end(options.stdin ?? '')
  })
}
