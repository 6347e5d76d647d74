import { LabError } from '../../base/errors.ts'
import { type KubeClient, KubeStatusError } from '../../kube/client.ts'
import { foreignPods, foreignPolicies, SHARED_NAMESPACE } from './ownership-rules.ts'

const ANSWER_MS = 15_000

/** The cluster answers, and answers this user. */
export async function expectAnswer(
  client: KubeClient,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.timeout(ANSWER_MS)
  try {
    await client.list(
      { apiVersion: 'v1', plural: 'namespaces' },
      { signal: AbortSignal.any([signal, limit]) },
    )
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof LabError) throw error
    const why =
      error instanceof KubeStatusError
        ? `${client.server} answered: ${error.message}`
        : limit.aborted
          ? `${client.server}: no answer in ${ANSWER_MS / 1000} s`
          : undefined
    if (why === undefined) throw error
    throw new LabError('ERR_CLUSTER_UNREACHABLE', `The cluster of "${name}" cannot be used.`, {
      why,
      next: [`See what kubectl says: kubectl --context ${name} get namespaces`],
      cause: error,
    })
  }
}

/** Lessons work in `default`. Where somebody's pods or policies are there, the lab would disturb them, or they the lab. */
export async function expectFree(
  client: KubeClient,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const pods = await foreignPods(client, SHARED_NAMESPACE, signal)
  const policies = await foreignPolicies(client, SHARED_NAMESPACE, signal)
  if (pods.length + policies.length === 0) return
  const list = (what: string, names: readonly string[]) =>
    names.length === 0
      ? []
      : [`${what}: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`]
  throw new LabError(
    'ERR_NAMESPACE_IN_USE',
    `Namespace "${SHARED_NAMESPACE}" of the cluster "${name}" is in use.`,
    {
      why: [
        "Lessons apply policies there, which would govern pods that are not the lab's.",
        ...list('Pods', pods),
        ...list('Policies', policies),
      ].join('\n'),
      next: [
        'Use a cluster whose namespace "default" is empty, for example a new one of kind, k3d or minikube.',
        'Or use the simulated cluster.',
      ],
    },
  )
}
