import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Cluster } from '../../src/cluster/provider.ts'
import { createSimulatedProvider } from '../../src/cluster/simulated/simulated-provider.ts'
import { createGrader } from '../../src/grading/grader.ts'
import type { KubeObject, NetworkPolicy } from '../../src/kube/objects.ts'
import type { Check } from '../../src/lessons/model.ts'
import { createFastClock } from '../../src/platform/fast-clock.ts'
import { mutantSummary, testMutants } from '../../src/runner/mutant-test.ts'
import { policy } from '../policy/worlds.ts'
import { probeCheck, smallLesson, step } from './fixtures/small-lesson.ts'

const { signal } = new AbortController()
const at = { file: 'lesson.md', line: 1, column: 1 }
const denyEgress = policy('deny', {
  podSelector: { matchLabels: { app: 'foo' } },
  policyTypes: ['Egress'],
})

function newPod(name: string, app: string, image: string): KubeObject {
  const command = image === 'alpine' ? { command: ['sleep', 'infinity'] } : {}
  return Object.assign(
    { apiVersion: 'v1', kind: 'Pod' },
    {
      metadata: { name, namespace: 'default', labels: { app } },
      spec: { containers: [{ name, image, ...command }], terminationGracePeriodSeconds: 0 },
    },
  )
}

const closed = probeCheck('closed', {
  kind: 'probe',
  expect: 'blocked',
  probe: {
    from: { namespace: 'default', pod: 'test' },
    to: 'pod/default/web',
    port: 80,
    protocol: 'TCP',
    control: { namespace: 'default', pod: 'bar' },
  },
})
const meaning: Check = {
  kind: 'policy',
  id: 'meaning',
  title: 'the policy means what was asked',
  points: 1,
  guard: false,
  success: 'it does',
  mistakes: [],
  namespaces: ['default'],
  sameAs: { file: 'solution/deny.yaml', policies: [denyEgress] },
  at,
}

describe('the mutants of a step', () => {
  let folder = ''
  let cluster: Cluster

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netpol-lab-mutants-'))
    const provider = createSimulatedProvider({ folder, clock: createFastClock() })
    cluster = await provider.open({ signal, onAction: () => {}, images: [] })
    for (const one of [
      newPod('web', 'web', 'nginx'),
      newPod('test', 'foo', 'alpine'),
      newPod('bar', 'bar', 'alpine'),
    ])
      await cluster.client.create(one)
    await cluster.client.create(denyEgress)
    // Every pod has its address once the first check has waited for them.
    const [first] = await grader().checks([closed], {}, signal)
    expect(first?.state).toBe('passed')
  })

  afterAll(async () => {
    await cluster.leave('destroy')
    await rm(folder, { recursive: true, force: true })
  })

  function grader() {
    return createGrader({ client: cluster.client, denySignature: 'timeout', lesson: smallLesson() })
  }

  function mutantsAgainst(...checks: readonly Check[]) {
    return testMutants({
      client: cluster.client,
      grader: grader(),
      lesson: smallLesson(),
      step: step(1, [{ kind: 'check', checks, at }]),
      solution: [denyEgress],
      signal,
    })
  }

  it('all fail a check of what the policies mean', async () => {
    const report = await mutantsAgainst(meaning)
    expect(report.survivors).toEqual([])
    expect(report.killed).toBeGreaterThan(8)
    expect(mutantSummary(report)).toMatch(
      /^\d+ mutants: \d+ killed, 0 masked, 0 equal, 0 survived$/,
    )
  })

  it('survive where no fence post shows them, each with the flow that it changes', async () => {
    const { survivors, killed } = await mutantsAgainst(closed)
    expect(killed).toBeGreaterThan(3)
    const told = new Map(survivors.map((one) => [one.mutation.operator, one.difference]))
    // Nothing probes the way in of the closed pods.
    expect(told.get('other type added')).toMatch(/^closes .* -> test:/)
    expect(told.has('policy deleted')).toBe(false)
  })

  it('leave the cluster as it was', async () => {
    const { items } = await cluster.client.list<NetworkPolicy>(
      { apiVersion: 'networking.k8s.io/v1', plural: 'networkpolicies' },
      { signal },
    )
    expect(items.map(({ metadata, spec }) => [metadata.name, spec])).toEqual([
      ['deny', denyEgress.spec],
    ])
  })
})
