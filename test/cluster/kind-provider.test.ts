import { existsSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { LabError } from '../../src/base/errors.ts'
import { parseKindPhase } from '../../src/cluster/kind/kind-phases.ts'
import { createKindProvider } from '../../src/cluster/kind/kind-provider.ts'
import { isNewEnough, parseKindVersion } from '../../src/cluster/kind/kind-version.ts'
import type { ClusterProvider, OpeningAction } from '../../src/cluster/provider.ts'
import { createFastClock } from '../../src/platform/fast-clock.ts'
import { type FakeTools, makeFakeTools } from './support/fake-tools.ts'
import { json, openScriptedServer } from './support/scripted-server.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

interface Setup {
  readonly tools: FakeTools
  readonly provider: ClusterProvider
  readonly actions: OpeningAction[]
  readonly controller: AbortController
  open(images?: readonly string[]): ReturnType<ClusterProvider['open']>
}

async function setUp(
  tools: readonly string[] = ['kind', 'docker'],
  options: { readonly image?: string; readonly platform?: NodeJS.Platform } = {},
): Promise<Setup> {
  const server = await openScriptedServer({
    onRequest: (request, response) => {
      if (request.url === '/readyz') response.writeHead(200).end('ok')
      else {
        const conditions = [{ type: 'Ready', status: 'True' }]
        json(response, 200, { kind: 'PodList', items: [{ status: { conditions } }] })
      }
    },
  })
  closers.push(() => server.close())
  const fake = await makeFakeTools({ tools, kubeconfig: server.kubeconfig })
  closers.push(() => fake.remove())
  const provider = createKindProvider({
    folder: join(fake.folder, 'clusters'),
    env: fake.env,
    platform: options.platform ?? 'linux',
    image: options.image,
    clock: createFastClock(),
    images: ['nginx:alpine'],
  })
  const actions: OpeningAction[] = []
  const controller = new AbortController()
  return {
    tools: fake,
    provider,
    actions,
    controller,
    open: (images = []) =>
      provider.open({
        signal: controller.signal,
        images,
        onAction: (action) => actions.push(action),
      }),
  }
}

async function failureOf(promise: Promise<unknown>): Promise<LabError> {
  return promise.then(
    () => expect.unreachable('it did not fail'),
    (error) => error,
  )
}

const signal = new AbortController().signal

describe('versions and phases of kind', () => {
  test.each([
    ['kind v0.27.0 go1.24.4 linux/amd64', '0.27.0', true],
    ['kind v0.24.0 go1.22.6 darwin/arm64', '0.24.0', true],
    ['kind v0.23.0 go1.21 windows/amd64', '0.23.0', false],
    ['kind version 0.9.0-alpha+abc', '0.9.0-alpha', false],
    ['1.0.0', '1.0.0', true],
  ])('%s', (output, text, enough) => {
    const version = parseKindVersion(output)
    expect(version?.text).toBe(text)
    expect(version !== undefined && isNewEnough(version)).toBe(enough)
  })

  test('output without a version has none', () => {
    expect(parseKindVersion('command not supported')).toBeUndefined()
  })

  test.each([
    [
      ' • Ensuring node image (kindest/node:v1.32.2) 🖼  ...',
      'Ensuring node image (kindest/node:v1.32.2)',
      'running',
    ],
    [' ✓ Starting control-plane 🕹️', 'Starting control-plane', 'done'],
    [' ✗ Installing CNI 🔌', 'Installing CNI', 'failed'],
    [
      ' • Waiting ≤ 2m0s for control-plane = Ready ⏳  ...',
      'Waiting ≤ 2m0s for control-plane = Ready',
      'running',
    ],
  ])('the line "%s" is a phase', (line, title, state) => {
    expect(parseKindPhase(line)).toEqual({ title, state })
  })

  test('other lines are no phases', () => {
    expect(parseKindPhase('Creating cluster "netpol-lab" ...')).toBeUndefined()
    expect(parseKindPhase('ERROR: failed to create cluster')).toBeUndefined()
  })
})

describe.skipIf(process.platform === 'win32')('looking at the computer', () => {
  test('finds kind and an engine that answers', async () => {
    const { provider } = await setUp()
    expect(await provider.detect({ signal })).toEqual({
      state: 'ready',
      word: 'ready',
      found: 'kind 0.27.0 and Docker 28.2.2 are ready.',
      fixes: [],
    })
  })

  test('tells kind that is missing, broken or too old, and how to get it', async () => {
    const none = await setUp(['docker'], { platform: 'darwin' })
    expect(await none.provider.detect({ signal })).toMatchObject({
      state: 'not-ready',
      found: 'kind is not installed.',
      fixes: [{ command: 'brew install kind' }, {}],
    })
    const { tools, provider, open } = await setUp()
    await tools.plan({ version: '0.23.0' })
    expect((await provider.detect({ signal })).found).toBe(
      'kind 0.23.0 is installed; 0.24 or newer is needed.',
    )
    await tools.plan({ version: null })
    expect((await failureOf(open())).code).toBe('ERR_KIND_MISSING')
    const error = await failureOf(none.open())
    expect(error).toMatchObject({ code: 'ERR_KIND_MISSING', exitCode: 3 })
    expect(error.next[0]).toBe('Install kind: brew install kind')
  })

  test('tells an engine that is missing from one that does not answer, in its own words', async () => {
    const none = await setUp(['kind'])
    expect((await none.provider.detect({ signal })).found).toBe(
      'kind 0.27.0 is installed. No container engine was found.',
    )
    expect((await failureOf(none.open())).code).toBe('ERR_ENGINE_NOT_READY')

    const down = await setUp()
    await down.tools.plan({ engineDown: true })
    expect(await down.provider.detect({ signal })).toMatchObject({
      found: 'kind 0.27.0 is installed. Docker is installed but does not answer.',
      fixes: [{ label: 'Start Docker', command: 'sudo systemctl start docker' }, {}],
    })
    const error = await failureOf(down.open())
    expect(error.code).toBe('ERR_ENGINE_NOT_READY')
    expect(error.why).toContain('kind 0.27.0, Docker 28.2.2')
    expect(error.why).toContain('Cannot connect to the Docker daemon at unix:///x. Is it running?')
    expect(error.next[0]).toBe('Start Docker: sudo systemctl start docker')
    expect(down.actions.at(-1)).toMatchObject({ id: 'engine', state: 'failed' })
  })

  test('takes Podman where Docker is silent or missing', async () => {
    const { provider, open, tools } = await setUp(['kind', 'podman'])
    expect((await provider.detect({ signal })).found).toContain('Podman')
    const cluster = await open()
    expect(await tools.calls()).toContain('docker info --format {{.Version.Version}}')
    await cluster.leave('keep')
  })
})

describe.skipIf(process.platform === 'win32')('opening', () => {
  test('makes a cluster with a kubeconfig of its own, in steps that can be followed', async () => {
    const { tools, actions, open } = await setUp(['kind', 'docker'], { image: 'my/node:v1' })
    await tools.plan({ localImages: ['alpine'] })
    const cluster = await open(['alpine', 'nginx:alpine'])
    closers.push(() => cluster.leave('keep'))
    expect(cluster.title).toBe('kind cluster netpol-lab')
    expect((await stat(cluster.kubeconfig)).mode & 0o777).toBe(0o600)
    expect(cluster.kubeconfig.startsWith(join(tools.folder, 'clusters'))).toBe(true)

    const done = actions.filter((action) => action.state === 'done').map(({ title }) => title)
    expect(done).toEqual([
      'Docker answers',
      'node image kindest/node:v1.32.2',
      'cluster netpol-lab created',
      "the cluster's name service",
      'lesson images copied into it: 2 of 2',
    ])
    expect(actions.map(({ detail }) => detail)).toContain('Installing StorageClass')

    const calls = await tools.calls()
    const create = calls.find((call) => call.startsWith('kind create'))
    expect(create).toContain(`--kubeconfig ${cluster.kubeconfig} --image my/node:v1`)
    expect(await readFile(join(tools.folder, 'clusters/kind/kind.yaml'), 'utf8')).toContain(
      'kind.x-k8s.io/v1alpha4',
    )
    expect(calls).not.toContain('docker pull alpine')
    expect(calls).toContain('docker pull nginx:alpine')
    expect(calls).toContain('kind load docker-image alpine --name netpol-lab')
  })

  test('uses a healthy cluster again, without pulling or loading anything', async () => {
    const { tools, open } = await setUp()
    await (await open()).leave('keep')
    const before = (await tools.calls()).length
    const cluster = await open()
    const calls = (await tools.calls()).slice(before).join('\n')
    expect(calls).not.toMatch(/kind (create|delete|load)|docker pull/)
    await cluster.leave('keep')
  })

  test('starts a cluster that was stopped when its learner left', async () => {
    const { tools, open } = await setUp()
    await (await open()).leave('save')
    expect(existsSync(join(tools.folder, 'stopped'))).toBe(true)
    const cluster = await open()
    expect((await tools.calls()).join('\n')).toContain('docker start netpol-lab-control-plane')
    expect((await tools.calls()).filter((call) => call.startsWith('kind create'))).toHaveLength(1)
    await cluster.leave('keep')
  })

  test('removes a broken cluster and makes it again', async () => {
    const { tools, open } = await setUp()
    await writeFile(join(tools.folder, 'cluster'), '')
    await writeFile(join(tools.folder, 'stopped'), '')
    await tools.plan({ startFails: true })
    const cluster = await open()
    const calls = (await tools.calls()).map((call) => call.split(' ').slice(0, 2).join(' '))
    expect(calls.indexOf('kind delete')).toBeLessThan(calls.indexOf('kind create'))
    expect(calls).toContain('kind delete')
    await cluster.leave('keep')
  })

  test('says which image could not be pulled, with the words of the engine', async () => {
    const node = await setUp()
    await node.tools.plan({ failAt: 'Ensuring node image (kindest/node:v1.32.2)' })
    const error = await failureOf(node.open())
    expect(error.code).toBe('ERR_IMAGE_NOT_PULLED')
    expect(error.why).toMatch(/^kind create cluster .*: exit code 1\n/)
    expect(error.why).toContain('the words of the engine')
    expect(error.next.join('\n')).toContain('NETPOL_LAB_KIND_IMAGE')

    const lesson = await setUp()
    await lesson.tools.plan({ pullFails: true })
    expect(await failureOf(lesson.open(['alpine']))).toMatchObject({
      code: 'ERR_IMAGE_NOT_PULLED',
      message: 'The image alpine could not be pulled.',
    })
    expect(lesson.tools.clusterStands).toBe(false)
  })

  test('a failure of kind names its phase and leaves nothing half made', async () => {
    const { tools, open, actions } = await setUp()
    await tools.plan({ failAt: 'Starting control-plane' })
    const error = await failureOf(open())
    expect(error).toMatchObject({
      code: 'ERR_KIND_FAILED',
      message: 'kind could not make the cluster: "Starting control-plane" failed.',
    })
    expect(tools.clusterStands).toBe(false)
    expect(actions.at(-1)).toMatchObject({ id: 'clean-up', state: 'done' })
  })

  test('an abort in the middle leaves nothing half made', async () => {
    const { tools, open, actions, controller } = await setUp()
    await tools.plan({ hangAt: 'Starting control-plane' })
    const opening = open()
    while (!actions.some(({ detail }) => detail === 'Starting control-plane')) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(tools.clusterStands).toBe(true)
    controller.abort(new Error('Ctrl-C'))
    await expect(opening).rejects.toThrow('Ctrl-C')
    expect(tools.clusterStands).toBe(false)
    expect(existsSync(join(tools.folder, 'clusters/kind/kubeconfig'))).toBe(false)
  })

  test('an abort does not take away a cluster that was there before', async () => {
    const { tools, open, controller, actions } = await setUp()
    await (await open()).leave('keep')
    const opening = open(['x'])
    while (!actions.some(({ title }) => title.endsWith('0 of 2'))) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    controller.abort(new Error('Ctrl-C'))
    await expect(opening).rejects.toThrow('Ctrl-C')
    expect(tools.clusterStands).toBe(true)
  })

  test('what cannot be cleaned up is said beside the first failure', async () => {
    const { tools, open } = await setUp()
    await tools.plan({ failAt: 'Installing CNI', deleteFails: true })
    const error = await failureOf(open())
    expect(error).toMatchObject({
      code: 'ERR_KIND_FAILED',
      message: 'kind could not make the cluster: "Installing CNI" failed.',
    })
    expect(error.why).toContain('the engine went away')
    expect(error.next[0]).toBe('Remove what is left: kind delete cluster --name netpol-lab')
  })

  test('leaving destroys, stops or keeps as chosen, and removing is fine where there is nothing', async () => {
    const { tools, open, provider } = await setUp()
    const cluster = await open()
    expect(cluster.leaveChoices.map(({ id }) => id)).toEqual(['keep', 'save', 'destroy'])
    await cluster.leave('destroy')
    await cluster.leave('destroy')
    expect(tools.clusterStands).toBe(false)
    await provider.remove({ signal })
    const nothing = await setUp([])
    await nothing.provider.remove({ signal })
  })
})
