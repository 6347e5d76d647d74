import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LabError } from '../../src/base/errors.ts'
import { createContextProvider } from '../../src/cluster/context/context-provider.ts'
import { openKubeClient } from '../../src/cluster/kube-client.ts'
import type { Cluster, OpenOptions } from '../../src/cluster/provider.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import type { KubeObject } from '../../src/kube/objects.ts'
import { createFastClock } from '../../src/platform/fast-clock.ts'
import {
  createSimulatedCluster,
  type SimulatedCluster,
} from '../../src/simulator/simulated-cluster.ts'

let folder: string
let learner: string
let simulated: SimulatedCluster
let theirs: KubeClient
const signal = new AbortController().signal

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpol-lab-context-'))
  learner = join(folder, 'config')
  simulated = createSimulatedCluster({ clock: createFastClock() })
  const { server, token, certificateAuthority } = await simulated.listen()
  const ca = Buffer.from(certificateAuthority).toString('base64')
  const cluster = (name: string, address: string) => ({
    name,
    cluster: { server: address, 'certificate-authority-data': ca },
  })
  await writeFile(
    learner,
    JSON.stringify({
      'current-context': 'team/eu:prod',
      clusters: [cluster('good', server), cluster('gone', 'https://127.0.0.1:1')],
      users: [
        { name: 'ada', user: { token } },
        { name: 'eve', user: { token: 'wrong' } },
      ],
      contexts: [
        { name: 'gone', context: { cluster: 'gone', user: 'ada' } },
        { name: 'locked', context: { cluster: 'good', user: 'eve' } },
        { name: 'team/eu:prod', context: { cluster: 'good', user: 'ada', namespace: 'team' } },
      ],
    }),
  )
  theirs = await openKubeClient({ kubeconfig: learner })
})
afterEach(async () => {
  theirs.close()
  await simulated.close()
  await rm(folder, { recursive: true })
})

const provider = (path = learner) =>
  createContextProvider({
    folder: join(folder, 'clusters'),
    kubeconfigPaths: [path],
    clock: createFastClock(),
  })
const open = (options: Partial<OpenOptions> = {}) =>
  provider().open({
    signal,
    onAction: () => undefined,
    images: [],
    context: 'team/eu:prod',
    consent: true,
    ...options,
  })
const failureOf = (promise: Promise<Cluster>): Promise<LabError> =>
  promise.then(
    () => expect.unreachable('it opened'),
    (error) => error,
  )
const copies = () => readdir(join(folder, 'clusters', 'context')).catch(() => [])
const pod = (name: string): KubeObject & Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
})
const namespaces = { apiVersion: 'v1', plural: 'namespaces' }

describe('contexts of the learner', () => {
  test('are offered, the current one first, and one alone is asked for too', async () => {
    expect(await provider().detect({ signal })).toEqual({
      state: 'choice-needed',
      word: '3 found',
      found: 'gone, locked, team/eu:prod.',
      fixes: [],
      choices: ['team/eu:prod', 'gone', 'locked'],
    })
    expect(await provider(join(folder, 'none')).detect({ signal })).toMatchObject({
      state: 'not-ready',
      word: 'none found',
    })
    await writeFile(join(folder, 'broken'), 'a: [')
    expect((await provider(join(folder, 'broken')).detect({ signal })).found).toContain(
      join(folder, 'broken'),
    )
  })

  test('are not used without a yes, and nothing happens until then', async () => {
    for (const consent of [undefined, false]) {
      const error = await failureOf(
        provider().open({
          signal,
          onAction: () => undefined,
          images: [],
          context: 'team/eu:prod',
          ...(consent === undefined ? {} : { consent }),
        }),
      )
      expect(error).toMatchObject({ code: 'ERR_CONSENT_NEEDED', exitCode: 3 })
      expect(error.why).toContain('https://127.0.0.1:')
      expect(error.next[0]).toContain('--context team/eu:prod --yes')
    }
    expect(existsSync(join(folder, 'clusters'))).toBe(false)
  })

  test('have to be named where there are several, and rightly', async () => {
    const wrong = await failureOf(open({ context: 'prod' }))
    expect(wrong).toMatchObject({
      code: 'ERR_UNKNOWN_CLUSTER',
      exitCode: 2,
      why: 'It has: gone, locked, team/eu:prod.',
    })
    const options = { signal, onAction: () => undefined, images: [], consent: true }
    expect((await failureOf(provider().open(options))).message).toBe(
      'Which cluster? Name its context.',
    )
  })

  test('that do not answer, or not to this user, are told apart, and leave no copy behind', async () => {
    const gone = await failureOf(open({ context: 'gone' }))
    expect(gone).toMatchObject({
      code: 'ERR_CLUSTER_UNREACHABLE',
      why: 'https://127.0.0.1:1: connection refused',
    })
    const locked = await failureOf(open({ context: 'locked' }))
    expect(locked).toMatchObject({
      code: 'ERR_CLUSTER_UNREACHABLE',
      message: 'The cluster of "locked" cannot be used.',
      why: expect.stringContaining('Unauthorized'),
    })
    expect(await copies()).toEqual([])
  })

  test('are refused while namespace default holds pods or policies of somebody else', async () => {
    await theirs.create(pod('shop'))
    const pods = await failureOf(open())
    expect(pods).toMatchObject({ code: 'ERR_NAMESPACE_IN_USE', exitCode: 3 })
    expect(pods.why).toContain('Pods: shop')
    await theirs.delete(
      { apiVersion: 'v1', plural: 'pods', namespace: 'default', name: 'shop' },
      { gracePeriodSeconds: 0 },
    )
    await theirs.create({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'deny', namespace: 'default' },
      spec: { podSelector: {} },
    } as KubeObject)
    expect((await failureOf(open())).why).toContain('Policies: deny')
    expect(await copies()).toEqual([])
  })
})

describe('an opened cluster of the learner', () => {
  test('has a copy of its context alone, that works in default', async () => {
    const cluster = await open()
    const copy = JSON.parse(await readFile(cluster.kubeconfig, 'utf8'))
    expect(copy.contexts).toEqual([
      {
        name: 'team/eu:prod',
        context: { cluster: 'team/eu:prod', user: 'team/eu:prod', namespace: 'default' },
      },
    ])
    expect(copy.users).toHaveLength(1)
    expect(cluster.title).toBe('cluster team/eu:prod')
    await cluster.leave('keep')
  })

  test('finds what it made again, and can take all of it away', async () => {
    const first = await open()
    await first.client.create({ ...pod('web'), metadata: { name: 'web' } } as KubeObject)
    await first.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
    await first.leave('keep')
    expect(await theirs.find({ ...namespaces, name: 'shop' })).toBeDefined()
    const second = await open()
    await second.leave('destroy')
    await second.leave('destroy')
    expect(await theirs.find({ ...namespaces, name: 'shop' })).toBeUndefined()
    expect(await copies()).toEqual([])
  })

  test('can be cleaned up without being opened', async () => {
    const cluster = await open()
    await cluster.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
    await cluster.leave('keep')
    await provider().remove({ signal })
    expect(await theirs.find({ ...namespaces, name: 'shop' })).toBeUndefined()
    expect(existsSync(join(folder, 'clusters', 'context'))).toBe(false)
  })
})
