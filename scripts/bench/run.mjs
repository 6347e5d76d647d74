// `npm run bench`: how long a person waits, and how much memory the lab takes. A benchmark, not a test: it prints what this
// computer reaches beside what was asked for. Start-up times are ratios to a bare `node -e 0` of the same run, since
// machines differ. Arguments: parts to measure (start, cluster, lesson), all where none is given; RUNS=n for the number of runs.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundle } from '../build.mjs'
import { prepare } from '../prepare.mjs'
import { root } from '../project.mjs'
import { untilScreenShows } from './until-screen-shows.mjs'

const RUNS = Number(process.env.RUNS ?? 9)
const wanted = new Set(process.argv.slice(2))
const folder = await mkdtemp(join(tmpdir(), 'netpol-lab-bench-'))
const rows = []
const measures = (part) => wanted.size === 0 || wanted.has(part)

try {
  await prepare()
  const lab = join(root, 'dist/netpol-lab.js')
  if (measures('start')) await start(lab)
  if (measures('cluster')) await cluster()
  if (measures('lesson')) await lesson(lab)
  print()
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function start(lab) {
  const version = await beside(() => timed([lab, '--version']))
  row('node -e 0', ms(version.bare), '1.0x', '')
  row('netpol-lab --version', ms(version.took), times(version), '1.5x', version.ratio <= 1.5)
  const hello = join(folder, 'hello')
  await bundle({ entry: 'scripts/bench/hello-ink.mjs', out: hello })
  const ink = await beside(() => untilScreenShows('hello', [join(hello, 'netpol-lab.js')], folder))
  row('a trivial bundled Ink program, first frame', ms(ink.took), times(ink), 'for reference')
  const frame = await beside(() =>
    untilScreenShows('Where should the lessons run', [lab, 'start'], folder),
  )
  row('netpol-lab start, first frame', ms(frame.took), times(frame), '5x', frame.ratio <= 5)
}

/** In a process of its own, after its modules are loaded: from nothing to a Running pod. */
async function cluster() {
  const out = join(folder, 'cluster-up')
  await bundle({ entry: 'scripts/bench/cluster-up.ts', out })
  const file = join(out, 'netpol-lab.js')
  const up = await median(async () =>
    Number((await output([file, join(folder, 'cluster')])).trim()),
  )
  row('simulated cluster with a Running pod', ms(up), '', '200 ms', up <= 200)
}

async function lesson(lab) {
  const memory = join(folder, 'memory')
  const reporter = pathToFileURL(join(root, 'scripts/bench/report-memory.mjs')).href
  const peaks = []
  const played = await median(async () => {
    const took = await timed(['--import', reporter, lab, 'run', 'deny-egress'], {
      BENCH_MEMORY_FILE: memory,
    })
    peaks.push(Number(await readFile(memory, 'utf8')) / 1024)
    return took
  })
  row('run deny-egress, whole lesson', ms(played), '', '1500 ms', played <= 1500)
  const peak = middle(peaks)
  row('its peak memory', `${peak.toFixed(0)} MB`, '', '150 MB', peak <= 150)
}

/** A start-up time and that of a bare Node, in turns, so that both see the same load. */
async function beside(measure) {
  const own = []
  const bare = []
  for (let i = 0; i < RUNS; i++) {
    bare.push(await timed(['-e', '0']))
    own.push(await measure())
  }
  return { took: middle(own), bare: middle(bare), ratio: middle(own) / middle(bare) }
}

async function median(measure) {
  const times = []
  for (let i = 0; i < RUNS; i++) times.push(await measure())
  return middle(times)
}

function middle(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

/** Milliseconds from the start of a process to its end. */
async function timed(args, env = {}) {
  const started = performance.now()
  await output(args, env)
  return performance.now() - started
}

function output(args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: { ...process.env, NETPOL_LAB_HOME: join(folder, `home-${rows.length}`), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      errors += chunk
    })
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(text)
      else
        reject(
          new Error(`node ${args.join(' ')} ended with ${code}:\n${text.slice(-2000)}${errors}`),
        )
    })
  })
}

function ms(value) {
  return `${value.toFixed(0)} ms`
}

function times({ ratio }) {
  return `${ratio.toFixed(1)}x`
}

function row(what, reached, times, asked, ok) {
  rows.push([what, reached, times, asked, ok === undefined ? '' : ok ? 'ok' : 'MISSED'])
}

function print() {
  const table = [['', `median of ${RUNS}`, 'to node -e 0', 'asked for', ''], ...rows]
  const widths = table[0].map((_, column) =>
    Math.max(...table.map((cells) => cells[column].length)),
  )
  for (const cells of table) {
    const line = cells.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
    )
    process.stdout.write(`${line.join('  ').trimEnd()}\n`)
  }
  const [cpu] = cpus()
  process.stdout.write(
    `\nMachine: ${availableParallelism()} x ${cpu?.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GB, ` +
      `${process.platform} ${release()}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)}\n`,
  )
}
