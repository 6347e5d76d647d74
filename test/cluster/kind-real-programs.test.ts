import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LabError } from '../../src/base/errors.ts'
import { createKindProvider } from '../../src/cluster/kind/kind-provider.ts'
import type { OpeningAction } from '../../src/cluster/provider.ts'
import { createRealClock } from '../../src/platform/real-clock.ts'

/**
 * The paths of the kind adapter that need no node image, with the real programs. Where a program is missing, the test is skipped and says so; the
 * stand-ins of kind-provider.test.ts cover the same paths everywhere.
 */
const kind = find('kind')
const docker = find('docker')
const daemon = docker !== undefined && answers(docker)
const busybox = find('busybox')
const clusterStands = daemon && kind !== undefined && kindClusters().includes('netpol-lab')

const WITHOUT_KIND = kind === undefined ? ' (skipped: kind is not on the PATH)' : ''
const WITHOUT_DOCKER = docker === undefined ? ' (skipped: docker is not on the PATH)' : ''
const WITHOUT_DAEMON = daemon ? '' : ' (skipped: the docker daemon does not answer)'
const WITHOUT_BUSYBOX = busybox === undefined ? ' (skipped: busybox is not on the PATH)' : ''
const STANDS = clusterStands ? ' (skipped: a kind cluster netpol-lab is in use here)' : ''

function find(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))
}

function answers(program: string): boolean {
  try {
    execFileSync(program, ['info', '--format', '{{.ServerVersion}}'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function kindClusters(): readonly string[] {
  if (kind === undefined) return []
  return execFileSync(kind, ['get', 'clusters'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).split('\n')
}

/** Containers of the lab's cluster, running or not. */
function containers(): string {
  if (docker === undefined) return ''
  const filter = 'label=io.x-k8s.kind.cluster=netpol-lab'
  return execFileSync(docker, ['ps', '-aq', '--filter', filter], { encoding: 'utf8' })
}

let folder: string
const closers: (() => unknown)[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpol-lab-kind-'))
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  await rm(folder, { recursive: true })
})

/** A provider that finds these programs and no others. */
async function provider(
  programs: readonly (string | undefined)[],
  options: { readonly image?: string; readonly env?: Readonly<Record<string, string>> } = {},
) {
  const bin = join(folder, 'bin')
  await mkdir(bin)
  for (const program of programs) {
    if (program !== undefined) await symlink(program, join(bin, program.split('/').at(-1) ?? ''))
  }
  return createKindProvider({
    folder: join(folder, 'clusters'),
    env: { PATH: bin, HOME: folder, ...options.env },
    platform: process.platform,
    image: options.image,
    clock: createRealClock(),
    images: [],
  })
}

async function openingFails(
  opened: ReturnType<typeof createKindProvider>,
  controller = new AbortController(),
  onAction: (action: OpeningAction) => void = () => undefined,
): Promise<LabError> {
  const error = await opened
    .open({ signal: controller.signal, images: [], onAction })
    .then(() => expect.unreachable('it opened'))
    .catch((caught: unknown) => caught)
  if (!(error instanceof LabError)) throw error
  return error
}

/** A registry that takes connections and never answers. */
async function silentRegistry(onConnection: () => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onConnection()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('kind with the real programs', () => {
  test.skipIf(docker === undefined)(`kind is missing${WITHOUT_DOCKER}`, async () => {
    const error = await openingFails(await provider([docker]))
    expect(error).toMatchObject({ code: 'ERR_KIND_MISSING', message: 'kind is not installed.' })
  })

  test.skipIf(kind === undefined)(`the engine is missing${WITHOUT_KIND}`, async () => {
    const error = await openingFails(await provider([kind]))
    expect(error.code).toBe('ERR_ENGINE_NOT_READY')
    expect(error.why).toMatch(/^kind \d+\.\d+\.\d+; tried docker, podman, nerdctl\.$/)
  })

  test.skipIf(kind === undefined || docker === undefined)(
    `the daemon is down, in the words of docker${WITHOUT_KIND}${WITHOUT_DOCKER}`,
    async () => {
      const socket = `unix://${join(folder, 'no-such.sock')}`
      const opened = await provider([kind, docker], { env: { DOCKER_HOST: socket } })
      expect(await opened.detect({ signal: new AbortController().signal })).toMatchObject({
        state: 'not-ready',
        found: expect.stringContaining('Docker is installed but does not answer.'),
      })
      const error = await openingFails(opened)
      expect(error.code).toBe('ERR_ENGINE_NOT_READY')
      expect(error.why).toContain("docker info --format '{{.ServerVersion}}'")
      expect(error.why).toContain(socket)
      expect(await readdir(folder)).toEqual(['bin'])
    },
  )

  test.skipIf(kind === undefined || !daemon || clusterStands)(
    `the node image cannot be pulled, and nothing is left${WITHOUT_KIND}${WITHOUT_DAEMON}${STANDS}`,
    async () => {
      // Nothing listens on port 1, so this registry refuses at once.
      const image = '127.0.0.1:1/kindest/node:v1.32.2'
      const actions: OpeningAction[] = []
      const error = await openingFails(
        await provider([kind, docker], { image }),
        undefined,
        (action) => actions.push(action),
      )
      expect(error.code).toBe('ERR_IMAGE_NOT_PULLED')
      expect(error.why).toContain(`--image '${image}'`)
      expect(error.why).toContain('connection refused')
      expect(actions.filter(({ id }) => id === 'node-image').at(-1)?.state).toBe('failed')
      expect(containers()).toBe('')
      expect(existsSync(join(folder, 'clusters/kind/kubeconfig'))).toBe(false)
    },
  )

  test.skipIf(kind === undefined || !daemon || clusterStands)(
    `Ctrl-C while the node image is pulled leaves nothing${WITHOUT_KIND}${WITHOUT_DAEMON}${STANDS}`,
    async () => {
      const controller = new AbortController()
      const registry = await silentRegistry(() =>
        controller.abort(new LabError('ERR_INTERRUPTED', 'Stopped.')),
      )
      const error = await openingFails(
        await provider([kind, docker], { image: `${registry}/kindest/node:v1.32.2` }),
        controller,
      )
      expect(error.code).toBe('ERR_INTERRUPTED')
      expect(containers()).toBe('')
      expect(await readdir(join(folder, 'clusters/kind'))).toEqual(['kind.yaml'])
    },
  )

  test.skipIf(kind === undefined || !daemon || clusterStands || busybox === undefined)(
    `Ctrl-C while the node starts takes its container away${WITHOUT_KIND}${WITHOUT_DAEMON}${STANDS}${WITHOUT_BUSYBOX}`,
    async (context) => {
      const engine = docker ?? ''
      const image = makeIdleImage(engine, busybox ?? '')
      if (image === undefined) {
        context.skip('the busybox of this computer does not run in a container')
        return
      }
      const controller = new AbortController()
      // kind waits for words in the log of the node that this image never says.
      const opening = openingFails(await provider([kind, docker], { image }), controller)
      while (containers() === '') await new Promise((resolve) => setImmediate(resolve))
      controller.abort(new LabError('ERR_INTERRUPTED', 'Stopped.'))
      expect((await opening).code).toBe('ERR_INTERRUPTED')
      expect(containers()).toBe('')
    },
  )
})

/** An image whose containers do nothing for long, from a static busybox. */
function makeIdleImage(engine: string, program: string): string | undefined {
  const image = 'netpol-lab-test/idle:latest'
  const archive = execFileSync('tar', ['-chf', '-', '-C', dirname(program), basename(program)], {
    maxBuffer: 64 * 1024 * 1024,
  })
  const entry = `ENTRYPOINT ["/${basename(program)}", "sleep", "600"]`
  execFileSync(engine, ['import', '-c', entry, '-', image], {
    input: archive,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  closers.push(() => execFileSync(engine, ['rmi', '-f', image], { stdio: 'ignore' }))
  try {
    const run = ['run', '--rm', '--entrypoint', `/${basename(program)}`, image, 'true']
    execFileSync(engine, run, { stdio: 'ignore' })
    return image
  } catch {
    return undefined
  }
}
