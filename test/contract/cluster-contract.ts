import { readFile, stat } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Clock } from '../../src/base/clock.ts'
import { runCanary } from '../../src/cluster/canary.ts'
import { openKubeClient } from '../../src/cluster/kube-client.ts'
import type {
  Cluster,
  ClusterProvider,
  OpeningAction,
  OpenOptions,
} from '../../src/cluster/provider.ts'
import type { RemoteExit } from '../../src/kube/client.ts'
import type { Namespace, NetworkPolicy, Pod } from '../../src/kube/objects.ts'

/** One adapter, ready to be held to the contract. */
export interface ContractSubject {
  readonly provider: ClusterProvider
  readonly open?: Pick<OpenOptions, 'context' | 'consent'>
  /** The clock of whoever waits for the cluster. */
  readonly clock: Clock
  /** A kubeconfig of the learner that the adapter could find; nothing may change it. */
  readonly learnerKubeconfig: string
  /** What an opening that failed or was aborted would have left behind. */
  leftovers(): Promise<readonly string[]>
  close(): Promise<void>
}

const namespaces = { apiVersion: 'v1', plural: 'namespaces' }
const pods = { apiVersion: 'v1', plural: 'pods', namespace: 'contract' }
const policies = {
  apiVersion: 'networking.k8s.io/v1',
  plural: 'networkpolicies',
  namespace: 'contract',
}

/**
 * What every kind of cluster has to do. The tests run in order on one cluster, because a real one takes half a minute to make.
 */
export function clusterContract(
  title: string,
  options: {
    readonly skip?: string | undefined
    /** For adapters whose clusters take long to make. */
    readonly timeoutMs?: number
    readonly setUp: () => Promise<ContractSubject>
  },
): void {
  const { skip, timeoutMs = 60_000 } = options
  const name = skip === undefined ? title : `${title} (skipped: ${skip})`
  describe.skipIf(skip !== undefined)(
    `${name} keeps the contract of clusters`,
    { timeout: timeoutMs },
    () => {
      let subject: ContractSubject
      let cluster: Cluster
      let learnerFile: string
      const actions: OpeningAction[] = []
      const live = new AbortController()
      const { signal } = live

      const open = (more: Partial<OpenOptions> = {}) =>
        subject.provider.open({
          signal,
          onAction: (action) => actions.push(action),
          images: ['alpine:3.21'],
          ...subject.open,
          ...more,
        })

      beforeAll(async () => {
        subject = await options.setUp()
        learnerFile = await fingerprint(subject.learnerKubeconfig)
      }, timeoutMs)
      afterAll(async () => {
        live.abort()
        await subject?.close()
      }, timeoutMs)

      test('an aborted opening leaves nothing behind', async () => {
        const controller = new AbortController()
        const opening = open({
          signal: controller.signal,
          onAction: () => controller.abort(new Error('Ctrl-C')),
        })
        await expect(opening).rejects.toThrow('Ctrl-C')
        expect(await subject.leftovers()).toEqual([])
      })

      test('looking for it says what was found and changes nothing', async () => {
        const readiness = await subject.provider.detect({ signal })
        expect(['ready', 'choice-needed']).toContain(readiness.state)
        expect(readiness.word).not.toBe('')
        expect(await subject.leftovers()).toEqual([])
      })

      test('opening tells its actions and hands out a private kubeconfig that works', async () => {
        cluster = await open()
        expect(actions.filter(({ state }) => state === 'running').length).toBeGreaterThan(0)
        const last = new Map(actions.map((action) => [action.id, action.state]))
        expect([...new Set(last.values())]).toEqual(['done'])
        if (process.platform !== 'win32') {
          expect((await stat(cluster.kubeconfig)).mode & 0o777).toBe(0o600)
        }
        expect(cluster.kubeconfig).not.toBe(subject.learnerKubeconfig)
        const client = await openKubeClient({ kubeconfig: cluster.kubeconfig })
        try {
          expect(client.namespace).toBe('default')
          const found = await client.get<Namespace>({ ...namespaces, name: 'default' })
          expect(found.metadata.name).toBe('default')
        } finally {
          client.close()
        }
      })

      test('objects can be made, read, changed, replaced and removed, and a watch sees all of it', async () => {
        const { client } = cluster
        await client.create<Namespace>({
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: 'contract' },
        })
        const { metadata } = await client.list<NetworkPolicy>(policies)
        const seen: string[] = []
        const watching = new AbortController()
        const watched = client.watch<NetworkPolicy>(
          policies,
          { resourceVersion: metadata.resourceVersion ?? '', signal: watching.signal },
          ({ type, object }) => {
            if (type === 'BOOKMARK') return
            seen.push(`${type} ${object.metadata.name}`)
            if (type === 'DELETED') watching.abort()
          },
        )
        const made = await client.create<NetworkPolicy>(
          {
            apiVersion: 'networking.k8s.io/v1',
            kind: 'NetworkPolicy',
            metadata: { name: 'deny', namespace: 'contract' },
            spec: { podSelector: {}, policyTypes: ['Ingress'] },
          },
          { fieldValidation: 'Strict' },
        )
        await expect(client.create(made)).rejects.toMatchObject({ name: 'KubeStatusError' })
        const changed = await client.patch<NetworkPolicy>({ ...policies, name: 'deny' }, 'merge', {
          metadata: { labels: { changed: 'yes' } },
        })
        expect(changed.metadata.labels).toMatchObject({ changed: 'yes' })
        await client.replace<NetworkPolicy>({
          ...changed,
          spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
        })
        await expect(client.replace(made)).rejects.toMatchObject({ reason: 'Conflict' })
        const read = await client.get<NetworkPolicy>({ ...policies, name: 'deny' })
        expect(read.spec.policyTypes).toEqual(['Ingress', 'Egress'])
        await client.delete({ ...policies, name: 'deny' })
        expect(await client.find({ ...policies, name: 'deny' })).toBeUndefined()
        await expect(client.delete({ ...policies, name: 'deny' })).rejects.toMatchObject({
          reason: 'NotFound',
        })
        await watched
        expect(seen).toEqual(['ADDED deny', 'MODIFIED deny', 'MODIFIED deny', 'DELETED deny'])
      })

      test('a strict write with an unknown field is refused with its name', async () => {
        const policy = {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name: 'typo', namespace: 'contract' },
          spec: { podSelectr: {} },
        }
        await expect(cluster.client.create(policy, { fieldValidation: 'Strict' })).rejects.toThrow(
          'unknown field "spec.podSelectr"',
        )
      })

      test('a command in a pod has its streams, its input and its exit code', async () => {
        const { client } = cluster
        await client.create<Pod>(
          alpine('shell', {
            command: ['sh', '-c', 'echo started; while read line; do echo "got $line"; done'],
            stdin: true,
          }),
        )
        await untilRunning(cluster, subject.clock, 'shell')
        const target = { namespace: 'contract', pod: 'shell' }
        const plain = collect()
        expect(
          await client.exec(target, ['sh', '-c', 'echo out; echo err >&2; exit 7'], plain),
        ).toEqual({ kind: 'exited', code: 7 })
        expect([plain.stdoutText(), plain.stderrText()]).toEqual(['out\n', 'err\n'])
        const piped = collect()
        expect(await client.exec(target, ['cat'], { ...piped, stdin: bytes('a line\n') })).toEqual({
          kind: 'exited',
          code: 0,
        })
        expect(piped.stdoutText()).toBe('a line\n')
        const exit: RemoteExit = await client.exec(target, ['no-such-program'], collect())
        expect(exit).not.toEqual({ kind: 'exited', code: 0 })
        await expect(
          client.exec({ namespace: 'contract', pod: 'nobody' }, ['true'], collect()),
        ).rejects.toMatchObject({ reason: 'NotFound' })
      })

      test('attaching joins the first process of a pod, and its log tells what it printed', async () => {
        const { client } = cluster
        const target = { namespace: 'contract', pod: 'shell' }
        const attached = new AbortController()
        const output = collect((text) => {
          if (text.includes('got hello')) attached.abort()
        })
        const stdin = bytes('hello\n', attached.signal)
        await client.attach(target, { ...output, stdin, signal: attached.signal })
        expect(output.stdoutText()).toContain('got hello\n')
        let log = ''
        await client.logs(target, {}, (text) => {
          log += text
        })
        expect(log).toBe('started\ngot hello\n')
        let last = ''
        await client.logs(target, { tailLines: 1 }, (text) => {
          last += text
        })
        expect(last).toBe('got hello\n')
      })

      test('policies are enforced in both directions', async () => {
        const result = await runCanary(cluster.client, {
          signal,
          clock: subject.clock,
          onAction: () => undefined,
        })
        expect(['timeout', 'refused']).toContain(result.ingress)
        expect(['timeout', 'refused']).toContain(result.egress)
      })

      test('saving is cheap and can be done at any time', async () => {
        await Promise.all([cluster.save(), cluster.save()])
      })

      test('what was made is there again after leaving by the harmless choice', async () => {
        const [harmless] = cluster.leaveChoices
        expect(harmless?.id).not.toBe('destroy')
        expect(cluster.leaveChoices.map(({ id }) => id)).toContain('destroy')
        for (const { label, sentence } of cluster.leaveChoices) {
          expect(label).not.toBe('')
          expect(sentence).not.toBe('')
        }
        const choice = harmless?.id ?? 'keep'
        await cluster.leave(choice)
        await cluster.leave(choice)
        cluster = await open()
        expect(await cluster.client.find({ ...namespaces, name: 'contract' })).toBeDefined()
        await untilRunning(cluster, subject.clock, 'shell')
      })

      test('leaving by the last choice removes what was made', async () => {
        await cluster.leave('destroy')
        cluster = await open()
        expect(await cluster.client.find({ ...namespaces, name: 'contract' })).toBeUndefined()
        await cluster.leave('destroy')
      })

      test('removing is fine where there is nothing', async () => {
        await subject.provider.remove({ signal })
        await subject.provider.remove({ signal })
        expect(await subject.leftovers()).toEqual([])
      })

      test('the kubeconfig of the learner was not touched', async () => {
        expect(await fingerprint(subject.learnerKubeconfig)).toBe(learnerFile)
      })
    },
  )
}

function alpine(name: string, container: Partial<Pod['spec']['containers'][number]>): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'contract' },
    spec: {
      containers: [{ name, image: 'alpine:3.21', imagePullPolicy: 'IfNotPresent', ...container }],
      terminationGracePeriodSeconds: 0,
    },
  }
}

async function untilRunning(cluster: Cluster, clock: Clock, name: string): Promise<void> {
  for (;;) {
    const pod = await cluster.client.get<Pod>({ ...pods, name })
    if (pod.status?.phase === 'Running' && pod.status.containerStatuses?.[0]?.ready) return
    await clock.sleep(20)
  }
}

function collect(onText: (text: string) => void = () => undefined) {
  let out = ''
  let err = ''
  return {
    stdout: (chunk: Uint8Array) => {
      out += Buffer.from(chunk).toString()
      onText(out)
    },
    stderr: (chunk: Uint8Array) => {
      err += Buffer.from(chunk).toString()
    },
    stdoutText: () => out,
    stderrText: () => err,
  }
}

/** Input that ends after its text, or, with a signal, when that aborts. */
async function* bytes(text: string, openUntil?: AbortSignal): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
  if (openUntil === undefined || openUntil.aborted) return
  await new Promise<void>((resolve) => {
    openUntil.addEventListener('abort', () => resolve(), { once: true })
  })
}

async function fingerprint(path: string): Promise<string> {
  const { mtimeMs, mode, ino } = await stat(path)
  return JSON.stringify([await readFile(path, 'utf8'), mtimeMs, mode, ino])
}
