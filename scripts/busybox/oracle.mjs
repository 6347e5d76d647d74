/*
 * A real BusyBox as the measure of the simulated one: how its scripts are written down, and how one is run.
 * Used by record.mjs here and by the tests that compare live.
 *
 * NETPOL_LAB_BUSYBOX_ROOT names a folder that build.sh made: BusyBox as an image of a pod has it. Scripts run in it as their root, with
 * processes of their own. Without it the busybox on the PATH runs them on the computer itself.
 */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = process.env.NETPOL_LAB_BUSYBOX_ROOT
const BUSYBOX = ROOT === undefined ? 'busybox' : join(ROOT, 'bin/busybox')

/** What a script finds in its environment, and nothing else. */
const ENVIRONMENT = { HOME: '/root', PATH: '/bin:/usr/bin' }

/** What a pod's container starts from, and the folder that its scripts run in (test/simulator/pods/busybox-scripts.ts). */
const WORKING_FOLDER = '/tmp/box'

/** The first line of `busybox --help`, or undefined where there is no busybox on the PATH. */
export function busyboxVersion() {
  const asked = spawnSync(BUSYBOX, ['--help'], { encoding: 'utf8' })
  return asked.status === 0 ? asked.stdout.split('\n')[0].replace(/ \(.*?\)/, '') : undefined
}

/**
 * Scripts of a `.scripts` file. A line `%%` begins each; text after it opens a group.
 * @param {string | URL} file
 * @returns {{ group: string, script: string }[]}
 */
export function readScripts(file) {
  const scripts = []
  let group = ''
  for (const part of `\n${readFileSync(file, 'utf8')}`.split('\n%%').slice(1)) {
    const end = part.indexOf('\n')
    const title = part.slice(0, end).trim()
    if (title !== '') group = title
    scripts.push({ group, script: part.slice(end + 1).replace(/\n$/, '') })
  }
  return scripts
}

/** What each program of BusyBox says to `--help` after its synopsis. */
const descriptions = new Map()

function descriptionOf(name) {
  const known = descriptions.get(name)
  if (known !== undefined) return known
  const asked = spawnSync(BUSYBOX, [name, '--help'], { encoding: 'utf8' })
  const usage = /\nUsage: [\s\S]*/.exec(asked.stderr + asked.stdout)?.[0] ?? ''
  const end = usage.indexOf('\n\n')
  const description = end === -1 ? '' : usage.slice(end)
  descriptions.set(name, description)
  return description
}

/**
 * Usage texts up to the end of their synopsis. Which options there are is a fact; the sentences about them are BusyBox' own and are
 * not kept here.
 * @param {string} text what BusyBox printed
 */
export function withoutDescriptions(text) {
  // Nor when it was built.
  let cut = text.replace(/^(BusyBox v\S+) \(.*?\)/gm, '$1')
  for (const [, name] of text.matchAll(/^Usage: ([^\s]+)/gm)) {
    const description = descriptionOf(name)
    if (description !== '') cut = cut.replaceAll(description, '\n')
  }
  return cut
}

/**
 * Runs `busybox sh -c SCRIPT` in a new, empty folder, without standard input, in UTC. A script that runs on for ten seconds is ended
 * with all that it started, and has the code 124. Usage texts are cut to their synopsis.
 * @param {string} script
 * @returns {Promise<{ stdout: string, stderr: string, code: number }>}
 */
export async function runBusybox(script) {
  const cwd =
    ROOT === undefined ? mkdtempSync(join(tmpdir(), 'netpol-lab-busybox-')) : emptied(ROOT)
  const previous = process.umask(0o022)
  const [command, ...args] = ROOT === undefined ? [BUSYBOX, 'sh', '-c', script] : insideOf(ROOT)
  const child = spawn(command, args, {
    cwd,
    env: { ...ENVIRONMENT, NETPOL_LAB_SCRIPT: script },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  process.umask(previous)
  const collected = { stdout: [], stderr: [] }
  child.stdout.on('data', (chunk) => collected.stdout.push(chunk))
  child.stderr.on('data', (chunk) => collected.stderr.push(chunk))
  let late = false
  const endAll = () => {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // Everything has ended already.
    }
  }
  const timer = setTimeout(() => {
    late = true
    endAll()
  }, 10_000)
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (status, signal) => resolve(status ?? 128 + (SIGNAL_NUMBERS[signal] ?? 0)))
  })
  clearTimeout(timer)
  // What the script left running in the background would hold the pipes open.
  endAll()
  await Promise.all(
    [child.stdout, child.stderr].map(
      (stream) => stream.closed || new Promise((resolve) => stream.once('close', resolve)),
    ),
  )
  rmSync(cwd, { recursive: true, force: true })
  const text = (chunks) => Buffer.concat(chunks).toString('utf8')
  return {
    stdout: withoutDescriptions(text(collected.stdout)),
    stderr: withoutDescriptions(text(collected.stderr)),
    code: late ? 124 : code,
  }
}

/** The working folder of the root, empty, as everything else that scripts leave behind there. */
function emptied(root) {
  rmSync(join(root, 'tmp'), { recursive: true, force: true })
  const folder = join(root, WORKING_FOLDER)
  mkdirSync(folder, { recursive: true })
  chmodSync(join(root, 'tmp'), 0o1777)
  return folder
}

/** Runs a script with its own root and processes. It is not the first process, for that one ignores signals. */
function insideOf(root) {
  const isolated = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
  const environment = Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`)
  // It would say how its child ended, which is no word of the script's; and its own command line is not to be found by name.
  const first = `exec 3>&2 2>/dev/null; (exec env -i ${environment.join(' ')} sh -c "$NETPOL_LAB_SCRIPT" 2>&3 3>&-); exit $?`
  return [
    'unshare',
    ...isolated,
    `--root=${root}`,
    `--wd=${WORKING_FOLDER}`,
    '/bin/sh',
    '-c',
    first,
  ]
}

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGPIPE: 13, SIGTERM: 15, SIGUSR1: 10 }
