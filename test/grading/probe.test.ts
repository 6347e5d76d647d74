import { describe, expect, it } from 'vitest'
import { createStateReader } from '../../src/grading/cluster-state.ts'
import { runProbe } from '../../src/grading/probe.ts'
import { candidatesOf, parseResolver } from '../../src/grading/resolve-name.ts'
import type { Pod } from '../../src/kube/objects.ts'
import type { ProbeSpec } from '../../src/lessons/model.ts'
import { policy } from '../policy/worlds.ts'
import { egressCluster, type FakeCluster, fakePod } from './support/fake-cluster.ts'

const signal = new AbortController().signal
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

function probe(to: string, rest: Partial<ProbeSpec> = {}): ProbeSpec {
  return {
    from: { namespace: 'default', pod: 'test' },
    to,
    port: 80,
    protocol: 'TCP',
    control: { namespace: 'default', pod: 'bar' },
    ...rest,
  }
}

async function observe(cluster: FakeCluster, spec: ProbeSpec, denySignature?: 'refused') {
  const options = denySignature === undefined ? { signal } : { signal, denySignature }
  const result = await runProbe(cluster.client, spec, options)
  if (result.kind === 'inconclusive') return result.reason
  const { facts, engine } = result
  return [facts.name.kind, facts.outcome, engine?.outcome].join(' ')
}

describe('a probe', () => {
  it('connects where nothing is closed, by name and by reference', async () => {
    const cluster = egressCluster()
    expect(await observe(cluster, probe('web'))).toBe('answered connected connected')
    expect(await observe(cluster, probe('service/web'))).toBe('not-asked connected connected')
    expect(await observe(cluster, probe('pod/app=web'))).toBe('not-asked connected connected')
    expect(await observe(cluster, probe('pod/watch/lighthouse'))).toBe(
      'not-asked connected connected',
    )
    expect(await observe(cluster, probe('www.example.com'))).toBe('answered connected connected')
  })

  it('tells a name server that is out of reach from a connection that dies', async () => {
    expect(await observe(egressCluster(denyEgress), probe('web'))).toBe(
      'unreachable dns-failure dns-failure',
    )
    expect(await observe(egressCluster(anyDns), probe('web'))).toBe('answered timeout timeout')
    expect(await observe(egressCluster(denyEgress), probe('service/web'))).toBe(
      'not-asked timeout timeout',
    )
  })

  it('asks nobody else once a question stayed unanswered, as a resolver does', async () => {
    const cluster = egressCluster(denyEgress)
    await observe(cluster, probe('web'))
    expect(cluster.executed.filter((line) => line.startsWith('test: nslookup'))).toEqual([
      "test: nslookup -type=a 'web.default.svc.cluster.local' '10.96.0.10' 2>&1",
    ])
  })

  it('tells a name that is not there from a name server that is out of reach', async () => {
    const { control: _, ...noControl } = probe('nosuch')
    expect(await observe(egressCluster(), noControl)).toBe('no-such-name no-such-name no-such-name')
    // Rejected packets come back as fast as answers do.
    const rejecting = egressCluster(denyEgress)
    rejecting.flaws = { rejects: true }
    expect(await observe(rejecting, probe('web'), 'refused')).toContain('dns-failure dns-failure')
  })

  it('tells a closed port and a service without pods by their quick refusal', async () => {
    const { control: _, ...noControl } = probe('service/web', { port: 81 })
    expect(await observe(egressCluster(), { ...noControl, to: 'pod/web' })).toBe(
      'not-asked refused refused',
    )
    expect(await observe(egressCluster(), { ...noControl, to: 'empty', port: 80 })).toBe(
      'answered refused refused',
    )
    expect(await observe(egressCluster(), noControl)).toBe('not-asked timeout timeout')
  })

  it('asks the name server itself, over UDP and TCP, and by name alone', async () => {
    const dns = probe('pod/kube-system/k8s-app=kube-dns', { port: 53 })
    const cluster = egressCluster(anyDns)
    expect(await observe(cluster, { ...dns, protocol: 'UDP' })).toBe(
      'not-asked connected connected',
    )
    expect(await observe(cluster, dns)).toBe('not-asked connected connected')
    const { port: _, ...lookup } = probe('web', { protocol: 'DNS' })
    expect(await observe(cluster, lookup)).toBe('answered connected connected')
    expect(await observe(egressCluster(denyEgress), { ...dns, protocol: 'UDP' })).toBe(
      'not-asked timeout timeout',
    )
  })

  it('pings, and knows that a cluster address never answers', async () => {
    const { port: _, ...ping } = probe('pod/web', { protocol: 'ICMP' })
    expect(await observe(egressCluster(), ping)).toBe('not-asked connected connected')
    expect(await observe(egressCluster(anyDns), ping)).toBe('not-asked timeout timeout')
    const { control: __, ...alone } = ping
    expect(await observe(egressCluster(), { ...alone, to: 'service/web' })).toBe(
      'not-asked timeout timeout',
    )
  })

  it('proves nothing when its control fails', async () => {
    const cluster = egressCluster(denyEgress).remove('Pod', 'web', 'default')
    expect(await observe(cluster, probe('service/web'))).toBe(
      'The control failed (timeout, bar to web:80 TCP), so this proves nothing.',
    )
  })

  it('says why it could not run', async () => {
    const from = { namespace: 'default', pod: 'nobody' }
    expect(await observe(egressCluster(), probe('web', { from }))).toBe(
      'There is no pod nobody in namespace default.',
    )
    const shellless = egressCluster()
    shellless.flaws = { shellless: ['test'] }
    expect(await observe(shellless, probe('web'))).toBe(
      'Pod default/test has no shell to probe from.',
    )
    const bare = egressCluster()
    bare.flaws = { without: ['nc'] }
    const { control: _, ...alone } = probe('service/web')
    expect(await observe(bare, alone)).toBe('Pod default/test has no nc to probe with.')
    expect(await observe(egressCluster(), { ...alone, protocol: 'SCTP' })).toContain(
      'no tool for SCTP',
    )
    expect(await observe(egressCluster(), { ...alone, protocol: 'UDP' })).toContain('port 53 only')
    const stopped: Pod = {
      ...fakePod('default/test', {}, '10.244.0.13'),
      status: { phase: 'Succeeded' },
    }
    const over = egressCluster().add(stopped)
    expect(await observe(over, probe('web'))).toBe('Pod default/test is Succeeded, not Running.')
  })

  it('sees a pod that came up after the cluster was read', async () => {
    const cluster = egressCluster(denyEgress).remove('Pod', 'test', 'default')
    const state = createStateReader(cluster.client)
    await state.read(signal)
    cluster.add(
      fakePod('default/test', { app: 'foo' }, '10.244.0.13'),
      fakePod('default/late', { app: 'late' }, '10.244.0.20', [[80, 'TCP']]),
    )
    const result = await runProbe(cluster.client, probe('pod/late'), { signal, state })
    expect(result).toMatchObject({ facts: { outcome: 'timeout' }, engine: { outcome: 'timeout' } })
  })

  it('looks again before it says that the cluster disagrees', async () => {
    const cluster = egressCluster(denyEgress)
    cluster.flaws = { enforcesNothing: true }
    expect(await observe(cluster, probe('service/web'))).toBe('not-asked connected timeout')
    expect(cluster.executed.filter((line) => line === 'test: sleep 1')).toHaveLength(2)
  })

  it('carries the verdict, so that the reason can be told', async () => {
    const result = await runProbe(egressCluster(anyDns).client, probe('web'), { signal })
    expect(result).toMatchObject({
      kind: 'observed',
      fromPod: 'test',
      controlPod: 'bar',
      control: { outcome: 'connected' },
      engine: {
        verdict: {
          allowed: false,
          egress: { allowed: false },
          flow: { to: { kind: 'pod', name: 'web' }, port: 80 },
        },
      },
    })
  })

  it('ends when it is stopped', async () => {
    const stopped = AbortSignal.abort(new Error('enough'))
    await expect(
      runProbe(egressCluster().client, probe('web'), { signal: stopped }),
    ).rejects.toThrow('enough')
  })
})

describe('names', () => {
  const resolver = parseResolver(
    'nameserver 10.96.0.10\nsearch a.svc.cluster.local svc.cluster.local\noptions ndots:5\n',
  )

  it('are tried as a resolver does', () => {
    expect(resolver).toEqual({
      nameserver: '10.96.0.10',
      search: ['a.svc.cluster.local', 'svc.cluster.local'],
      ndots: 5,
    })
    expect(candidatesOf('web', resolver)).toEqual([
      'web.a.svc.cluster.local',
      'web.svc.cluster.local',
      'web',
    ])
    expect(candidatesOf('www.example.com.', resolver)).toEqual(['www.example.com'])
    expect(candidatesOf('a.b.c.d.e.f', resolver)[0]).toBe('a.b.c.d.e.f')
  })
})
