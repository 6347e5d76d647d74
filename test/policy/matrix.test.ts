import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generatedCluster, generator } from '../../scripts/bench/generated-cluster.ts'
import { type PreparedPolicies, prepare } from '../../src/policy/evaluate.ts'
import { matrix, reachMatrix } from '../../src/policy/matrix.ts'
import { ReachMatrix } from '../../src/policy/reach-matrix.ts'
import type { Endpoint, Flow, PolicyState } from '../../src/policy/types.ts'
import { randomPolicy, randomState } from './random-states.ts'
import { egressWorld, pod, policy, tcp, withPolicies } from './worlds.ts'

const podEnd = ({ namespace, name }: { namespace: string; name: string }): Endpoint => ({
  kind: 'pod',
  namespace,
  name,
})
/** 10,000 random cases where CI is set, fewer for people who wait; POLICY_TEST_RUNS says another number. */
const { CI, POLICY_TEST_RUNS } = process.env
const isCi = CI !== undefined && CI !== '' && CI !== 'false'
const RUNS = Number(POLICY_TEST_RUNS ?? (isCi ? 10_000 : 200))
const LONG = 600_000

/** The cells, as text, where a matrix says otherwise than `judge`; over every third port, from a random one on. */
function disagreements(
  reach: ReachMatrix,
  prepared: PreparedPolicies,
  first: number,
  judge: (flow: Flow) => boolean = prepared.allows,
): readonly string[] {
  const { pods } = prepared.state
  const wrong: string[] = []
  for (const [i, source] of pods.entries()) {
    for (const [j, target] of pods.entries()) {
      for (const [p, { protocol, port }] of reach.points.entries()) {
        if (p % 3 !== first % 3) continue
        const flow: Flow = {
          from: podEnd(source),
          to: podEnd(target),
          protocol,
          ...(port === undefined ? {} : { port }),
        }
        if (reach.allows(i, j, p) !== judge(flow)) {
          wrong.push(`${source.name} -> ${target.name}:${port}/${protocol}`)
        }
      }
    }
  }
  return wrong
}

function openPairs(reach: ReachMatrix): readonly number[] {
  const numbers = reach.ends.map((_, at) => at)
  return reach.points.map((_, point) =>
    numbers.reduce(
      (sum, from) =>
        sum + numbers.filter((to) => to !== from && reach.allows(from, to, point)).length,
      0,
    ),
  )
}

describe('whatever the state, the matrix', () => {
  it(
    'says of each cell what evaluate says',
    () => {
      fc.assert(
        fc.property(randomState, fc.nat(2), (state, third) => {
          const prepared = prepare(state)
          const evaluated = (flow: Flow) => prepared.evaluate(flow).allowed
          expect(disagreements(reachMatrix(state), prepared, third, evaluated)).toEqual([])
        }),
        { numRuns: RUNS },
      )
    },
    LONG,
  )

  it(
    'counts what it lets through',
    () => {
      fc.assert(
        fc.property(randomState, (state) => {
          const reach = reachMatrix(state)
          expect(reach.counts()).toEqual(openPairs(reach))
        }),
        { numRuns: RUNS },
      )
    },
    LONG,
  )

  it(
    'says the same after one policy came, changed or went as if read anew',
    () => {
      fc.assert(
        fc.property(randomState, randomPolicy, fc.nat(6), fc.nat(2), (state, one, at, third) => {
          const changed = { ...one, metadata: { ...one.metadata, name: `p${at}` } }
          const { namespace = '', name } = changed.metadata
          const prepared = prepare(state)
          const first = new ReachMatrix(prepared)
          // Asks about everything, so that whatever is kept from here on is there.
          expect(disagreements(first, prepared, third)).toEqual([])
          const added = prepared.withPolicy(changed)
          const gone = added.withoutPolicy({ namespace, name })
          for (const next of [added, gone]) {
            const anew = prepare(next.state)
            expect(next.compiled).toEqual(anew.compiled)
            expect(disagreements(first.with(next), anew, third)).toEqual([])
            expect(disagreements(new ReachMatrix(anew), next, third)).toEqual([])
          }
        }),
        { numRuns: RUNS },
      )
    },
    LONG,
  )

  it(
    'answers for nodes, outside addresses and ping too',
    () => {
      const targetOf = fc.record({
        to: fc.constantFrom<Endpoint[]>(
          { kind: 'pod', namespace: 'default', name: 'pod-0' },
          { kind: 'node', name: 'node-1' },
          { kind: 'address', address: '203.0.113.7' },
          { kind: 'node', name: 'node-2' },
          { kind: 'address', address: '10.244.0.1' },
          { kind: 'address', address: 'fd00::99' },
          { kind: 'address', address: 'fd00:18::3' },
        ),
        family: fc.constantFrom<Pick<Flow, 'family'>[]>({}, {}, { family: 4 }, { family: 6 }),
        point: fc.constantFrom<Pick<Flow, 'protocol' | 'port'>[]>(
          { protocol: 'ICMP' },
          { protocol: 'TCP', port: 80 },
          { protocol: 'SCTP', port: 8080 },
          { protocol: 'UDP', port: 7000 },
        ),
      })
      fc.assert(
        fc.property(
          randomState,
          fc.array(targetOf, { minLength: 1, maxLength: 6 }),
          fc.boolean(),
          (state, wanted, isDual) => {
            const single = pod('pod-0', { app: 'a' }, '10.244.0.1', [tcp(80, 'http')])
            const first = isDual ? { ...single, ips: ['10.244.0.1', 'fd00::0:1'] } : single
            const world = { ...state, pods: [first, ...state.pods.slice(1)] }
            const prepared = prepare(world)
            const targets = wanted.map(({ to, point, family }) => ({ to, ...point, ...family }))
            const sources = [...world.pods.map(podEnd), ...targets.map(({ to }) => to)]
            for (const { from, cells } of matrix(world, targets, sources)) {
              for (const [at, cell] of cells.entries()) {
                const target = targets[at]
                if (target === undefined || cell === undefined) continue
                expect(cell.flow).toEqual({ from, ...target })
                expect([cell.flow, cell.allowed]).toEqual([
                  cell.flow,
                  prepared.evaluate(cell.flow).allowed,
                ])
              }
            }
          },
        ),
        { numRuns: RUNS },
      )
    },
    LONG,
  )
})

describe('the matrix of a generated cluster', () => {
  const state = generatedCluster({ pods: 600, namespaces: 30, policies: 250 }, 5)

  it('agrees with evaluate on thousands of its cells', () => {
    const prepared = prepare(state)
    const reach = new ReachMatrix(prepared)
    const random = generator(11)
    const below = (limit: number) => Math.floor(random() * limit)
    const wrong: Flow[] = []
    const seen = { open: 0, closed: 0 }
    for (let sample = 0; sample < 20_000; sample++) {
      const from = below(600)
      // Half of them within a namespace, where most policies speak.
      const to = sample % 2 === 0 ? below(600) : (from + 120 * below(5) + below(4)) % 600
      const point = below(reach.points.length)
      const [source, target] = [state.pods[from], state.pods[to]]
      const { protocol, port = 0 } = reach.points[point] ?? { protocol: 'TCP' }
      if (source === undefined || target === undefined) continue
      const flow: Flow = { from: podEnd(source), to: podEnd(target), protocol, port }
      const { allowed } = prepared.evaluate(flow)
      seen[allowed ? 'open' : 'closed']++
      if (reach.allows(from, to, point) !== allowed) wrong.push(flow)
    }
    expect(wrong).toEqual([])
    expect(seen.open).toBeGreaterThan(500)
    expect(seen.closed).toBeGreaterThan(500)
  })

  it('needs far fewer classes than pods', () => {
    const { classes } = reachMatrix(state)
    expect(classes.count).toBeLessThan(250)
    expect(classes.members.flat().toSorted((a, b) => a - b)).toEqual(state.pods.map((_, at) => at))
  })

  it('is the same cluster for the same seed', () => {
    const size = { pods: 50, namespaces: 5, policies: 20 }
    expect(generatedCluster(size, 3)).toEqual(generatedCluster(size, 3))
    expect(generatedCluster(size, 3)).not.toEqual(generatedCluster(size, 4))
  })
})

describe('classes of the matrix', () => {
  const closed = policy('closed', { podSelector: { matchLabels: { app: 'web' } } })

  it('part pods only where a policy does', () => {
    const { classes } = reachMatrix(withPolicies(egressWorld, closed))
    expect(classes.members.map((ends) => ends.map((at) => egressWorld.pods[at]?.name))).toEqual([
      ['test', 'bar', 'foo-srv', 'lighthouse', 'decoy-dns', 'sys-dns', 'coredns-1'],
      ['web'],
    ])
    expect(reachMatrix(egressWorld).classes.count).toBe(1)
  })

  it('are none where there are no pods', () => {
    const empty: PolicyState = { namespaces: [], pods: [], policies: [closed] }
    const reach = reachMatrix(empty)
    expect(reach.classes.count).toBe(0)
    expect(reach.counts().every((count) => count === 0)).toBe(true)
  })

  it('keep a policy out of other namespaces than its own', () => {
    const world = withPolicies(egressWorld, policy('watch/closed', { podSelector: {} }))
    const reach = reachMatrix(world)
    const at = (name: string) => world.pods.findIndex((one) => one.name === name)
    const http = reach.points.findIndex(({ protocol, port }) => protocol === 'TCP' && port === 80)
    expect(reach.allows(at('test'), at('lighthouse'), http)).toBe(false)
    expect(reach.allows(at('test'), at('web'), http)).toBe(true)
  })
})
