// Measures the policy engine on one generated cluster and prints the figures as JSON. A process of its own for each size, so
// that its peak memory is that of this size. Arguments: pods, namespaces, policies.
import type { NetworkPolicy } from '../../src/kube/objects.ts'
import { prepare } from '../../src/policy/evaluate.ts'
import { ReachMatrix } from '../../src/policy/reach-matrix.ts'
import type { Flow } from '../../src/policy/types.ts'
import { generatedCluster, generator } from './generated-cluster.ts'

const [pods = 100, namespaces = 10, policies = 50, most = 3] = process.argv.slice(2).map(Number)
const state = generatedCluster({ pods, namespaces, policies })
const random = generator(7)
const below = (limit: number) => Math.floor(random() * limit)

const prepareMs = best(() => prepare(state)).took
const prepared = prepare(state)
const full = best(() => {
  const matrix = new ReachMatrix(prepare(state))
  return { matrix, counts: matrix.counts() }
})
const { matrix, counts } = full.value
const cells = pods * (pods - 1) * matrix.points.length

// One policy of the middle with rules about peers loses its last: from the change to the whole matrix again.
const edited = state.policies
  .slice(policies / 2)
  .filter(({ spec }) => spec.ingress?.at(-1)?.from !== undefined)
  .slice(0, 1)
  .map(
    (policy): NetworkPolicy => ({
      ...policy,
      spec: { ...policy.spec, ingress: policy.spec.ingress?.slice(0, -1) ?? [] },
    }),
  )
const changeMs = best(() => {
  for (const policy of edited) matrix.with(prepared.withPolicy(policy)).counts()
}).took
const cellMs = best(() => {
  for (const policy of edited) matrix.with(prepared.withPolicy(policy)).allows(0, 1, 0)
}).took
const judgeMs = best(() => {
  for (const policy of edited) prepared.withPolicy(policy).allows(flow())
}).took

const flows = Array.from({ length: 20_000 }, flow)
let agreed = 0
const naive = best(() => {
  agreed = 0
  for (const one of flows) if (prepared.allows(one)) agreed++
})
for (const one of flows.slice(0, 2000)) prepared.evaluate(one)
const evaluated = best(() => {
  for (const one of flows) prepared.evaluate(one)
})
// What was asked for is measured by now; texts of reasons come on top.
const peakMb = process.resourceUsage().maxRSS / 1024
// Reasons are put together when they are read: the same verdicts with every rule, peer and port of both sides.
let read = 0
const explained = best(() => {
  for (const one of flows) {
    const { egress, ingress } = prepared.evaluate(one)
    for (const { rules } of [...egress.policies, ...ingress.policies]) read += rules.length
  }
})

process.stdout.write(
  JSON.stringify({
    pods,
    namespaces,
    policies,
    classes: matrix.classes.count,
    points: matrix.points.length,
    pointClasses: matrix.pointClasses.listsOf.length,
    open: counts.reduce((sum, count) => sum + count, 0) / cells,
    prepareMs,
    matrixMs: full.took,
    changeMs,
    cellMs,
    judgeMs,
    evaluateUs: (evaluated.took * 1000) / flows.length,
    explainUs: (explained.took * 1000) / flows.length,
    rulesRead: read,
    cellByCellMs: (naive.took / flows.length) * cells,
    peakMb,
    sampleOpen: agreed / flows.length,
  }),
)

function flow(): Flow {
  const { protocol, port } = matrix.points[below(matrix.points.length)] ?? { protocol: 'TCP' }
  const end = () => {
    const { namespace = '', name = '' } = state.pods[below(pods)] ?? {}
    return { kind: 'pod', namespace, name } as const
  }
  return { from: end(), to: end(), protocol, ...(port === undefined ? {} : { port }) }
}

/**
 * The quickest of some runs, more of short ones; by the clock, or by the time on the processor where that is less: what a busy
 * machine did meanwhile is not the engine's.
 */
function best<T>(work: () => T): { readonly value: T; readonly took: number } {
  const once = () => {
    const started = performance.now()
    const used = process.cpuUsage()
    const value = work()
    const { user, system } = process.cpuUsage(used)
    return { value, took: Math.min(performance.now() - started, (user + system) / 1000) }
  }
  let found = once()
  const runs = found.took < 300 ? most * 3 : most
  for (let run = 1; run < runs; run++) {
    const next = once()
    if (next.took < found.took) found = next
  }
  return found
}
