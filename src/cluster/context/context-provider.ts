import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { LabError } from '../../base/errors.ts'
import type { KubeClient } from '../../kube/client.ts'
import { isNodeError } from '../../platform/node-error.ts'
import { createActions } from '../actions.ts'
import { openKubeClient } from '../kube-client.ts'
import { writeKubeconfig } from '../kubeconfig-file.ts'
import type { Cluster, ClusterProvider, LeaveChoice, OpenOptions, Readiness } from '../provider.ts'
import { expectAnswer, expectFree } from './context-checks.ts'
import { createGuardedClient } from './guarded-client.ts'
import { type Kubeconfigs, readKubeconfigs } from './kubeconfigs.ts'
import { SHARED_NAMESPACE } from './ownership-rules.ts'
import { removeMade } from './remove-made.ts'

export interface ContextProviderOptions {
  /** Folder of all clusters of the lab. */
  readonly folder: string
  /** The learner's kubeconfig files, as kubectl looks for them. */
  readonly kubeconfigPaths: readonly string[]
  /** Of the computer. */
  readonly clock: Clock
}

const CHOICES: readonly LeaveChoice[] = [
  {
    id: 'keep',
    label: 'Keep what the lab made',
    sentence: 'the next start goes on from here; the pods stay in your cluster',
  },
  {
    id: 'destroy',
    label: 'Remove what the lab made',
    sentence: 'your cluster is as it was; the steps so far run again at the next start',
  },
]

/** Works in a cluster of the learner, named by a context of their kubeconfig, after an explicit yes. */
export function createContextProvider(options: ContextProviderOptions): ClusterProvider {
  const folder = join(options.folder, 'context')
  return {
    kind: 'context',
    title: 'A cluster you have',
    about: 'The lab changes only what it made there. Your kubeconfig is read and never changed.',
    detect: async () => readinessOf(await readKubeconfigs(options.kubeconfigPaths)),
    open: (open) => openContext(options, folder, open),
    remove: async ({ signal }) => {
      for (const name of await copiesIn(folder)) {
        const path = join(folder, name)
        const client = await openKubeClient({ kubeconfig: path })
        try {
          await removeMade(client, { clock: options.clock, signal })
        } finally {
          client.close()
        }
        await rm(path, { force: true })
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function readinessOf(found: Kubeconfigs): Readiness {
  const names = found.contexts.map(({ name }) => name)
  const broken = found.broken.length === 0 ? '' : ` Not readable: ${found.broken.join('; ')}`
  if (names.length === 0) {
    return {
      state: 'not-ready',
      word: 'none found',
      found: `No context was found in your kubeconfig.${broken}`,
      fixes: [{ label: 'List what kubectl sees', command: 'kubectl config get-contexts' }],
    }
  }
  return {
    // Also with one: nobody's cluster is used without being asked for.
    state: 'choice-needed',
    word: `${names.length} found`,
    found: `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}.${broken}`,
    fixes: [],
    // The one that kubectl uses now comes first.
    choices: names.toSorted(
      (one, other) => Number(other === found.current) - Number(one === found.current),
    ),
  }
}

async function openContext(
  options: ContextProviderOptions,
  folder: string,
  { signal, onAction, context, consent }: OpenOptions,
): Promise<Cluster> {
  signal.throwIfAborted()
  const { clock } = options
  const found = await readKubeconfigs(options.kubeconfigPaths)
  const name = chooseContext(found, context)
  const content = found.extract(name)
  const server = found.contexts.find((entry) => entry.name === name)?.server ?? ''
  if (content === undefined) throw unknownContext(found, name)
  if (consent !== true) {
    throw new LabError(
      'ERR_CONSENT_NEEDED',
      `The lab uses the cluster of "${name}" only after your yes.`,
      {
        why: [
          `It is ${server}.`,
          'The lab would make namespaces there, each labelled as its own, and pods, services and policies in them and in "default", each marked.',
          'It changes and removes nothing that it did not make. Your kubeconfig is read and never changed.',
        ].join('\n'),
        next: [`Say yes: --cluster context --context ${name} --yes`],
      },
    )
  }

  const act = createActions(onAction, clock)
  const kubeconfig = join(folder, `${encodeURIComponent(name)}.kubeconfig`)
  const before = await copiesIn(folder)
  await writeKubeconfig(kubeconfig, content)
  let client: KubeClient | undefined
  try {
    client = await openKubeClient({ kubeconfig })
    const opened = client
    await act('context', `cluster ${name} answers`, () => expectAnswer(opened, name, signal))
    await act('default', `namespace ${SHARED_NAMESPACE} is free for lessons`, () =>
      expectFree(opened, name, signal),
    )
  } catch (error) {
    client?.close()
    if (!before.includes(`${encodeURIComponent(name)}.kubeconfig`))
      await rm(kubeconfig, { force: true })
    signal.throwIfAborted()
    throw error
  }

  const opened = client
  let left: Promise<void> | undefined
  const leave = async (choice: LeaveChoice['id']) => {
    try {
      if (choice === 'destroy') {
        await removeMade(opened, { clock, signal: AbortSignal.timeout(120_000) })
        await rm(kubeconfig, { force: true })
      }
    } finally {
      opened.close()
    }
  }
  return {
    kind: 'context',
    title: `cluster ${name}`,
    kubeconfig,
    client: createGuardedClient(opened),
    leaveChoices: CHOICES,
    // The cluster keeps its own state.
    save: () => Promise.resolve(),
    leave: (choice) => {
      left ??= leave(choice)
      return left
    },
  }
}

function chooseContext(found: Kubeconfigs, asked: string | undefined): string {
  if (asked !== undefined) {
    if (found.contexts.some(({ name }) => name === asked)) return asked
    throw unknownContext(found, asked)
  }
  const [only, ...others] = found.contexts
  if (only !== undefined && others.length === 0) return only.name
  throw new LabError(
    'ERR_UNKNOWN_CLUSTER',
    only === undefined
      ? 'No context was found in your kubeconfig.'
      : 'Which cluster? Name its context.',
    {
      why: namesOf(found),
      next: ['Name one: --cluster context --context NAME', 'Or use the simulated cluster.'],
    },
  )
}

function unknownContext(found: Kubeconfigs, name: string): LabError {
  return new LabError(
    'ERR_UNKNOWN_CLUSTER',
    `There is no usable context "${name}" in your kubeconfig.`,
    {
      why: namesOf(found),
      next: ['List them: kubectl config get-contexts'],
    },
  )
}

function namesOf(found: Kubeconfigs): string {
  const names = found.contexts.map(({ name }) => name)
  return [
    names.length === 0 ? 'It has no contexts.' : `It has: ${names.join(', ')}.`,
    ...found.broken,
  ].join('\n')
}

async function copiesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.kubeconfig'))
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return []
    throw error
  }
}
