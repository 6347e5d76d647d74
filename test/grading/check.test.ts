import { describe, expect, it } from 'vitest'
import { createGrader } from '../../src/grading/grader.ts'
import type { AnyKubeObject, NetworkPolicy } from '../../src/kube/objects.ts'
import type { Check, Lesson, MistakeSentence } from '../../src/lessons/model.ts'
import { policy } from '../policy/worlds.ts'
import { egressCluster, type FakeCluster, type Flaws } from './support/fake-cluster.ts'

const signal = new AbortController().signal
const foo = { matchLabels: { app: 'foo' } }
const denyEgress = policy('foo-deny-egress', { podSelector: foo, policyTypes: ['Egress'] })
const at = { file: 'lesson.md', line: 1, column: 1 }
const base = {
  id: 'c',
  title: 't',
  points: 4,
  guard: false,
  success: 'well done',
  mistakes: [],
  at,
}

function lesson(world: readonly NetworkPolicy[] = [], expected: readonly string[] = []): Lesson {
  const item = {
    id: 'item-1',
    place: 'lab',
    command: 'kubectl get pods',
    expected,
    interrupt: false,
    at,
  } as const
  return {
    format: 1,
    number: 8,
    id: 'deny-egress',
    title: 'Deny egress',
    summary: '',
    level: 'core',
    minutes: 18,
    objectives: [],
    needs: { images: [], namespaces: ['default'] },
    folder: '',
    intro: [],
    steps: [
      {
        id: 's',
        number: 1,
        title: 's',
        blocks: [{ kind: 'console', items: [item], at }],
        hints: [],
        wrongAnswers: [],
        at,
      },
    ],
    world: world.map((one): AnyKubeObject => ({ ...one })),
    shown: [],
    points: { result: 4, reason: 0, prediction: 0, recall: 0 },
  }
}

async function grade(
  cluster: FakeCluster,
  check: Check,
  options: {
    readonly lesson?: Lesson
    readonly outputs?: Record<string, string[]>
    readonly flaws?: Flaws
  } = {},
) {
  cluster.flaws = options.flaws ?? {}
  const grader = createGrader({
    client: cluster.client,
    denySignature: cluster.flaws.rejects === true ? 'refused' : 'timeout',
    lesson: options.lesson ?? lesson(),
  })
  const [result] = await grader.checks([check], options.outputs ?? {}, signal)
  if (result === undefined) throw new Error('no result')
  return result
}

const closedWay: Extract<Check, { kind: 'probe' }> = {
  ...base,
  kind: 'probe',
  probe: {
    from: { namespace: 'default', pod: 'test' },
    to: 'service/web',
    port: 80,
    protocol: 'TCP',
    control: { namespace: 'default', pod: 'bar' },
  },
  expect: 'blocked',
  mistakes: [
    {
      id: 'wrong-subject',
      when: { kind: 'outcome', outcome: 'connected' },
      sentence: 'test connects',
    },
  ],
}

describe('a probe check', () => {
  it('passes with evidence', async () => {
    expect(await grade(egressCluster(denyEgress), closedWay)).toEqual({
      check: 'c',
      state: 'passed',
      points: 4,
      earned: 4,
      sentence: 'well done',
      wanted: 'blocked, test to web:80 TCP',
      seen: 'timeout after 2.0 s',
      control: 'connected, bar to web:80 TCP',
      seconds: 2,
    })
  })

  it('takes a rejection for a block where the cluster rejects', async () => {
    const result = await grade(egressCluster(denyEgress), closedWay, { flaws: { rejects: true } })
    expect(result).toMatchObject({ state: 'passed', seen: 'refused after 0.0 s' })
  })

  it('fails with the sentence of the mistake that it recognises', async () => {
    expect(await grade(egressCluster(), closedWay)).toMatchObject({
      state: 'failed',
      earned: 0,
      sentence: 'test connects',
      mistake: 'wrong-subject',
    })
  })

  it('says itself what happened and which side decided, where no mistake is listed', async () => {
    const open: Check = { ...closedWay, expect: 'connected', mistakes: [] }
    expect((await grade(egressCluster(denyEgress), open)).sentence).toBe(
      'test to web:80 TCP should be connected, and it is timeout: foo-deny-egress has no egress rule: nothing may leave.',
    )
  })

  it('is inconclusive when its control fails, and when it has none to prove a failure with', async () => {
    const noWeb = egressCluster(denyEgress).remove('Pod', 'web', 'default')
    expect(await grade(noWeb, closedWay)).toMatchObject({ state: 'inconclusive', earned: 0 })
    const { control: _, ...alone } = closedWay.probe
    const uncontrolled: Check = { ...closedWay, probe: alone }
    expect((await grade(egressCluster(denyEgress), uncontrolled)).state).toBe('inconclusive')
  })

  it('fails when the pod that the learner has to start is not there: that is no fault of the cluster', async () => {
    const noTest = egressCluster(denyEgress).remove('Pod', 'test', 'default')
    expect(await grade(noTest, closedWay)).toMatchObject({
      state: 'failed',
      earned: 0,
      sentence: 'There is no pod test in namespace default.',
    })
  })

  it('grades nobody where the cluster does not do what the specification says', async () => {
    const flaws = { enforcesNothing: true }
    const result = await grade(egressCluster(denyEgress), closedWay, { flaws })
    expect(result).toMatchObject({ state: 'disagrees', earned: 0 })
    expect(result.sentence).toContain('should be timeout, and it is connected')
  })
})

const kubeDnsOnly = policy('dns', {
  podSelector: foo,
  policyTypes: ['Egress'],
  egress: [
    {
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
        },
      ],
      ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }],
    },
  ],
})

function meaning(reference: NetworkPolicy, mistakes: readonly MistakeSentence[] = []): Check {
  return {
    ...base,
    kind: 'policy',
    namespaces: ['default'],
    sameAs: { file: 'reference.yaml', policies: [reference] },
    mistakes,
  }
}

describe('a policy check', () => {
  it('accepts the same meaning written another way', async () => {
    const [udp = {}, tcp = {}] = kubeDnsOnly.spec.egress?.[0]?.ports ?? []
    const to = kubeDnsOnly.spec.egress?.[0]?.to ?? []
    const split = policy('mine', {
      podSelector: foo,
      policyTypes: ['Egress'],
      egress: [
        { to, ports: [tcp] },
        { to, ports: [udp] },
      ],
    })
    expect(await grade(egressCluster(split), meaning(kubeDnsOnly))).toMatchObject({
      state: 'passed',
      earned: 4,
      sentence: 'well done',
    })
  })

  it('gives half the points to what works and is too wide, with the flow that shows it', async () => {
    const wide = policy('wide', {
      podSelector: foo,
      policyTypes: ['Egress'],
      egress: [{ ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }] }],
    })
    expect(await grade(egressCluster(wide), meaning(kubeDnsOnly))).toMatchObject({
      state: 'failed',
      earned: 2,
      mistake: 'dns-wide',
      sentence:
        'Your policies do not mean the same as what was asked: this opens foo-srv -> watch/lighthouse:53/TCP: rule 1 of wide lets out traffic to anyone on 53/TCP.',
      wanted: 'denied, foo-srv -> watch/lighthouse:53/TCP',
      seen: 'allowed',
    })
  })

  it('gives nothing to what does not work', async () => {
    expect(await grade(egressCluster(denyEgress), meaning(kubeDnsOnly))).toMatchObject({
      state: 'failed',
      earned: 0,
      mistake: 'dns-missing',
    })
    expect(await grade(egressCluster(), meaning(denyEgress))).toMatchObject({ earned: 0 })
  })

  it('takes the first listed mistake that holds, by flows, by parts of a policy, or as a last resort', async () => {
    const mistakes: MistakeSentence[] = [
      {
        id: 'too-wide-subject',
        when: {
          kind: 'flows',
          flows: [
            {
              from: 'default/bar',
              to: 'watch/app=lighthouse',
              port: 80,
              protocol: 'TCP',
              verdict: 'deny',
            },
          ],
        },
        sentence: 'every pod was selected',
      },
      {
        id: 'types-missing',
        when: {
          kind: 'policy',
          contains: { spec: { policyTypes: ['Ingress'] } },
          absent: ['spec.egress'],
        },
        sentence: 'stored as Ingress',
      },
      { id: 'other', when: { kind: 'always' }, sentence: 'not yet' },
    ]
    const check = meaning(denyEgress, mistakes)
    const everyPod = policy('p', { podSelector: {}, policyTypes: ['Egress'] })
    const untyped = policy('p', { podSelector: foo, egress: [] })
    expect((await grade(egressCluster(everyPod), check)).sentence).toBe('every pod was selected')
    expect((await grade(egressCluster(untyped), check)).mistake).toBe('types-missing')
    expect((await grade(egressCluster(), check)).sentence).toBe('not yet')
  })

  it('judges flows that no probe can show, and says which is wrong', async () => {
    const flows: Check = {
      ...base,
      kind: 'policy',
      namespaces: ['default'],
      flows: [
        { from: '203.0.113.7', to: 'default/web', port: 80, protocol: 'TCP', verdict: 'allow' },
        { from: 'default/app=foo', to: '203.0.113.7', port: 80, protocol: 'TCP', verdict: 'deny' },
      ],
    }
    expect((await grade(egressCluster(denyEgress), flows)).state).toBe('passed')
    expect(await grade(egressCluster(), flows)).toMatchObject({
      state: 'failed',
      earned: 0,
      sentence:
        'foo-srv -> 203.0.113.7:80/TCP is allowed and should be denied: no policy selects foo-srv.',
    })
    const gone = egressCluster().remove('Pod', 'web', 'default')
    expect(await grade(gone, flows)).toMatchObject({
      state: 'inconclusive',
      sentence: 'There is no pod web in namespace default.',
    })
  })
})

describe('a check of policies that stay as they are', () => {
  const check: Check = {
    ...base,
    kind: 'unchanged',
    policies: [{ namespace: 'default', name: 'foo-deny-egress' }],
  }
  const given = { lesson: lesson([{ ...denyEgress, spec: { ...denyEgress.spec, egress: [] } }]) }

  it('passes for the same meaning of the fields, however the server stored them', async () => {
    expect((await grade(egressCluster(denyEgress), check, given)).state).toBe('passed')
  })

  it('fails for a changed or missing policy', async () => {
    const changed = { ...denyEgress, spec: { ...denyEgress.spec, egress: [{}] } }
    expect(await grade(egressCluster(changed), check, given)).toMatchObject({ seen: 'changed' })
    expect(await grade(egressCluster(), check, given)).toMatchObject({
      state: 'failed',
      seen: 'gone',
    })
  })
})

describe('a check of an object', () => {
  const resource = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web' }
  const check = (
    expectation: Extract<Check, { kind: 'resource' }>['expect'],
    name = 'web',
  ): Check => ({
    ...base,
    kind: 'resource',
    resource: { ...resource, name },
    expect: expectation,
  })

  it.each([
    [check({ kind: 'exists' }), 'passed'],
    [check({ kind: 'exists' }, 'nosuch'), 'failed'],
    [check({ kind: 'absent' }, 'nosuch'), 'passed'],
    [check({ kind: 'absent' }), 'failed'],
    [check({ kind: 'condition', type: 'Ready', status: 'True' }), 'passed'],
    [check({ kind: 'condition', type: 'Ready', status: 'False' }), 'failed'],
    [check({ kind: 'field', path: 'metadata.labels.app', value: 'web' }), 'passed'],
    [
      check({ kind: 'field', path: 'spec.containers[0].ports[0].containerPort', value: 80 }),
      'passed',
    ],
    [check({ kind: 'field', path: 'spec.containers[0].image', value: 'y' }), 'failed'],
  ] as const)('of kind %o is %s', async (one, state) => {
    expect((await grade(egressCluster(), one)).state).toBe(state)
  })

  it('says what is wanted and what is there', async () => {
    const result = await grade(
      egressCluster(),
      check({ kind: 'field', path: 'metadata.labels.app', value: 'x' }),
    )
    expect(result.sentence).toBe(
      'Wanted for pod default/web: metadata.labels.app is "x". It is "web".',
    )
  })

  it('knows its own limits', async () => {
    const odd: Check = {
      ...base,
      kind: 'resource',
      resource: { apiVersion: 'v1', kind: 'Gadget', name: 'x' },
      expect: { kind: 'exists' },
    }
    expect((await grade(egressCluster(), odd)).state).toBe('inconclusive')
  })
})

describe('a check of an output', () => {
  const check: Check = { ...base, kind: 'output', item: 'item-1' }
  const given = { lesson: lesson([], ['NAME   [..]', 'web    [..]']) }

  it('holds what was printed against what the lesson says', async () => {
    const outputs = { 'item-1': ['NAME   READY', 'web    1/1'] }
    expect((await grade(egressCluster(), check, { ...given, outputs })).state).toBe('passed')
    const other = { 'item-1': ['NAME   READY', 'bar    1/1'] }
    expect(await grade(egressCluster(), check, { ...given, outputs: other })).toMatchObject({
      state: 'failed',
      wanted: 'web    [..]',
      seen: 'bar    1/1',
    })
    expect((await grade(egressCluster(), check, given)).sentence).toBe(
      'This has not run yet: kubectl get pods',
    )
  })
})

describe('a set of checks', () => {
  it('comes back in its order, from one reading of the cluster', async () => {
    const cluster = egressCluster(denyEgress)
    let readings = 0
    const client = {
      ...cluster.client,
      list: ((ref, options) => {
        if (ref.plural === 'networkpolicies') readings++
        return cluster.client.list(ref, options)
      }) as typeof cluster.client.list,
    }
    const grader = createGrader({ client, denySignature: 'timeout', lesson: lesson() })
    const checks = Array.from({ length: 9 }, (_, index) => ({ ...closedWay, id: `c${index}` }))
    const results = await grader.checks(checks, {}, signal)
    expect(results.map(({ check, state }) => `${check} ${state}`)).toEqual(
      checks.map(({ id }) => `${id} passed`),
    )
    expect(readings).toBe(1)
  })
})
