// Where the project is, and how its tools are started.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of package.json. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * Runs a program and resolves with its exit code and, where `capture` is set, what it printed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, capture?: boolean, shell?: boolean}} [options]
 * @returns {Promise<{code: number, output: string, maxRssKb?: number}>}
 */
export function run(command, args, options = {}) {
  const { cwd = root, env = process.env, capture = false, shell = false } = options
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      shell,
      stdio: capture ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    })
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text) => (output += text))
    child.stderr?.setEncoding('utf8').on('data', (text) => (output += text))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/**
 * Runs npm: the one that started this script where there is one, else the one on the PATH.
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function npm(args, options = {}) {
  const { npm_execpath: npmPath } = process.env
  if (npmPath?.endsWith('.js')) return run(process.execPath, [npmPath, ...args], options)
  // npm.cmd is a batch file, which Windows starts through its shell only.
  const windows = process.platform === 'win32'
  return run(windows ? 'npm.cmd' : 'npm', args, { ...options, shell: windows })
}

/** The path of a package's file below node_modules. */
export function tool(path) {
  return join(root, 'node_modules', ...path.split('/'))
}
