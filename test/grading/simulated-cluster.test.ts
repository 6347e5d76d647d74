import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Cluster } from '../../src/cluster/provider.ts'
import { createSimulatedProvider } from '../../src/cluster/simulated/simulated-provider.ts'
import { findPod } from '../../src/grading/find-pod.ts'
import { runProbe } from '../../src/grading/probe.ts'
import type { KubeObject, NetworkPolicy } from '../../src/kube/objects.ts'
import type { ProbeSpec } from '../../src/lessons/model.ts'
import { createFastClock } from '../../src/platform/fast-clock.ts'
import { policy } from '../policy/worlds.ts'
import { fakePod } from './support/fake-cluster.ts'

const { signal } = new AbortController()
const foo = { matchLabels: { app: 'foo' } }
const denyEgress = policy('foo-deny-egress', { podSelector: foo, policyTypes: ['Egress'] })
const anyDns = policy('foo-deny-egress', {
  podSelector: foo,
  policyTypes: ['Egress'],
  egress: [
    {
      ports: [
        { port: 53, protocol: 'UDP' },
        { port: 53, protocol: 'TCP' },
      ],
    },
  ],
})

/** A pod to create: without what a kubelet would fill in. */
function newPod(name: string, labels: Record<string, string>, image: string): KubeObject {
  const { apiVersion, kind } = fakePod(name, labels, '')
  const command = image === 'alpine' ? { command: ['sleep', 'infinity'] } : {}
  const containers = [{ name, image, ...command }]
  return Object.assign(
    { apiVersion, kind },
    {
      metadata: { name, namespace: 'default', labels },
      spec: { containers, terminationGracePeriodSeconds: 0 },
    },
  )
}

describe('probes on the simulated cluster', () => {
  let folder = ''
  let cluster: Cluster

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netpol-lab-grading-'))
    const provider = createSimulatedProvider({ folder, clock: createFastClock() })
    cluster = await provider.open({ signal, onAction: () => {}, images: [] })
    await cluster.client.create(newPod('web', { app: 'web' }, 'nginx'))
    await cluster.client.create(newPod('test', { app: 'foo' }, 'alpine'))
    await cluster.client.create(newPod('bar', { app: 'bar' }, 'alpine'))
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    }
    await cluster.client.create(service)
    for (const pod of ['web', 'test', 'bar']) {
      const found = await findPod(cluster.client, { namespace: 'default', pod }, signal)
      expect(found.kind).toBe('found')
    }
  })

  afterAll(async () => {
    await cluster.leave('destroy')
    await rm(folder, { recursive: true, force: true })
  })

  async function withPolicy(one: NetworkPolicy | undefined, probes: readonly Partial<ProbeSpec>[]) {
    if (one !== undefined) await cluster.client.create(one)
    try {
      return await Promise.all(
        probes.map(async (part) => {
          const result = await runProbe(
            cluster.client,
            {
              from: { namespace: 'default', pod: 'test' },
              to: 'web',
              port: 80,
              protocol: 'TCP',
              control: { namespace: 'default', pod: 'bar' },
              ...part,
            },
            { signal },
          )
          if (result.kind === 'inconclusive') return result.reason
          const { facts, engine } = result
          return `${facts.name.kind} ${facts.outcome} ${engine?.outcome}`
        }),
      )
    } finally {
      if (one !== undefined) {
        await cluster.client.delete({
          apiVersion: 'networking.k8s.io/v1',
          plural: 'networkpolicies',
          namespace: 'default',
          name: one.metadata.name,
        })
      }
    }
  }

  const dns = { to: 'pod/kube-system/k8s-app=kube-dns', port: 53 }

  it('see what nothing closes', async () => {
    const noControl = { control: undefined }
    expect(
      await withPolicy(undefined, [
        {},
        { to: 'service/web' },
        { to: 'www.example.com' },
        dns,
        { ...dns, protocol: 'UDP' },
        { to: 'pod/web', protocol: 'ICMP', port: undefined },
        { to: 'pod/web', port: 81, ...noControl },
        { to: 'nosuch', ...noControl },
      ] as Partial<ProbeSpec>[]),
    ).toEqual([
      'answered connected connected',
      'not-asked connected connected',
      'answered connected connected',
      'not-asked connected connected',
      'not-asked connected connected',
      'not-asked connected connected',
      'not-asked refused refused',
      'no-such-name no-such-name no-such-name',
    ])
  })

  it('see that a closed exit closes the name service first', async () => {
    expect(
      await withPolicy(denyEgress, [{}, { to: 'www.example.com' }, { to: 'service/web' }, dns]),
    ).toEqual([
      'unreachable dns-failure dns-failure',
      'unreachable dns-failure dns-failure',
      'not-asked timeout timeout',
      'not-asked timeout timeout',
    ])
  })

  it('see that names come back with port 53, and connections do not', async () => {
    expect(
      await withPolicy(anyDns, [
        {},
        { to: 'www.example.com' },
        dns,
        { ...dns, protocol: 'UDP' },
        { to: 'pod/web', protocol: 'ICMP' },
      ]),
    ).toEqual([
      'answered timeout timeout',
      'answered timeout timeout',
      'not-asked connected connected',
      'not-asked connected connected',
      'not-asked timeout timeout',
    ])
  })
})
