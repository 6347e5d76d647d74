import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openKubeClient } from '../../src/cluster/kube-client.ts'
import type { Cluster, OpeningAction } from '../../src/cluster/provider.ts'
import { createSimulatedProvider } from '../../src/cluster/simulated/simulated-provider.ts'
import { createFastClock } from '../../src/platform/fast-clock.ts'
import { bundleProgram } from '../platform/support/bundle-program.ts'

let folder: string
let actions: OpeningAction[]
const open = async (): Promise<Cluster> => {
  actions = []
  const provider = createSimulatedProvider({ folder, clock: createFastClock() })
  return provider.open({
    signal: new AbortController().signal,
    images: [],
    onAction: (action) => actions.push(action),
  })
}
const shop = { apiVersion: 'v1', plural: 'namespaces', name: 'shop' }
const makeShop = (cluster: Cluster) =>
  cluster.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpol-lab-simulated-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('keeps nothing where it is told so, and leaves a saved cluster as it was', async () => {
  const saved = await open()
  await makeShop(saved)
  await saved.leave('save')
  const passing = createSimulatedProvider({ folder, clock: createFastClock(), keeps: false })
  const signal = new AbortController().signal
  const alone = await passing.open({ signal, images: [], onAction: () => {} })
  expect(await alone.client.find(shop)).toBeUndefined()
  expect(alone.leaveChoices.map(({ id }) => id)).toEqual(['destroy'])
  await alone.leave('destroy')
  const again = await open()
  expect(await again.client.find(shop)).toBeDefined()
  await again.leave('destroy')
})

test('a cluster that is not written down can have its certificate and token kept for the next one', async () => {
  const identityFolder = join(folder, 'identity')
  const certificateOf = async () => {
    const provider = createSimulatedProvider({
      folder: join(folder, 'passing'),
      clock: createFastClock(),
      keeps: false,
      identityFolder,
    })
    const cluster = await provider.open({
      signal: new AbortController().signal,
      images: [],
      onAction: () => {},
    })
    const kubeconfig = await readFile(cluster.kubeconfig, 'utf8')
    await cluster.leave('destroy')
    return /"certificate-authority-data": "([^"]+)"/.exec(kubeconfig)?.[1]
  }
  const first = await certificateOf()
  expect(first).toBeDefined()
  expect(await certificateOf()).toBe(first)
  expect((await stat(join(identityFolder, 'identity.json'))).mode & 0o777).toBe(0o600)
})

/** Another process that opens the cluster, makes namespace `shop`, and goes on. */
async function otherProcess(then: string) {
  const program = await bundleProgram(
    folder,
    'other',
    `import { createSimulatedProvider } from './src/cluster/simulated/simulated-provider.ts'
     import { createFastClock } from './src/platform/fast-clock.ts'
     const provider = createSimulatedProvider({ folder: ${JSON.stringify(folder)}, clock: createFastClock() })
     const cluster = await provider.open({ signal: new AbortController().signal, images: [], onAction: () => {} })
     await cluster.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
     ${then}
     console.log('ready')
     setInterval(() => {}, 1e6)`,
  )
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  for await (const _ of createInterface(child.stdout)) break
  expect(child.exitCode).toBeNull()
  return {
    kill: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}

describe('the saved simulated cluster', () => {
  test('is the same to a client that still has its kubeconfig: address, certificate, token, objects', async () => {
    const first = await open()
    const kubeconfig = await readFile(first.kubeconfig, 'utf8')
    await makeShop(first)
    await first.leave('save')
    const client = await openKubeClient({ kubeconfig: { text: kubeconfig } })
    await expect(client.get(shop)).rejects.toMatchObject({ code: 'ERR_CLUSTER_UNREACHABLE' })
    const second = await open()
    expect(actions.at(-1)).toMatchObject({ state: 'done', detail: 'as it was left' })
    expect(await readFile(second.kubeconfig, 'utf8')).toBe(kubeconfig)
    expect(await client.find(shop)).toBeDefined()
    client.close()
    await second.leave('save')
  })

  test('listens somewhere else where its old address is taken', async () => {
    const first = await open()
    const { server } = first.client
    await first.leave('save')
    const { createServer } = await import('node:net')
    const squatter = createServer()
    await new Promise<void>((resolve) =>
      squatter.listen(Number(new URL(server).port), '127.0.0.1', resolve),
    )
    const second = await open()
    expect(second.client.server).not.toBe(server)
    await second.leave('save')
    await new Promise((resolve) => squatter.close(resolve))
  })

  test('is written down without being asked, soon after a change', async () => {
    const cluster = await open()
    await makeShop(cluster)
    while (!existsSync(join(folder, 'simulated/state.json'))) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    await cluster.leave('save')
  })

  test('survives a kill of its process, and the next start takes the slot over', async () => {
    const other = await otherProcess('await cluster.save()')
    await other.kill()
    expect(existsSync(join(folder, 'simulated/lock'))).toBe(true)
    await writeFile(join(folder, 'simulated/state.json.123456'), 'a torn write')
    const cluster = await open()
    expect(await cluster.client.find(shop)).toBeDefined()
    expect(cluster.leaveChoices[0]?.id).toBe('save')
    await cluster.leave('save')
    expect((await readdir(join(folder, 'simulated'))).sort()).toEqual([
      'identity.json',
      'kubeconfig',
      'state.json',
    ])
  })

  test.each([
    ['damaged', '{"format":1,"cluster":{"version":1,"revision":"x"}}', 'damaged', 'cannot be read'],
    ['cut off', '{"format":1,"clus', 'damaged', 'cannot be read'],
    ['of a newer version', '{"format":2,"cluster":{}}', 'newer', 'by a newer netpol-lab'],
  ])(
    'that is %s is kept aside and said, and a new one is made',
    async (_name, text, suffix, words) => {
      await (await open()).leave('save')
      const path = join(folder, 'simulated/state.json')
      await writeFile(path, text)
      const cluster = await open()
      const kept = (await readdir(join(folder, 'simulated'))).find((name) =>
        name.startsWith(`state.json.${suffix}-`),
      )
      expect(await readFile(join(folder, 'simulated', kept ?? ''), 'utf8')).toBe(text)
      expect(cluster.notes?.[0]).toContain(words)
      expect(cluster.notes?.[0]).toContain(kept)
      expect(actions.at(-1)?.detail).toMatch(/^new; the saved one is /)
      expect(await cluster.client.find({ ...shop, name: 'kube-system' })).toBeDefined()
      await cluster.leave('save')
    },
  )

  test('a damaged identity is replaced', async () => {
    await (await open()).leave('save')
    await writeFile(join(folder, 'simulated/identity.json'), '{"format":1,"token":"x"}')
    const cluster = await open()
    expect(await cluster.client.find({ ...shop, name: 'default' })).toBeDefined()
    await cluster.leave('save')
  })

  test('destroying forgets it and keeps nothing of its state', async () => {
    const cluster = await open()
    await makeShop(cluster)
    await cluster.leave('destroy')
    expect(existsSync(join(folder, 'simulated/state.json'))).toBe(false)
    const next = await open()
    expect(await next.client.find(shop)).toBeUndefined()
    await next.leave('destroy')
  })
})

describe('a second netpol-lab', () => {
  test('gets a fresh cluster of its own, which leaves nothing', async () => {
    const first = await open()
    await makeShop(first)
    const second = await open()
    expect(actions.at(-1)?.detail).toContain('another one has the saved cluster')
    expect(await second.client.find(shop)).toBeUndefined()
    expect(second.client.server).not.toBe(first.client.server)
    expect(second.leaveChoices.map(({ id }) => id)).toEqual(['destroy'])
    await second.save()
    await second.leave('keep')
    expect(await readdir(join(folder, 'simulated-2'))).toEqual([])
    expect(await first.client.find(shop)).toBeDefined()
    await first.leave('save')
  })

  test('in another process does not get in the way, and is not removed while it runs', async () => {
    const other = await otherProcess('')
    try {
      const cluster = await open()
      expect(cluster.leaveChoices.map(({ id }) => id)).toEqual(['destroy'])
      const provider = createSimulatedProvider({ folder, clock: createFastClock() })
      await expect(provider.remove({ signal: new AbortController().signal })).rejects.toMatchObject(
        { code: 'ERR_LOCKED' },
      )
      await cluster.leave('destroy')
    } finally {
      await other.kill()
    }
  })
})
