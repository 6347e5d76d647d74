import { existsSync } from 'node:fs'
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openKubeClient } from '../../src/cluster/kube-client.ts'
import { openPlace, type ProgramPlace } from './run-program.ts'

let place: ProgramPlace
beforeEach(async () => {
  place = await openPlace()
})
afterEach(async () => {
  // Of a test that failed, too.
  await place.run(['cluster', 'delete', '--cluster', 'simulated'])
  await place.close()
})

const serve = (...args: readonly string[]) =>
  place.serve(['cluster', 'serve', ...args], /^serving https:\/\/127\.0\.0\.1:\d+, kubeconfig .*\n/)

describe('a cluster that is served in the foreground', () => {
  it('says how to reach it, and takes its kubeconfig with it when it ends', async () => {
    const file = join(place.folder, 'kubeconfig')
    const served = await serve('--kubeconfig', file)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const client = await openKubeClient({ kubeconfig: file })
    const { items } = await client.list({ apiVersion: 'v1', plural: 'namespaces' })
    expect(items.map(({ metadata }) => metadata.name)).toContain('kube-system')
    client.close()
    const { code, stderr } = await served.stop()
    expect(code).toBe(130)
    expect(stderr).toContain(`export KUBECONFIG='${file}'`)
    expect(stderr).toContain('Ctrl-C ends it')
    expect(existsSync(file)).toBe(false)
  })

  it('has the certificate of the one before, and a token of its own', async () => {
    const file = join(place.folder, 'kubeconfig')
    const access = async () => {
      const served = await serve('--kubeconfig', file)
      const { clusters, users } = JSON.parse(await readFile(file, 'utf8'))
      await served.stop()
      return [clusters[0].cluster['certificate-authority-data'], users[0].user.token]
    }
    const [first, second] = [await access(), await access()]
    expect(second[0]).toBe(first[0])
    expect(second[1]).not.toBe(first[1])
  })

  it('can be served beside another one', async () => {
    const first = await serve()
    const second = await serve()
    const texts = [await first.stop(), await second.stop()].map(({ stdout }) => stdout)
    expect(texts[0]).toContain(join('clusters', 'served', 'kubeconfig'))
    expect(texts[1]).toContain(join('clusters', 'served-2', 'kubeconfig'))
  })

  it('opens what cluster save has written', async () => {
    await place.run(['cluster', 'create'])
    const file = join(place.folder, 'saved.json')
    await place.run(['cluster', 'save', file])
    const saved: {
      cluster: { objects: { kind: string; metadata: { name: string; uid: string } }[] }
    } = JSON.parse(await readFile(file, 'utf8'))
    const uid = saved.cluster.objects.find(
      ({ kind, metadata }) => kind === 'Namespace' && metadata.name === 'default',
    )?.metadata.uid
    await place.run(['cluster', 'delete', '--cluster', 'simulated'])
    const kubeconfig = join(place.folder, 'kubeconfig')
    const served = await serve('--from', file, '--kubeconfig', kubeconfig)
    const client = await openKubeClient({ kubeconfig })
    const found = await client.get({ apiVersion: 'v1', plural: 'namespaces', name: 'default' })
    expect(found).toMatchObject({ metadata: { uid } })
    client.close()
    await served.stop()
  })

  it('says that a port is taken, and what to do', async () => {
    const squatter = createServer()
    const port = await new Promise<number>((resolve) =>
      squatter.listen(0, '127.0.0.1', () => {
        const address = squatter.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      }),
    )
    const { code, stderr } = await place.run(['cluster', 'serve', '--port', String(port)])
    expect(code).toBe(3)
    expect(stderr).toContain(`Port ${port} on 127.0.0.1 cannot be used.`)
    expect(stderr).toContain('leave --port out')
    await new Promise((resolve) => squatter.close(resolve))
  })
})

describe('a kubeconfig that is not the lab’s', () => {
  const refuses = async (file: string, env: Record<string, string> = {}) => {
    const { code, stderr } = await place.run(['cluster', 'serve', '--kubeconfig', file], { env })
    expect(code, stderr).toBe(2)
    expect(stderr).toContain('is not written')
  }

  it('is never written: the learner’s, also where there is none yet or a link leads to it', async () => {
    const own = join(place.folder, '.kube', 'config')
    await refuses(own)
    await refuses(join(place.folder, 'other'), { KUBECONFIG: join(place.folder, 'other') })
    expect(existsSync(own)).toBe(false)
    await mkdir(join(place.folder, '.kube'))
    const text = 'apiVersion: v1\nkind: Config\n'
    await writeFile(own, text)
    const link = join(place.folder, 'link')
    await symlink(own, link)
    await refuses(link)
    expect(await readFile(own, 'utf8')).toBe(text)
  })

  it('is never written: one that somebody has added something to', async () => {
    const file = join(place.folder, 'merged')
    const cluster = (name: string) => ({ name, cluster: { server: 'https://127.0.0.1:1' } })
    const text = JSON.stringify({
      clusters: [cluster('netpol-lab-served'), cluster('work')],
      contexts: [{ name: 'netpol-lab-served' }, { name: 'work' }],
    })
    await writeFile(file, text)
    await refuses(file)
    expect(await readFile(file, 'utf8')).toBe(text)
  })

  it('is not that of a served cluster that was killed: this is written again', async () => {
    const file = join(place.folder, 'kubeconfig')
    const served = await serve('--kubeconfig', file)
    await refuses(file)
    const left = await readFile(file, 'utf8')
    await served.stop()
    await writeFile(file, left)
    const again = await serve('--kubeconfig', file)
    expect(await readFile(file, 'utf8')).not.toBe(left)
    await again.stop()
  })
})
