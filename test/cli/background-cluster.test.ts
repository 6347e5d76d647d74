import { existsSync } from 'node:fs'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { spawn } from '@lydell/node-pty'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { openKubeClient } from '../../src/cluster/kube-client.ts'
import { createSimulatedProvider } from '../../src/cluster/simulated/simulated-provider.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import type { Pod } from '../../src/kube/objects.ts'
import { createRealClock } from '../../src/platform/real-clock.ts'
import { programCommand } from '../e2e/program.ts'
import { openPlace, type ProgramPlace } from './run-program.ts'

let place: ProgramPlace
beforeEach(async () => {
  place = await openPlace()
})
afterEach(async () => {
  await place.run(['cluster', 'delete', '--cluster', 'simulated'])
  await place.close()
})

const folder = () => join(place.home, 'data', 'clusters', 'simulated')
const kubeconfig = () => join(folder(), 'kubeconfig')

async function withClient<T>(work: (client: KubeClient) => Promise<T>): Promise<T> {
  const client = await openKubeClient({ kubeconfig: kubeconfig() })
  try {
    return await work(client)
  } finally {
    client.close()
  }
}

const makeShop = () =>
  withClient((client) =>
    client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }),
  )
const findShop = () =>
  withClient((client) => client.find({ apiVersion: 'v1', plural: 'namespaces', name: 'shop' }))

async function create(...args: readonly string[]) {
  const result = await place.run(['cluster', 'create', ...args])
  expect(result.code, result.stderr).toBe(0)
  return result
}

async function status() {
  const { stdout } = await place.run(['cluster', 'status', '--json'])
  const entries: { kind: string; cluster: Record<string, unknown> }[] = JSON.parse(stdout)
  return entries.find(({ kind }) => kind === 'simulated')?.cluster ?? {}
}

/** Waits for a process that is no child of this one. */
async function ended(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
      // A killed orphan stays as a zombie where nobody reaps it.
      if (/\) Z/.test(await readFile(`/proc/${pid}/stat`, 'utf8'))) return
    } catch {
      return
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** In a pod of its own: runs a line of shell and gives what it printed. */
async function inPod(line: string): Promise<string> {
  return withClient(async (client) => {
    const pods = { apiVersion: 'v1', plural: 'pods', namespace: 'default' }
    if ((await client.find({ ...pods, name: 'box' })) === undefined) {
      await client.create<Pod>({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'box' },
        spec: { containers: [{ name: 'box', image: 'busybox', command: ['sleep', '1d'] }] },
      })
    }
    const watching = new AbortController()
    await client.watch<Pod>(pods, { signal: watching.signal }, ({ object }) => {
      if (object.metadata.name === 'box' && object.status?.phase === 'Running') watching.abort()
    })
    let printed = ''
    await client.exec({ namespace: 'default', pod: 'box' }, ['sh', '-c', line], {
      stdout: (chunk) => {
        printed += Buffer.from(chunk).toString()
      },
      stderr: () => {},
    })
    return printed
  })
}

describe('the simulated cluster in the background', () => {
  it('keeps its address and the namespace of its context where kubectl has written its file anew', async () => {
    await create()
    const { server } = await status()
    const config = JSON.parse(await readFile(kubeconfig(), 'utf8'))
    config.contexts[0].context.namespace = 'shop'
    await writeFile(kubeconfig(), stringify(config))
    await place.run(['cluster', 'stop'])
    await create()
    expect((await status()).server).toBe(server)
    expect(await readFile(kubeconfig(), 'utf8')).toContain('"namespace": "shop"')
  })

  it('ends by itself when its folder is removed, and leaves none behind', async () => {
    await create()
    const { pid } = await status()
    await rm(folder(), { recursive: true })
    await ended(Number(pid))
    expect(existsSync(folder())).toBe(false)
  })

  it('answers when create has ended, says how to reach it, and other commands find it', async () => {
    const { stdout } = await create()
    expect(stdout).toMatch(/^The simulated cluster runs in the background: https:\/\/127\.0\.0\.1:/)
    expect(stdout).toContain(`export KUBECONFIG='${kubeconfig()}'\n`)
    expect((await stat(kubeconfig())).mode & 0o777).toBe(0o600)
    expect(await status()).toMatchObject({
      state: 'running',
      since: expect.stringMatching(/^20\d\d-/),
      server: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
      pods: { all: 2 },
    })
    expect((await place.run(['cluster', 'status'])).stdout).toMatch(
      /running in the background since .*\n.*https:.* pods running\n/,
    )
    expect(await place.run(['env'])).toMatchObject({
      code: 0,
      stdout: `export KUBECONFIG='${kubeconfig()}'\n`,
      stderr: '',
    })
    const shell = await place.run(['shell'], { env: { SHELL: '/usr/bin/env' } })
    expect(shell.stdout).toContain(`KUBECONFIG=${kubeconfig()}\n`)
    expect((await place.run(['matrix'])).stdout).toMatch(/kube-system\/coredns/)
    const explain = ['explain', '--from', '192.0.2.1', '--to', 'kube-dns.kube-system']
    expect((await place.run([...explain, '--port', '53/UDP'])).stdout).toContain('is allowed')
  })

  it('outlives the terminal that it was started in', async () => {
    const [program = '', ...args] = programCommand('cluster', 'create')
    const pty = spawn(program, args, {
      cwd: place.folder,
      env: { PATH: process.env.PATH ?? '', HOME: place.folder, NETPOL_LAB_HOME: place.home },
    })
    let seen = ''
    await new Promise<void>((resolve) => {
      pty.onData((text) => {
        seen += text
        // The window is closed at once, with all that belongs to its session.
        if (seen.includes('export KUBECONFIG')) pty.kill('SIGHUP')
      })
      pty.onExit(() => resolve())
    })
    expect(await status()).toMatchObject({ state: 'running' })
    expect(await findShop()).toBeUndefined()
  })

  it('is the same one for a second create, which changes nothing about it', async () => {
    await create()
    const before = await status()
    expect((await create()).stdout).toContain('already')
    const port = await place.run(['cluster', 'create', '--port', '0'])
    expect(port.code).toBe(2)
    expect(port.stderr).toContain('netpol-lab cluster stop')
    expect((await status()).pid).toBe(before.pid)
  })

  it('stops with its state, and create goes on with it at the same address', async () => {
    await create()
    await makeShop()
    const before = await readFile(kubeconfig(), 'utf8')
    expect((await place.run(['cluster', 'stop'])).stdout).toContain('saved and stopped')
    await expect(findShop()).rejects.toMatchObject({ code: 'ERR_CLUSTER_UNREACHABLE' })
    expect(await status()).toMatchObject({ state: 'saved', killed: false })
    expect((await place.run(['env'])).stderr).toContain('does not run now')
    expect((await create()).stdout).toContain('as it was left')
    expect(await readFile(kubeconfig(), 'utf8')).toBe(before)
    expect(await findShop()).toBeDefined()
  })

  it('saves on SIGTERM, the files of its pods too', async () => {
    await create()
    await inPod('echo kept > /tmp/note')
    const pid = Number((await status()).pid)
    process.kill(pid, 'SIGTERM')
    await ended(pid)
    expect(await status()).toMatchObject({ state: 'saved', killed: false })
    await create()
    expect(await inPod('cat /tmp/note')).toBe('kept\n')
  })

  it('comes back after kill -9 as it was last written down', async () => {
    await create()
    await makeShop()
    while (!(await readFile(join(folder(), 'state.json'), 'utf8')).includes('"shop"')) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    const pid = Number((await status()).pid)
    process.kill(pid, 'SIGKILL')
    await ended(pid)
    expect(await status()).toMatchObject({ state: 'saved', killed: true })
    expect((await place.run(['cluster', 'status'])).stdout).toContain('did not end by itself')
    expect((await place.run(['cluster', 'stop'])).code).toBe(0)
    await create()
    expect(await findShop()).toBeDefined()
    expect(Number((await status()).pid)).not.toBe(pid)
  })

  it('is ended as a process where it does not answer', async () => {
    await create()
    const pid = Number((await status()).pid)
    // Its key is gone, so nobody can ask it.
    await writeFile(join(folder(), 'identity.json'), '{}')
    expect(await status()).toMatchObject({ state: 'not-answering', pid })
    expect((await place.run(['cluster', 'create'])).code).toBe(3)
    expect((await place.run(['cluster', 'stop'])).code).toBe(0)
    await ended(pid)
    expect(await status()).toMatchObject({ state: 'saved' })
  })

  it('is gone with everything after delete', async () => {
    await create()
    const pid = Number((await status()).pid)
    const { code, stdout } = await place.run(['cluster', 'delete', '--cluster', 'simulated'])
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'Simulated cluster: nothing of the lab is left\n',
    })
    await ended(pid)
    expect(await readdir(join(place.home, 'data', 'clusters'))).toEqual([])
    expect(await status()).toEqual({ state: 'none' })
  })

  it('is saved into a file, opened from it, and reset', async () => {
    await create()
    await makeShop()
    const file = join(place.folder, 'shop.json')
    expect((await place.run(['cluster', 'save', file])).code).toBe(0)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await place.run(['cluster', 'reset'])).stdout).toContain('runs in the background')
    expect(await findShop()).toBeUndefined()
    const over = await place.run(['cluster', 'create', '--from', file])
    expect(over.code, 'a running one is not replaced').toBe(2)
    expect((await place.run(['cluster', 'reset', '--from', file])).code).toBe(0)
    expect(await findShop()).toBeDefined()
    await place.run(['cluster', 'delete', '--cluster', 'simulated'])
    await create('--from', file)
    expect(await findShop()).toBeDefined()
    await place.run(['cluster', 'stop'])
    const saved = await place.run(['cluster', 'create', '--from', file])
    expect(saved.code, 'a saved one is not replaced').toBe(2)
    expect(saved.stderr).toContain('cluster reset --from')
    expect((await place.run(['cluster', 'reset'])).stdout).toContain('begins anew')
    await create()
    expect(await findShop()).toBeUndefined()
  })

  it('writes over nothing but a saved cluster, and opens nothing else', async () => {
    await create()
    const file = join(place.folder, 'notes.json')
    await writeFile(file, '{"mine": true}')
    const refused = await place.run(['cluster', 'save', file])
    expect(refused.code).toBe(2)
    expect(await readFile(file, 'utf8')).toBe('{"mine": true}')
    for (const name of [file, join(place.folder, 'none.json')]) {
      const reset = await place.run(['cluster', 'reset', '--from', name])
      expect([2, 3]).toContain(reset.code)
      expect(reset.stderr).toContain(name)
    }
    expect((await status()).state, 'the cluster goes on').toBe('running')
  })

  it('says that a port is taken, and leaves nothing running', async () => {
    const squatter = createServer()
    const port = await new Promise<number>((resolve) =>
      squatter.listen(0, '127.0.0.1', () => {
        const address = squatter.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      }),
    )
    const { code, stderr } = await place.run(['cluster', 'create', '--port', String(port)])
    expect(code).toBe(3)
    expect(stderr).toContain(`Port ${port} on 127.0.0.1 cannot be used.`)
    expect(stderr).toContain('Another program listens there.')
    expect(await status()).toEqual({ state: 'none' })
    await new Promise((resolve) => squatter.close(resolve))
  })
})

describe('the lab and the background cluster', () => {
  const open = () =>
    createSimulatedProvider({
      folder: join(place.home, 'data', 'clusters'),
      clock: createRealClock(),
    }).open({ signal: new AbortController().signal, images: [], onAction: () => {} })

  it('plays lessons on it, one at a time, and leaves it running', async () => {
    await create()
    await makeShop()
    const shop = { apiVersion: 'v1', plural: 'namespaces', name: 'shop' }
    const first = await open()
    expect(first.notes?.join()).toContain('netpol-lab cluster create')
    expect(await first.client.find(shop)).toBeDefined()
    expect(await status()).toMatchObject({ state: 'running', lesson: true })
    const second = await open()
    expect(await second.client.find(shop), 'a cluster of its own').toBeUndefined()
    await second.leave('destroy')
    for (const words of [['stop'], ['reset'], ['delete', '--cluster', 'simulated']]) {
      const refused = await place.run(['cluster', ...words])
      expect(refused.code, words.join(' ')).toBe(3)
      expect(refused.stderr).toContain('A lesson is played on the background cluster.')
    }
    await first.leave('keep')
    expect(await status()).toMatchObject({ state: 'running', lesson: false })
    expect(await findShop()).toBeDefined()
  })

  it('destroy it where the learner says so', async () => {
    await create()
    await makeShop()
    await (await open()).leave('destroy')
    expect(await status()).toEqual({ state: 'none' })
    await create()
    expect(await findShop()).toBeUndefined()
  })

  it('keep it from being made while the lab has the cluster open', async () => {
    const opened = await open()
    const { code, stderr } = await place.run(['cluster', 'create'])
    expect(code).toBe(3)
    expect(stderr).toContain(`An open lab has it (process ${process.pid}).`)
    expect(stderr).toContain('netpol-lab cluster serve')
    expect(await status()).toMatchObject({ state: 'in-lab', pid: process.pid })
    await opened.client.create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop' },
    })
    await opened.leave('save')
    expect((await create()).stdout).toContain('as it was left')
    expect(await findShop()).toBeDefined()
  })
})
