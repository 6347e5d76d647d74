import type { Clock } from '../base/clock.ts'
import { LabError } from '../base/errors.ts'
import { type KubeClient, KubeStatusError } from '../kube/client.ts'
import {
  CANARY_NAMESPACE,
  type CanaryPods,
  CONNECTIONS,
  type Direction,
  denyPolicy,
  openCanaryPods,
  removeCanary,
} from './canary/canary-objects.ts'
import { repeatUntil } from './canary/repeat-until.ts'
import { tryConnection } from './canary/try-connection.ts'
import type { OpeningAction } from './provider.ts'

/** How a denied connection looks on a cluster: the packet is dropped, or it is rejected. */
export type DenySignature = 'timeout' | 'refused'

/** The proof that a cluster enforces NetworkPolicy, each direction by itself. */
export interface CanaryResult {
  readonly ingress: DenySignature
  readonly egress: DenySignature
  /** Seconds of the injected clock. */
  readonly seconds: number
}

export interface CanaryOptions {
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly onAction: (action: OpeningAction) => void
  /** Has to serve HTTP on port 80 and to bring BusyBox. @default nginx:alpine */
  readonly image?: string | undefined
}

const TITLES = {
  pods: 'enforcement test, three pods',
  ingress: 'enforcement test, traffic that enters',
  egress: 'enforcement test, traffic that leaves',
} as const

/** How long a policy may take to come into effect: plugins need up to some seconds, and tell nobody. */
const TAKING_EFFECT = { limitMs: 30_000, least: 10 } as const

/**
 * Proves that the cluster enforces NetworkPolicy: two pods, one connection that works, one policy, the same
 * connection blocked, the policy removed, the connection back; for ingress and for egress apart, side by side, each on a connection that the
 * other's policy does not concern. It judges by exit codes and by time measured in the pod. What it made is removed again, also after an abort.
 *
 * @throws LabError ERR_CLUSTER_NOT_ENFORCING where a denied connection went on working; ERR_CANARY_INCONCLUSIVE where the control
 * failed, so that nothing is proved; ERR_IMAGE_NOT_PULLED; ERR_CLUSTER_UNREACHABLE.
 */
export async function runCanary(client: KubeClient, options: CanaryOptions): Promise<CanaryResult> {
  const { signal, clock, onAction } = options
  const started = clock.now()
  for (const id of ['pods', 'ingress', 'egress'] as const) {
    onAction({ id: `canary-${id}`, title: TITLES[id], state: 'waiting' })
  }
  /** One line of the opening screen: runs, and says how it went and how long it took. */
  const act = async <T>(
    id: keyof typeof TITLES,
    action: () => Promise<T>,
    detail: (value: T) => string | undefined,
  ): Promise<T> => {
    const base = { id: `canary-${id}`, title: TITLES[id] }
    const since = clock.now()
    const seconds = () => (clock.now() - since) / 1000
    onAction({ ...base, state: 'running' })
    try {
      const value = await action()
      const text = detail(value)
      onAction({
        ...base,
        state: 'done',
        seconds: seconds(),
        ...(text === undefined ? {} : { detail: text }),
      })
      return value
    } catch (error) {
      onAction({ ...base, state: 'failed', seconds: seconds() })
      throw error
    }
  }

  try {
    const pods = await act(
      'pods',
      async () => {
        const opened = await openCanaryPods(client, { signal, clock, image: options.image })
        const works = (direction: Direction) =>
          expectWorking(client, opened, direction, options, 'before any policy was applied')
        await allSettled(works('ingress'), works('egress'))
        return opened
      },
      () => undefined,
    )
    const test = (direction: Direction) =>
      act(direction, () => proveDirection(client, pods, direction, options), describeFinding)
    const [ingress, egress] = await allSettled(test('ingress'), test('egress'))
    const found = { ingress, egress }
    if (ingress === 'not-enforced' || egress === 'not-enforced') {
      throw notEnforcing(
        (['ingress', 'egress'] as const).filter((name) => found[name] === 'not-enforced'),
      )
    }
    return { ingress, egress, seconds: (clock.now() - started) / 1000 }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof KubeStatusError) throw refused(error)
    throw error
  } finally {
    await removeCanary(client, clock)
  }
}

/** Both results, or the first failure once both are over: what is made must not be removed under a test that still runs. */
async function allSettled<T>(first: Promise<T>, second: Promise<T>): Promise<readonly [T, T]> {
  await Promise.allSettled([first, second])
  return Promise.all([first, second])
}

/** One policy of one direction: applied, seen to bite, removed, seen to be gone. */
async function proveDirection(
  client: KubeClient,
  pods: CanaryPods,
  direction: Direction,
  options: CanaryOptions,
): Promise<DenySignature | 'not-enforced'> {
  const { signal, clock } = options
  const policy = denyPolicy(direction)
  await client.create(policy, { signal })
  const denied = await repeatUntil(
    () => tryConnection(client, { ...endsOf(pods, direction), signal }),
    (attempt) => attempt !== 'connected',
    { ...TAKING_EFFECT, clock, signal },
  )
  await client.delete(
    {
      apiVersion: policy.apiVersion,
      plural: 'networkpolicies',
      namespace: CANARY_NAMESPACE,
      name: policy.metadata.name,
    },
    { signal },
  )
  if (denied === 'connected') return 'not-enforced'
  await expectWorking(client, pods, direction, options, `after the ${direction} policy was removed`)
  return denied
}

/** The positive control. Where it fails, "blocked" would prove nothing. */
async function expectWorking(
  client: KubeClient,
  pods: CanaryPods,
  direction: Direction,
  options: CanaryOptions,
  when: string,
): Promise<void> {
  const { signal, clock } = options
  const seen = await repeatUntil(
    () => tryConnection(client, { ...endsOf(pods, direction), signal }),
    (attempt) => attempt === 'connected',
    { ...TAKING_EFFECT, clock, signal },
  )
  if (seen === 'connected') return
  throw new LabError('ERR_CANARY_INCONCLUSIVE', 'The enforcement test proves nothing here.', {
    why: `Two pods in namespace ${CANARY_NAMESPACE} could not talk (${seen}) ${when}.`,
    next: [
      'Look for policies that already govern every pod: kubectl get networkpolicies -A',
      'Use another cluster, for example the simulated one.',
    ],
  })
}

/** The pod that calls, and the address that it calls. */
function endsOf(pods: CanaryPods, direction: Direction) {
  const { from, to } = CONNECTIONS[direction]
  return { namespace: CANARY_NAMESPACE, pod: from, address: pods[to] }
}

function describeFinding(found: DenySignature | 'not-enforced'): string {
  if (found === 'not-enforced') return 'the policy had no effect'
  return found === 'timeout' ? 'a denied connection times out' : 'a denied connection is refused'
}

function notEnforcing(directions: readonly Direction[]): LabError {
  const what = directions.length === 2 ? 'policies' : `${directions[0]} policies`
  return new LabError(
    'ERR_CLUSTER_NOT_ENFORCING',
    `This cluster accepts ${what} and does not enforce them.`,
    {
      why: `A connection that a policy denies went on working for ${TAKING_EFFECT.limitMs / 1000} s (${directions.join(' and ')}).`,
      next: [
        'Use a network plugin that enforces NetworkPolicy: Calico, Cilium, Antrea, or kind 0.24 and newer.',
        'minikube: minikube start --cni=calico',
        'GKE: gcloud container clusters update NAME --enable-network-policy',
        'Use the simulated cluster. Every lesson runs there too.',
      ],
    },
  )
}

function refused(error: KubeStatusError): LabError {
  return new LabError('ERR_CANARY_INCONCLUSIVE', 'The enforcement test could not be carried out.', {
    why: `The API server answered: ${error.message}`,
    next: [
      'The lab needs to create namespaces, pods and network policies, and to run commands in its own pods.',
      'See what you may do: kubectl auth can-i create namespaces',
    ],
    cause: error,
  })
}
