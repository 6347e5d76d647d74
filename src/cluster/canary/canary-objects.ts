import type { Clock } from '../../base/clock.ts'
import { LabError } from '../../base/errors.ts'
import { type KubeClient, KubeStatusError } from '../../kube/client.ts'
import type { Namespace, NetworkPolicy, Pod } from '../../kube/objects.ts'
import { isOfTheLab, LAB_LABELS } from '../ownership.ts'
import { repeatUntil } from './repeat-until.ts'

export const CANARY_NAMESPACE = 'netpol-lab-canary'

/**
 * Each direction has a connection of its own, so that both can be tested at the same time: `client` calls `server`, whose ingress is
 * denied, and `sender`, whose egress is denied, calls `client`. No policy selects `client`, so neither test disturbs the other.
 */
export const CONNECTIONS = {
  ingress: { from: 'client', to: 'server', denied: 'server' },
  egress: { from: 'sender', to: 'client', denied: 'sender' },
} as const

export type Direction = keyof typeof CONNECTIONS

const PODS = ['client', 'server', 'sender'] as const

/** The addresses of the pods. */
export type CanaryPods = Readonly<Record<(typeof PODS)[number], string>>

const NAMESPACE_REF = { apiVersion: 'v1', plural: 'namespaces', name: CANARY_NAMESPACE } as const

/** Pods start within seconds once the image is there; a pull over a slow line takes longer. */
const STARTING = { limitMs: 180_000, least: 200 } as const
const LEFTOVER_GOING = { limitMs: 60_000, least: 100 } as const
const GOING = { limitMs: 10_000, least: 50 } as const
/** Of the computer's time: a cluster that went away must not hold up the way out. */
const CLEAN_UP_MS = 20_000

/**
 * Makes the namespace and the three pods, and waits until all run. Leftovers of an earlier test go first.
 * Returns their addresses.
 */
export async function openCanaryPods(
  client: KubeClient,
  options: {
    readonly signal: AbortSignal
    readonly clock: Clock
    readonly image?: string | undefined
  },
): Promise<CanaryPods> {
  const { signal, clock, image = 'nginx:alpine' } = options
  const leftover = await client.find<Namespace>(NAMESPACE_REF, { signal })
  if (leftover !== undefined) {
    if (!isOfTheLab(leftover)) {
      throw new LabError(
        'ERR_CANARY_INCONCLUSIVE',
        `There is a namespace ${CANARY_NAMESPACE} that the lab did not make.`,
        { next: [`Look at it, and remove it yourself: kubectl get all -n ${CANARY_NAMESPACE}`] },
      )
    }
    await deleteNamespace(client, signal)
    await waitUntilGone(client, LEFTOVER_GOING, { clock, signal })
  }
  await client.create<Namespace>(
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: CANARY_NAMESPACE, labels: { ...LAB_LABELS } },
    },
    { signal },
  )
  await Promise.all(PODS.map((name) => createPod(client, canaryPod(name, image), options)))
  const running = (name: (typeof PODS)[number]) => waitUntilRunning(client, name, image, options)
  const [calling, serving, sending] = await Promise.all([
    running('client'),
    running('server'),
    running('sender'),
  ])
  return { client: calling, server: serving, sender: sending }
}

/** Denies everything in one direction for the end of the connection that this direction judges. */
export function denyPolicy(direction: Direction): NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `deny-${direction}`, namespace: CANARY_NAMESPACE },
    spec: {
      podSelector: { matchLabels: { canary: CONNECTIONS[direction].denied } },
      policyTypes: [direction === 'ingress' ? 'Ingress' : 'Egress'],
    },
  }
}

/** Removes everything; fine where there is nothing. Has its own time, because the test may have been aborted. */
export async function removeCanary(client: KubeClient, clock: Clock): Promise<void> {
  const signal = AbortSignal.timeout(CLEAN_UP_MS)
  try {
    const namespace = await client.find<Namespace>(NAMESPACE_REF, { signal })
    if (namespace === undefined || !isOfTheLab(namespace)) return
    await deleteNamespace(client, signal)
    // It ends by itself from here on; the wait only spares the learner the sight of it.
    await waitUntilGone(client, GOING, { clock, signal })
  } catch (error) {
    // The reason why the test ended says more than a failed clean-up, and the next test cleans up first.
    if (!isExpected(error, signal)) throw error
  }
}

function isExpected(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || error instanceof KubeStatusError || error instanceof LabError
}

function canaryPod(name: string, image: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: CANARY_NAMESPACE, labels: { canary: name } },
    spec: {
      containers: [{ name: 'nginx', image, imagePullPolicy: 'IfNotPresent' }],
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
    },
  }
}

/** A new namespace gets its service account a moment later; until then pods are refused (kubernetes#66689). */
async function createPod(
  client: KubeClient,
  pod: Pod,
  options: { readonly signal: AbortSignal; readonly clock: Clock },
): Promise<void> {
  const { signal, clock } = options
  for (let turn = 1; ; turn++) {
    try {
      await client.create(pod, { signal })
      return
    } catch (error) {
      const early = error instanceof KubeStatusError && error.code === 403 && turn < 20
      if (!early) throw error
      await clock.sleep(200, { signal })
    }
  }
}

async function waitUntilRunning(
  client: KubeClient,
  name: string,
  image: string,
  options: { readonly signal: AbortSignal; readonly clock: Clock },
): Promise<string> {
  const { signal } = options
  const ref = { apiVersion: 'v1', plural: 'pods', namespace: CANARY_NAMESPACE, name }
  const pod = await repeatUntil(
    () => client.get<Pod>(ref, { signal }),
    (seen) => runningAddress(seen) !== undefined || pullFailure(seen) !== undefined,
    { ...STARTING, ...options },
  )
  const address = runningAddress(pod)
  if (address !== undefined) return address
  const failure = pullFailure(pod)
  if (failure !== undefined) {
    throw new LabError('ERR_IMAGE_NOT_PULLED', `The cluster cannot pull the image ${image}.`, {
      why: failure,
      next: ['Check that the nodes reach the registry of the image, then try again.'],
    })
  }
  const waiting = pod.status?.containerStatuses?.[0]?.state?.waiting
  const found = waiting?.reason ?? pod.status?.phase ?? 'unknown'
  throw new LabError('ERR_CANARY_INCONCLUSIVE', 'The pods of the enforcement test do not start.', {
    why: `Pod ${CANARY_NAMESPACE}/${name} is ${found} after ${STARTING.limitMs / 1000} s. ${waiting?.message ?? unscheduled(pod)}`,
    next: ['Look at what the cluster says: kubectl get events -A'],
  })
}

function runningAddress(pod: Pod): string | undefined {
  const ready = pod.status?.containerStatuses?.[0]?.ready
  return pod.status?.phase === 'Running' && ready !== false ? pod.status.podIP : undefined
}

function pullFailure(pod: Pod): string | undefined {
  const waiting = pod.status?.containerStatuses?.[0]?.state?.waiting
  const failed = ['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName']
  return waiting !== undefined && failed.includes(waiting.reason)
    ? (waiting.message ?? waiting.reason)
    : undefined
}

function unscheduled(pod: Pod): string {
  return pod.status?.conditions?.find((condition) => condition.status === 'False')?.message ?? ''
}

async function deleteNamespace(client: KubeClient, signal: AbortSignal): Promise<void> {
  try {
    await client.delete(NAMESPACE_REF, { signal })
  } catch (error) {
    // Gone, or going already.
    const fine = error instanceof KubeStatusError && (error.code === 404 || error.code === 409)
    if (!fine) throw error
  }
}

async function waitUntilGone(
  client: KubeClient,
  limits: { readonly limitMs: number; readonly least: number },
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  await repeatUntil(
    () => client.find(NAMESPACE_REF, { signal: options.signal }),
    (seen) => seen === undefined,
    { ...limits, ...options },
  )
}
