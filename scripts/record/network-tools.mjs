// Records what real network programs print, to be held against the simulated ones.
// Linux, as root: `node scripts/record/network-tools.mjs`. Needs busybox, curl, bind9-dnsutils, iproute2, iputils-ping, netcat-openbsd,
// redis-tools, redis-server and nginx. test/simulator/pods/fixtures/network-tools/README.md says what comes out.
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { RECORDINGS } from './network-commands.mjs'

const POD = 'netpol-lab-pod'
const WORLD = 'netpol-lab-world'
const PAGE = '<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n'
const TARGET = fileURLToPath(
  new URL('../../test/simulator/pods/fixtures/network-tools/', import.meta.url),
)
const folder = mkdtempSync(join(tmpdir(), 'record-'))
const children = []

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })
const inWorld = (command, args) => {
  const child = spawn('ip', ['netns', 'exec', WORLD, command, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  children.push(child)
}

function createNamespaces() {
  for (const name of [POD, WORLD]) ip('netns', 'add', name)
  ip('link', 'add', 'eth0', 'netns', POD, 'type', 'veth', 'peer', 'name', 'veth0', 'netns', WORLD)
  ip('-n', POD, 'link', 'set', 'eth0', 'address', '02:42:0a:f4:00:07')
  ip('-n', POD, 'addr', 'add', '10.244.0.7/24', 'brd', '10.244.0.255', 'dev', 'eth0')
  ip('-n', POD, 'link', 'set', 'lo', 'up')
  ip('-n', POD, 'link', 'set', 'eth0', 'up')
  ip('-n', WORLD, 'addr', 'add', '10.244.0.1/24', 'dev', 'veth0')
  ip('-n', WORLD, 'link', 'set', 'lo', 'up')
  ip('-n', WORLD, 'link', 'set', 'veth0', 'up')
  // A pod reaches its neighbours through the node, as kindnet sets it up.
  ip('-n', POD, 'route', 'del', '10.244.0.0/24')
  ip('-n', POD, 'route', 'add', '10.244.0.1', 'dev', 'eth0', 'scope', 'link', 'src', '10.244.0.7')
  ip('-n', POD, 'route', 'add', 'default', 'via', '10.244.0.1', 'dev', 'eth0')
  ip(
    '-n',
    POD,
    'route',
    'add',
    '10.244.0.0/24',
    'via',
    '10.244.0.1',
    'dev',
    'eth0',
    'src',
    '10.244.0.7',
  )
  for (const address of [
    '10.244.0.5',
    '10.244.0.6',
    '10.96.0.10',
    '10.96.120.15',
    '93.184.216.34',
  ]) {
    ip('-n', WORLD, 'addr', 'add', `${address}/32`, 'dev', 'lo')
  }
  // What is dropped: a black hole answers nothing.
  for (const address of ['10.96.0.99', '10.96.0.11'])
    ip('-n', WORLD, 'route', 'add', 'blackhole', `${address}/32`)
}

async function startServers() {
  // nginx' workers are nobody.
  chmodSync(folder, 0o755)
  const html = join(folder, 'html')
  mkdirSync(join(html, 'folder'), { recursive: true })
  writeFileSync(join(html, 'index.html'), PAGE)
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}
http { access_log off; types { text/html html; } server { listen 10.96.120.15:80; root ${html}; } server { listen 10.244.0.5:80; root ${html}; } }`,
  )
  inWorld('nginx', ['-c', join(folder, 'nginx.conf')])
  inWorld('redis-server', [
    '--bind',
    '10.244.0.6',
    '--protected-mode',
    'no',
    '--save',
    '',
    '--dir',
    folder,
  ])
  await build({
    entryPoints: [fileURLToPath(new URL('./recorded-servers.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(folder, 'servers.mjs'),
    logLevel: 'error',
  })
  inWorld(process.execPath, [join(folder, 'servers.mjs')])
  await new Promise((resolve) => setTimeout(resolve, 1500))
}

/** Runs one line in the pod's namespace, with its own resolv.conf; Ctrl-C where the recording asks for one. */
function record(line, nameServer, interruptSeconds) {
  const etc = join(folder, `resolv-${nameServer}`)
  writeFileSync(
    etc,
    `search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver ${nameServer}\noptions ndots:5\n`,
  )
  const script = `mount --bind ${etc} /etc/resolv.conf; mount --bind /dev/null /etc/hosts; cd ${folder}; exec sh -c '${line.replaceAll("'", "'\\''")}'`
  return new Promise((resolve) => {
    const started = Date.now()
    const child = spawn('ip', ['netns', 'exec', POD, 'sh', '-c', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { PATH: process.env.PATH, LANG: 'C', HOME: folder },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
    const timer =
      interruptSeconds === undefined
        ? undefined
        : setTimeout(() => process.kill(-child.pid, 'SIGINT'), interruptSeconds * 1000)
    child.on('close', (code) => {
      clearTimeout(timer)
      const seconds = (Date.now() - started) / 1000
      if (output !== '' && !output.endsWith('\n')) output += '\n'
      resolve({
        output,
        code: interruptSeconds === undefined ? code : 124,
        seconds: seconds < 0.5 ? '0' : seconds.toFixed(1),
      })
    })
  })
}

/** What depends on the machine or the moment becomes `[..]`, and of a usage text only the synopsis stays. */
function masked(text) {
  return text
    .replace(/^(BusyBox .*\n\nUsage: .*(?:\n.+)*)\n\n[\s\S]*/m, '$1\n')
    .replace(/^(Usage: host [\s\S]*?\[server\]\n)[\s\S]*/m, '$1')
    .replaceAll(folder, '[..]')
    .replaceAll('nc.openbsd:', 'nc:')
    .replaceAll('\r', '')
    .replace(/^BusyBox v.* multi-call/gm, 'BusyBox [..] multi-call')
    .replace(/\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b/g, '[..]')
    .replace(/\x1b\[[0-9;]*m/g, '')
    .replace(/\d+\.\d+ ms\b/g, '[..] ms')
    .replace(/time=\S+ ms/g, 'time=[..] ms')
    .replace(/(time|pipe|rtt min[^=]*=) ?\d\S*( ms)?/g, '$1[..]')
    .replace(/round-trip min\/avg\/max = \S+ ms/g, 'round-trip min/avg/max = [..] ms')
    .replace(/after \d+ (ms|milliseconds)/g, 'after [..] $1')
    .replace(/nginx\/\d+\.\d+\.\d+/g, 'nginx/[..]')
    .replace(/(Date|date|Last-Modified|ETag): .*/g, '$1: [..]')
    .replace(/curl\/\d+\.\d+\.\d+/g, 'curl/[..]')
    .replace(/;; Query time: .*/g, ';; Query time: [..] msec')
    .replace(/;; WHEN: .*/g, ';; WHEN: [..]')
    .replace(/, id: \d+/g, ', id: [..]')
    .replace(/; COOKIE: .*/g, '; COOKIE: [..]')
    .replace(/DiG \S+/g, 'DiG [..]')
}

async function main() {
  createNamespaces()
  try {
    await startServers()
    const wanted = process.argv.slice(2)
    for (const recording of RECORDINGS) {
      if (wanted.length > 0 && !wanted.includes(recording.name)) continue
      let text = ''
      for (const situation of recording.situations) {
        text += `######## ${situation.name}\n`
        for (const entry of situation.commands) {
          const [line, interruptSeconds] = Array.isArray(entry) ? entry : [entry]
          const { output, code, seconds } = await record(
            line,
            situation.nameServer,
            interruptSeconds,
          )
          const shown = line.replaceAll(/\bbusybox /g, '').replaceAll('nc.openbsd', 'nc')
          text += `$ ${shown}\n${masked(output)}[exit ${code} after ${seconds} s]\n\n`
        }
      }
      writeFileSync(join(TARGET, `${recording.name}.txt`), text)
      process.stdout.write(`${recording.name}\n`)
    }
  } finally {
    for (const child of children) child.kill()
    for (const name of [POD, WORLD]) ip('netns', 'del', name)
    rmSync(folder, { recursive: true })
  }
}

await main()
