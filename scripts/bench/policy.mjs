// `npm run bench:policy`: how the policy engine grows with the cluster. Generated clusters from a fixed seed, each measured in a
// process of its own on one core: the matrix of every pod to every pod over every port that matters, from the plain
// objects to the last cell. Times are given beside what judging the same cells one by one takes, extrapolated from a sample
// of the same run, since machines differ. Arguments: PODS/NAMESPACES/POLICIES, several; RUNS=n for the number of runs.
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../build.mjs'
import { run } from '../project.mjs'

const RUNS = process.env.RUNS ?? '3'
const given = process.argv.slice(2)
const sizes = given.length > 0 ? given : ['100/10/50', '1000/50/500', '10000/500/2000']
/** What was asked for, by number of pods. */
const ASKED = { 1000: { matrixMs: 100 }, 10000: { matrixMs: 3000, peakMb: 500 } }
const EVALUATE_US = 20

const folder = await mkdtemp(join(tmpdir(), 'netpol-lab-bench-'))
try {
  await bundle({ entry: 'scripts/bench/policy-size.ts', out: join(folder, 'policy-size') })
  const results = []
  for (const size of sizes) results.push(await measure(size))
  print(results)
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function measure(size) {
  const file = join(folder, 'policy-size', 'netpol-lab.js')
  const args = [file, ...size.split('/'), RUNS]
  const { code, output } = await run(process.execPath, args, { capture: true })
  if (code !== 0) throw new Error(`Measuring ${size} ended with ${code}.`)
  return JSON.parse(output)
}

function print(results) {
  const rows = [
    ['pods', ({ pods }) => whole(pods)],
    ['namespaces', ({ namespaces }) => whole(namespaces)],
    ['policies', ({ policies }) => whole(policies)],
    ['classes of pods', ({ classes }) => whole(classes), 'classes'],
    ['ports that matter', ({ points }) => whole(points)],
    ['  classes of them', ({ pointClasses }) => whole(pointClasses)],
    ['connections judged', cells],
    ['  of them open', ({ open }) => `${(open * 100).toFixed(1)} %`],
    ['one by one, extrapolated', ({ cellByCellMs }) => time(cellByCellMs), 'cellByCellMs'],
    ['whole matrix', judged('matrixMs', time), 'matrixMs'],
    ['  to one by one', ({ matrixMs, cellByCellMs }) => `1/${whole(cellByCellMs / matrixMs)}`],
    ['  a policy changed, matrix again', ({ changeMs }) => time(changeMs), 'changeMs'],
    ['  a policy changed, one cell', ({ cellMs }) => time(cellMs), 'cellMs'],
    ['prepare', ({ prepareMs }) => time(prepareMs), 'prepareMs'],
    ['  a policy changed, one verdict', ({ judgeMs }) => time(judgeMs), 'judgeMs'],
    ['evaluate', evaluateText, 'evaluateUs'],
    ['  and every reason read', ({ explainUs }) => `${explainUs.toFixed(1)} µs`, 'explainUs'],
    ['peak memory', judged('peakMb', megabytes), 'peakMb'],
  ]
  const table = rows.map(([name, text, grows]) => [
    name,
    ...results.flatMap((result, at) => {
      const before = results[at - 1]
      const growth =
        before === undefined || grows === undefined
          ? ''
          : `x${round(result[grows] / before[grows])}`
      return at === 0 ? [text(result)] : [growth, text(result)]
    }),
  ])
  const widths = table[0].map((_, column) =>
    Math.max(...table.map((line) => (line[column] ?? '').length)),
  )
  for (const line of table) {
    const padded = line.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
    )
    process.stdout.write(`${padded.join('  ').trimEnd()}\n`)
  }
  const [cpu] = cpus()
  process.stdout.write(
    `\nBest of ${RUNS}, of more where they are short; one core. x: growth from the size before. ` +
      `Machine: ${availableParallelism()} x ${cpu?.model.trim()}, ${process.platform} ${release()}, ` +
      `Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)}\n`,
  )
}

function cells({ pods, points }) {
  return whole(pods * (pods - 1) * points)
}

/** A figure beside what was asked for at this size, where something was. */
function judged(key, format) {
  return (result) => {
    const asked = ASKED[result.pods]?.[key]
    const reached = format(result[key])
    if (asked === undefined) return reached
    return `${reached} ${result[key] <= asked ? 'ok' : 'MISSED'} (${format(asked)})`
  }
}

function evaluateText({ evaluateUs }) {
  return `${evaluateUs.toFixed(1)} µs ${evaluateUs <= EVALUATE_US ? 'ok' : 'MISSED'} (${EVALUATE_US} µs)`
}

function whole(number) {
  return Math.round(number).toLocaleString('en')
}

function round(number) {
  return number < 10 ? number.toFixed(1) : number.toFixed(0)
}

function time(milliseconds) {
  if (milliseconds < 10) return `${milliseconds.toFixed(2)} ms`
  if (milliseconds < 10_000) return `${milliseconds.toFixed(0)} ms`
  const seconds = milliseconds / 1000
  return seconds < 7200 ? `${seconds.toFixed(0)} s` : `${(seconds / 3600).toFixed(0)} h`
}

function megabytes(number) {
  return `${number.toFixed(0)} MB`
}
