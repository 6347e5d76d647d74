import { type KubeClient, KubeStatusError } from '../../../src/kube/client.ts'
import type { NetworkPolicy } from '../../../src/kube/objects.ts'
import { failure } from './scripted-server.ts'

/** How a pretended cluster treats the canary. */
export interface Behaviour {
  readonly enforces?: { readonly ingress: boolean; readonly egress: boolean }
  readonly denies?: 'timeout' | 'refused'
  /** The two pods can talk at all. */
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
export function createTwoPodCluster(behaviour: Behaviour): {
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
  let lag = 0
  const notFound = (name: string) =>
    new KubeStatusError({
      ...failure(404, 'NotFound', `${name} not found`),
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      metadata: {},
    })
  const unsupported = () => Promise.reject(new Error('the canary does not ask for this'))
  const denied = () => {
    const { enforces = { ingress: true, egress: true } } = behaviour
    const policies = [...objects].filter(([key]) => key.startsWith('networkpolicies/'))
    const bites = policies.some(([, policy]) => {
      const types = (policy as NetworkPolicy).spec.policyTypes ?? []
      return (
        (types.includes('Ingress') && enforces.ingress) ||
        (types.includes('Egress') && enforces.egress)
      )
    })
    if (lag > 0) {
      lag--
      return !bites
    }
    return bites
  }
  const read = async (ref: { readonly plural: string; readonly name?: string | undefined }) => {
    if (ref.plural !== 'pods') return objects.get(`${ref.plural}/${ref.name}`)
    const waiting = { reason: 'ErrImagePull', message: behaviour.pullError }
    return {
      metadata: { name: ref.name },
      status:
        behaviour.pullError === undefined
          ? { phase: 'Running', podIP: '10.0.0.7', containerStatuses: [{ ready: true }] }
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
      if (plural === 'networkpolicies') lag = behaviour.lag ?? 0
      return object
    },
    delete: async (ref: { readonly plural: string; readonly name?: string | undefined }) => {
      if (ref.plural === 'namespaces') objects.clear()
      else objects.delete(`${ref.plural}/${ref.name}`)
      if (ref.plural === 'networkpolicies') lag = behaviour.lag ?? 0
    },
    exec: async (
      _target: unknown,
      _command: unknown,
      streams: { readonly stdout: (chunk: Uint8Array) => void },
    ) => {
      behaviour.onExec?.()
      const blocked = behaviour.connects === false || denied()
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
