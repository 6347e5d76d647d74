import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/policy/evaluate.ts'
import { egressWorld, flow, pod, policy, tcp, udp, withPolicies } from './worlds.ts'

const server = pod('dns', { app: 'dns' }, '10.244.0.50', [
  udp(53, 'dns'),
  tcp(5353, 'dns'),
  tcp(53),
])
const world = { ...egressWorld, pods: [...egressWorld.pods, server] }

function allows(protocol: 'TCP' | 'UDP' | undefined, text: string): boolean {
  const entry = { port: 'dns', ...(protocol === undefined ? {} : { protocol }) }
  const named = policy('p', {
    podSelector: { matchLabels: { app: 'dns' } },
    ingress: [{ ports: [entry] }],
  })
  return evaluate(withPolicies(world, named), flow(text)).allowed
}

describe('a port by its name', () => {
  it('is the port of that name and that protocol, on the pod that is called', () => {
    expect(allows('UDP', 'test -> dns:53/UDP')).toBe(true)
    expect(allows(undefined, 'test -> dns:5353/TCP')).toBe(true)
  })

  it('is not the number that the name has for another protocol', () => {
    expect(allows(undefined, 'test -> dns:53/TCP')).toBe(false)
    expect(allows('UDP', 'test -> dns:5353/UDP')).toBe(false)
  })

  it('opens nothing for another protocol', () => {
    expect(allows(undefined, 'test -> dns:53/UDP')).toBe(false)
    expect(allows('UDP', 'test -> dns:5353/TCP')).toBe(false)
  })
})
