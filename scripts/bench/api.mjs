// `npm run bench:api`: what the simulated cluster's API server does in a second of one core, how soon watchers hear, how soon a
// pod runs, and what a pod weighs. Rates are of the server's own time on the processor, since machines are shared; beside each stands
// what a bare node:https server reaches that answers the same bytes to the same client in the same run.
// SCALE=n makes everything n times as many.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { pathToFileURL } from 'node:url'
import { bundle } from '../build.mjs'
import { prepare } from '../prepare.mjs'
import { root } from '../project.mjs'

const SCALE = Number(process.env.SCALE ?? 1)
/** Connections that requests are sent over at once. */
const CONNECTIONS = 8
const WATCHERS = 100
const PODS = '/api/v1/namespaces/default/pods'
const MAPS = '/api/v1/namespaces/default/configmaps'
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
const MERGE = 'application/merge-patch+json'

const folder = await mkdtemp(join(tmpdir(), 'netpol-lab-bench-'))
const rows = []
const children = []
try {
  await prepare()
  await bundle({ entry: 'scripts/bench/api-server.ts', out: join(folder, 'server') })
  const lab = await openServer('lab')
  const bare = await openServer('bare')
  await rates(lab, bare)
  await fanOut(lab, bare)
  await weight(lab)
  await start()
  print()
} finally {
  for (const child of children) child.kill()
  await rm(folder, { recursive: true, force: true })
}

async function rates(lab, bare) {
  await createPods(lab, 0, 500)
  const cases = [
    { what: 'get a pod', request: get(`${PODS}/pod-7`), count: 20_000, asked: 5000 },
    { what: 'get a pod as a table', request: get(`${PODS}/pod-7`, TABLE), count: 6000 },
    { what: 'list 500 pods', request: get(PODS), count: 100 },
    { what: 'list 500 pods as a table', request: get(PODS, TABLE), count: 100 },
    {
      what: 'create a config map',
      request: (index) =>
        send('POST', MAPS, {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: `map-${index}` },
          data: { text: 'a few words' },
        }),
      count: 4000,
    },
    {
      what: 'patch a config map',
      request: (index) =>
        send('PATCH', `${MAPS}/map-7`, { data: { text: `words ${index}` } }, MERGE),
      count: 4000,
    },
    {
      what: 'patch the label of a pod',
      request: (index) =>
        send('PATCH', `${PODS}/pod-7`, { metadata: { labels: { turn: `n${index}` } } }, MERGE),
      count: 4000,
    },
  ]
  for (const { what, request, count, asked } of cases) {
    const total = Math.round(count * SCALE)
    const make = typeof request === 'function' ? request : () => request
    await load(lab, make, Math.ceil(total / 10), 1e7)
    const own = await load(lab, make, total, 0)
    await bare.ask({ ask: 'answer', body: own.sample, event: '' })
    await load(bare, make, Math.ceil(total / 10), 0)
    const plain = await load(bare, make, total, 0)
    const text = `${rate(own.perSecond)} a second`
    row(what, asked === undefined ? text : text, ratio(plain.perSecond / own.perSecond), {
      asked: asked === undefined ? '' : `${rate(asked)} a second`,
      ok: asked === undefined ? undefined : own.perSecond >= asked,
    })
  }
}

/** Sends requests over a few connections, the next one when the last is answered; by the server's time on the processor. */
async function load(server, request, count, offset) {
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => server.connect()))
  const before = await server.ask({ ask: 'usage' })
  let next = 0
  let sample = ''
  await Promise.all(
    connections.map(async (connection) => {
      while (next < count) {
        const { status, body } = await connection.exchange(request(offset + next++))
        if (status >= 300) throw new Error(`answered with ${status}: ${body.slice(0, 300)}`)
        sample = body
      }
    }),
  )
  const { cpuMs } = await server.ask({ ask: 'usage' })
  for (const connection of connections) connection.end()
  return { perSecond: (count / (cpuMs - before.cpuMs)) * 1000, sample }
}

/** One change at a time; from its request to the last byte of its event at each watcher. */
async function fanOut(lab, bare) {
  const own = await watchChanges(lab, `${MAPS}?watch=true&fieldSelector=metadata.name%3Dmap-7`)
  await bare.ask({ ask: 'answer', body: own.sample, event: own.event })
  const plain = await watchChanges(bare, `${MAPS}?watch=true`)
  const [p50, p99] = [percentile(own.times, 0.5), percentile(own.times, 0.99)]
  row(`a change at ${WATCHERS} watchers, p50`, ms(p50), ratio(p50 / percentile(plain.times, 0.5)))
  row('  p99', ms(p99), ratio(p99 / percentile(plain.times, 0.99)), {
    asked: '20 ms',
    ok: p99 <= 20,
  })
  row('  by the server’s time', `${ms(own.cpuMs)} a change`, ratio(own.cpuMs / plain.cpuMs))
}

async function watchChanges(server, path) {
  const watchers = await Promise.all(
    Array.from({ length: WATCHERS }, () => server.connect().then((opened) => opened.watch(path))),
  )
  const writer = await server.connect()
  const times = []
  let sample = ''
  let event = ''
  const turns = Math.round(300 * SCALE)
  // The bare server sends one event that does not change; both are counted by lines.
  const change = async (turn) => {
    const heard = watchers.map((watcher) => watcher.next())
    const started = performance.now()
    const patched = writer.exchange(
      send('PATCH', `${MAPS}/map-7`, { data: { text: `turn ${turn}` } }, MERGE),
    )
    for (const each of heard) {
      void each.then((line) => {
        times.push(performance.now() - started)
        event = line
      })
    }
    await Promise.all(heard)
    sample = (await patched).body
  }
  for (let turn = 0; turn < 30; turn++) await change(`warm ${turn}`)
  times.length = 0
  const before = await server.ask({ ask: 'usage' })
  for (let turn = 0; turn < turns; turn++) await change(turn)
  const { cpuMs } = await server.ask({ ask: 'usage' })
  for (const watcher of watchers) watcher.end()
  writer.end()
  return { times, sample, event, cpuMs: (cpuMs - before.cpuMs) / turns }
}

/** What 500 pods more add to the memory of a cluster that has 500; containers, processes, endpoints and events with them. */
async function weight(lab) {
  const before = await lab.ask({ ask: 'heap' })
  await createPods(lab, 500, 1000)
  const after = await lab.ask({ ask: 'heap' })
  const each = (after.bytes - before.bytes) / 500
  row('memory of a pod, at 1,000', `${(each / 1024).toFixed(1)} KB`, '', {
    asked: '20 KB',
    ok: each <= 20 * 1024,
  })
}

async function createPods(lab, from, to) {
  const connection = await lab.connect()
  const watcher = await (await lab.connect()).watch(`${PODS}?watch=true`)
  const before = await lab.ask({ ask: 'usage' })
  for (let index = from; index < to; index++) {
    const { status, body } = await connection.exchange(send('POST', PODS, podOf(`pod-${index}`)))
    if (status !== 201) throw new Error(`creating a pod was answered with ${status}: ${body}`)
  }
  const running = new Set()
  while (running.size < to) {
    const { type, object } = JSON.parse(await watcher.next())
    if (type !== 'DELETED' && object.status.phase === 'Running') running.add(object.metadata.name)
  }
  const { cpuMs } = await lab.ask({ ask: 'usage' })
  watcher.end()
  connection.end()
  row(
    `create pods ${from + 1} to ${to}, until they run`,
    `${rate(((to - from) / (cpuMs - before.cpuMs)) * 1000)} a second`,
  )
}

function podOf(name) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name, tier: 'bench' } },
    spec: { containers: [{ name: 'web', image: 'nginx', ports: [{ containerPort: 80 }] }] },
  }
}

/** From `cluster serve` to the first Running pod, by the time that process and bare Node take on the processor. */
async function start() {
  const usage = join(folder, 'usage')
  const reporter = pathToFileURL(join(root, 'scripts/bench/report-cpu.mjs')).href
  const env = { ...process.env, BENCH_CPU_FILE: usage, NETPOL_LAB_HOME: join(folder, 'home') }
  const used = async () => Number(await readFile(usage, 'utf8'))
  const own = []
  const bare = []
  const waits = []
  for (let run = 0; run < 9; run++) {
    const node = spawn(process.execPath, ['--import', reporter, '-e', '0'], { env })
    await once(node, 'exit')
    bare.push(await used())
    const kubeconfig = join(folder, 'kubeconfig')
    const lab = ['dist/netpol-lab.js', 'cluster', 'serve', '--kubeconfig', kubeconfig]
    const started = performance.now()
    const child = spawn(process.execPath, ['--import', reporter, ...lab], { env, cwd: root })
    await once(child.stdout, 'data')
    const config = JSON.parse(await readFile(kubeconfig, 'utf8'))
    const server = clientOf(
      Number(new URL(config.clusters[0].cluster.server).port),
      config.users[0].user.token,
    )
    const watcher = await (await server.connect()).watch(`${PODS}?watch=true`)
    const writer = await server.connect()
    await writer.exchange(send('POST', PODS, podOf('first')))
    for (;;) {
      const { object } = JSON.parse(await watcher.next())
      if (object.status.phase === 'Running') break
    }
    waits.push(performance.now() - started)
    const gone = once(child, 'exit')
    child.kill('SIGINT')
    await gone
    own.push(await used())
    watcher.end()
    writer.end()
  }
  const work = percentile(own, 0.5) - percentile(bare, 0.5)
  row('cluster serve to the first Running pod', ms(work), `${ms(percentile(waits, 0.5))} waited`, {
    asked: '250 ms',
    ok: work <= 250,
  })
}

function get(path, accept = 'application/json') {
  return { head: `GET ${path} HTTP/1.1\r\nAccept: ${accept}\r\n`, body: '' }
}

function send(method, path, value, type = 'application/json') {
  const body = JSON.stringify(value)
  return {
    head: `${method} ${path} HTTP/1.1\r\nAccept: application/json\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`,
    body,
  }
}

async function openServer(kind) {
  const child = fork(join(folder, 'server/netpol-lab.js'), [kind], { execArgv: ['--expose-gc'] })
  children.push(child)
  const [{ port, token }] = await once(child, 'message')
  return {
    ...clientOf(port, token),
    ask: async (question) => {
      child.send(question)
      const [answer] = await once(child, 'message')
      return answer
    },
  }
}

/** A client that costs less than the server: one connection, whole answers by their length, or lines of a watch. */
function clientOf(port, token) {
  const common = `Host: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`
  return {
    connect: async () => {
      // It is a server of this benchmark on the loopback interface.
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
      socket.setNoDelay(true)
      await once(socket, 'secureConnect')
      return {
        end: () => socket.destroy(),
        exchange: ({ head, body }) =>
          new Promise((resolve, reject) => {
            let parts = []
            let size = 0
            let wanted
            let status = 0
            const onData = (chunk) => {
              parts.push(chunk)
              size += chunk.byteLength
              if (wanted === undefined) {
                const text = Buffer.concat(parts)
                const end = text.indexOf('\r\n\r\n')
                if (end === -1) return
                const headers = text.subarray(0, end).toString('latin1')
                status = Number(headers.slice(9, 12))
                const length = Number(/content-length: (\d+)/i.exec(headers)?.[1] ?? 0)
                wanted = end + 4 + length
                parts = [text]
              }
              if (size < wanted) return
              socket.off('data', onData)
              socket.off('close', onClose)
              const text = Buffer.concat(parts)
              resolve({ status, body: text.subarray(text.indexOf('\r\n\r\n') + 4).toString() })
            }
            const onClose = () => reject(new Error('The server closed the connection.'))
            socket.on('data', onData)
            socket.once('close', onClose)
            socket.write(head + common + body)
          }),
        watch: async (path) => {
          socket.write(`GET ${path} HTTP/1.1\r\nAccept: application/json\r\n${common}`)
          const lines = []
          const waiting = []
          let rest = ''
          let open
          const opened = new Promise((resolve) => {
            open = resolve
          })
          socket.on('data', (chunk) => {
            open()
            rest += chunk.toString()
            // Sizes of chunks stand on lines of their own; an event is an object.
            const found = rest.split(/\r?\n/)
            rest = found.pop()
            for (const line of found) {
              if (!line.startsWith('{')) continue
              const taker = waiting.shift()
              if (taker === undefined) lines.push(line)
              else taker(line)
            }
          })
          await opened
          // What was there before comes first where the watch has no version.
          await new Promise((resolve) => setTimeout(resolve, 0))
          return {
            end: () => socket.destroy(),
            next: () =>
              new Promise((resolve) => {
                const line = lines.shift()
                if (line === undefined) waiting.push(resolve)
                else resolve(line)
              }),
          }
        },
      }
    },
  }
}

function percentile(values, part) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
}

function rate(number) {
  return Math.round(number).toLocaleString('en')
}

function ms(number) {
  return `${number < 10 ? number.toFixed(2) : number.toFixed(0)} ms`
}

function ratio(number) {
  return `${number.toFixed(1)}x`
}

function row(what, reached, beside = '', { asked = '', ok } = {}) {
  process.stderr.write(`${what.trim()}: ${reached}\n`)
  rows.push([what, reached, beside, asked, ok === undefined ? '' : ok ? 'ok' : 'MISSED'])
}

function print() {
  const table = [['', 'reached', 'to a bare server', 'asked for', ''], ...rows]
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
    `\nA second is one of the server’s processor time. x: how often as long as the bare server takes. Machine: ` +
      `${availableParallelism()} x ${cpu?.model.trim()}, ${process.platform} ${release()}, ` +
      `Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)}\n`,
  )
}
