import { type KubeClient, KubeStatusError } from '../../../src/kube/client.ts'
import type { NetworkPolicy } from '../../../src/kube/objects.ts'
import { failure } from './scripted-server.ts'

/** How a pretended cluster treats the canary. */
export interface Behaviour {
  readonly enforces?: { readonly ingress: boolean; readonly egress: boolean }
  readonly denies?: 'timeout' | 'refused'
  /** The pods can talk at all. */
  readonly connects?: boolean
  readonly pullError?: string
  /** Exit code of the shell's last probe where the tool itself is missing. */
  readonly probeExit?: number
  readonly forbids?: boolean
  readonly namespace?: { readonly labels: Record<string, string> }
  /** Answers that a policy takes to come into effect, or to go. */
  readonly lag?: number
  readonly onExec?: () => void
}

/** As much of a cluster as the canary asks for; it keeps what is there, so that leftovers show. */
export function createCanaryCluster(behaviour: Behaviour): {
  readonly client: KubeClient
  readonly objects: Map<string, object>
} {
  const objects = new Map<string, object>()
  if (behaviour.namespace !== undefined) {
    objects.set('namespaces/netpol-lab-canary', {
      metadata: { name: 'netpol-lab-canary', ...behaviour.namespace },
    })
  }
  let clock = 100
  /** Every policy that was made; one that was deleted may go on for a while. */
  const policies = new Map<string, { policy: NetworkPolicy; present: boolean; lag: number }>()
  const notFound = (name: string) =>
    new KubeStatusError({
      ...failure(404, 'NotFound', `${name} not found`),
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      metadata: {},
    })
  const unsupported = () => Promise.reject(new Error('the canary does not ask for this'))
  /** Whether a connection from one pod to another is denied; each look brings late policies nearer. */
  const denied = (from: string, to: string) => {
    const { enforces = { ingress: true, egress: true } } = behaviour
    let isDenied = false
    for (const entry of policies.values()) {
      const { podSelector, policyTypes } = entry.policy.spec
      const isIngress = policyTypes?.includes('Ingress') === true
      if (podSelector?.matchLabels?.canary !== (isIngress ? to : from)) continue
      const inEffect = entry.lag > 0 ? !entry.present : entry.present
      if (entry.lag > 0) entry.lag--
      if (inEffect && (isIngress ? enforces.ingress : enforces.egress)) isDenied = true
    }
    return isDenied
  }
  const read = async (ref: { readonly plural: string; readonly name?: string | undefined }) => {
    if (ref.plural !== 'pods') return objects.get(`${ref.plural}/${ref.name}`)
    const waiting = { reason: 'ErrImagePull', message: behaviour.pullError }
    return {
      metadata: { name: ref.name },
      status:
        behaviour.pullError === undefined
          ? {
              phase: 'Running',
              podIP: addressOf(String(ref.name)),
              containerStatuses: [{ ready: true }],
            }
          : { phase: 'Pending', containerStatuses: [{ ready: false, state: { waiting } }] },
    }
  }
  const client = {
    server: 'https://pretended',
    namespace: 'default',
    request: unsupported,
    list: unsupported,
    replace: unsupported,
    patch: unsupported,
    watch: unsupported,
    attach: unsupported,
    logs: unsupported,
    close: () => undefined,
    find: read,
    get: async (ref: { readonly plural: string; readonly name?: string | undefined }) => {
      const found = await read(ref)
      if (found === undefined) throw notFound(String(ref.name))
      return found
    },
    create: async (object: {
      readonly kind: string
      readonly metadata: { readonly name: string }
    }) => {
      if (behaviour.forbids) {
        throw new KubeStatusError({
          ...notFound('').status,
          reason: 'Forbidden',
          code: 422,
          message: 'namespaces is forbidden: User "ada" cannot create',
        })
      }
      const plural =
        object.kind === 'NetworkPolicy' ? 'networkpolicies' : `${object.kind.toLowerCase()}s`
      objects.set(`${plural}/${object.metadata.name}`, object)
      if (plural === 'networkpolicies') {
        const policy = object as NetworkPolicy
        policies.set(policy.metadata.name, { policy, present: true, lag: behaviour.lag ?? 0 })
      }
      return object
    },
    delete: async (ref: { readonly plural: string; readonly name?: string | undefined }) => {
      if (ref.plural === 'namespaces') {
        objects.clear()
        policies.clear()
      } else objects.delete(`${ref.plural}/${ref.name}`)
      const entry = policies.get(String(ref.name))
      if (ref.plural !== 'networkpolicies' || entry === undefined) return
      entry.present = false
      entry.lag = behaviour.lag ?? 0
    },
    exec: async (
      target: { readonly pod: string },
      command: readonly string[],
      streams: { readonly stdout: (chunk: Uint8Array) => void },
    ) => {
      behaviour.onExec?.()
      const blocked = behaviour.connects === false || denied(target.pod, calledIn(command))
      const { denies = 'timeout' } = behaviour
      const start = clock
      clock += blocked && denies === 'timeout' ? 2.01 : 0.01
      const code = behaviour.probeExit ?? (blocked ? 1 : 0)
      streams.stdout(Buffer.from(`${code} ${start.toFixed(2)} ${clock.toFixed(2)}\n`))
      return { kind: 'exited', code: 0 } as const
    },
  }
  // The port is generic over objects; this stand-in knows three kinds and nothing of types.
  return { client: client as KubeClient, objects }
}

const ADDRESSES = new Map([
  ['10.0.0.5', 'client'],
  ['10.0.0.6', 'server'],
  ['10.0.0.7', 'sender'],
])

function addressOf(pod: string): string | undefined {
  return [...ADDRESSES].find(([, name]) => name === pod)?.[0]
}

/** The pod whose address a command names. */
function calledIn(command: readonly string[]): string {
  const words = command.join(' ').split(' ')
  return words.map((word) => ADDRESSES.get(word)).find((name) => name !== undefined) ?? ''
}
