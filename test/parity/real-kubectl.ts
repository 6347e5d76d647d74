import { spawn } from 'node:child_process'
import { access, constants, readdir, realpath } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import type { LineResult } from '../shell/lab.ts'

/** The kubectl whose words the lab has. */
const MINOR = '32'

/** Why there is no comparison with a real kubectl, or its path. */
export async function findKubectl(): Promise<
  { readonly path: string } | { readonly missing: string }
> {
  const path = await onPath('kubectl')
  if (path === undefined) return { missing: 'no kubectl on the PATH' }
  const { out } = await runProgram(path, ['version', '--client', '-o', 'json'])
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

/** Where more of them are, named by whoever runs the tests: paths, between the signs of PATH. */
const MORE = 'NETPOL_LAB_TEST_KUBECTLS'

export interface VersionedKubectl {
  readonly minor: number
  readonly path: string
}

/**
 * Every kubectl that the simulated cluster has to serve in everything, 1.30 and newer, but the one whose words the lab has.
 *
 * @throws Error where one that is named does not say its version
 */
export async function findOtherKubectls(): Promise<readonly VersionedKubectl[]> {
  return (await findAllKubectls()).filter(({ minor }) => minor >= 30 && minor !== Number(MINOR))
}

/**
 * Every kubectl with a version in its name beside the one on the PATH, and those that the environment names, oldest first.
 *
 * @throws Error where one that is named does not say its version
 */
export async function findAllKubectls(): Promise<readonly VersionedKubectl[]> {
  const path = await onPath('kubectl')
  const folder = path === undefined ? undefined : dirname(await realpath(path))
  const beside = (folder === undefined ? [] : await readdir(folder)).map((name) => ({
    minor: Number(/^kubectl\.1\.(\d+)$/.exec(name)?.[1]),
    path: join(folder ?? '', name),
  }))
  const given = (process.env[MORE] ?? '').split(delimiter).filter((name) => name !== '')
  const named = await Promise.all(
    given.map(async (own) => ({ minor: await minorOf(own), path: own })),
  )
  const all = new Map([...beside, ...named].map((found) => [found.minor, found]))
  return [...all.values()].filter(({ minor }) => minor > 0).sort((a, b) => a.minor - b.minor)
}

async function minorOf(path: string): Promise<number> {
  const { out, err } = await runProgram(path, ['version', '--client', '-o', 'json'])
  const minor = /"minor": "(\d+)/.exec(out)?.[1]
  if (minor === undefined) throw new Error(`${MORE}: ${path} is no kubectl: ${err}`)
  return Number(minor)
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

export interface ProgramOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** Called with all output so far; gets a function that interrupts the program as Ctrl-C does. */
  readonly onOut?: (all: string, interrupt: () => void) => void
}

const TIMEOUT_MS = 20_000

/** Runs a program to its end; one that a signal ended gets the exit code that a shell gives it. */
export function runProgram(
  path: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<LineResult> {
  const { cwd, env, stdin = '', onOut } = options
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      env: { ...process.env, ...env },
      timeout: TIMEOUT_MS,
      ...(cwd === undefined ? {} : { cwd }),
    })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      onOut?.(out, () => child.kill('SIGINT'))
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text
    })
    // A program that reads no input may be gone before it is written.
    child.stdin.on('error', () => {}).end(stdin)
    child.on('error', reject).on('close', (code, signal) => {
      resolve({ out, err, code: code ?? (signal === 'SIGINT' ? 130 : 143) })
    })
  })
}

/** Runs a kubectl in a folder, against a kubeconfig, with a cache of its own. */
export function runKubectl(
  path: string,
  args: readonly string[],
  options: ProgramOptions & {
    readonly kubeconfig: string
    readonly cache: string
    readonly cwd: string
  },
): Promise<LineResult> {
  const { kubeconfig, cache, env, ...others } = options
  return runProgram(path, args, {
    ...others,
    env: { ...env, KUBECONFIG: kubeconfig, KUBECACHEDIR: cache },
  })
}
