import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { NetworkPolicy, Protocol } from '../../src/kube/objects.ts'
import { prepare } from '../../src/policy/evaluate.ts'
import type { Endpoint, PolicyPod, PolicyState } from '../../src/policy/types.ts'

/**
 * Verdicts of public NetworkPolicy suites, as data that lies beside the repository: too large to keep in it.
 * CONFORMANCE_DIR names the folder.
 */
const folder = resolve(
  import.meta.dirname,
  '../..',
  process.env.CONFORMANCE_DIR ?? '../shared/conformance',
)
const present = existsSync(join(folder, 'cyclonus.json'))

interface PortEntry {
  readonly name: string
  readonly port: number
  readonly protocol: Protocol
}

interface Setup {
  readonly namespaces: readonly { readonly name: string; readonly labels: Record<string, string> }[]
  readonly pods: readonly {
    readonly ns: string
    readonly name: string
    readonly labels: Record<string, string>
    readonly ip: string
    readonly ports?: readonly PortEntry[]
  }[]
}

type ProbeEnd = { readonly ns: string; readonly pod: string } | { readonly ip: string }

interface Probe {
  readonly from: ProbeEnd
  readonly to: ProbeEnd
  readonly port: number
  readonly protocol: Protocol
  readonly expected: 'allow' | 'deny'
}

interface MatrixCase {
  readonly id: string
  readonly setup: string
  readonly policies: readonly NetworkPolicy[]
  readonly order: readonly string[]
  readonly tables: readonly {
    readonly port: number
    readonly protocol: Protocol
    readonly rows: readonly string[]
  }[]
  readonly probes?: readonly Probe[]
}

interface MatrixFile {
  readonly podPorts?: readonly PortEntry[]
  readonly setups: Readonly<Record<string, Setup>>
  readonly cases: readonly MatrixCase[]
}

interface ProbeCase {
  readonly id: string
  readonly setup: Setup
  readonly policies: readonly NetworkPolicy[]
  readonly probes: readonly Probe[]
}

function load<T>(name: string): T {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'))
}

function stateOf(
  setup: Setup,
  policies: readonly NetworkPolicy[],
  podPorts: readonly PortEntry[] = [],
): PolicyState {
  const pods = setup.pods.map(
    ({ ns, name, labels, ip, ports }): PolicyPod => ({
      namespace: ns,
      name,
      labels,
      ips: [ip],
      ports: ports ?? podPorts,
    }),
  )
  return { namespaces: setup.namespaces, pods, policies }
}

function endpoint(end: ProbeEnd): Endpoint {
  return 'ip' in end
    ? { kind: 'address', address: end.ip }
    : { kind: 'pod', namespace: end.ns, name: end.pod }
}

function judgeProbes(id: string, state: PolicyState, probes: readonly Probe[]) {
  const prepared = prepare(state)
  const wrong: string[] = []
  for (const { from, to, port, protocol, expected } of probes) {
    const flow = { from: endpoint(from), to: endpoint(to), port, protocol }
    const verdict = prepared.evaluate(flow)
    if (verdict.allowed !== prepared.allows(flow)) wrong.push(`${id}: evaluate and allows differ`)
    if (verdict.allowed !== (expected === 'allow')) {
      wrong.push(`${id}: ${JSON.stringify(flow)} should be ${expected}`)
    }
  }
  return { verdicts: probes.length, wrong }
}

function judgeTables(test: MatrixCase, state: PolicyState) {
  const prepared = prepare(state)
  const ends = test.order.map((name): Endpoint => {
    const [namespace = '', pod = ''] = name.split('/')
    return { kind: 'pod', namespace, name: pod }
  })
  let verdicts = 0
  const wrong: string[] = []
  for (const { port, protocol, rows } of test.tables) {
    for (const [i, row] of rows.entries()) {
      for (const [j, mark] of [...row].entries()) {
        const from = ends[i]
        const to = ends[j]
        if (mark === '-' || from === undefined || to === undefined) continue
        verdicts++
        const flow = { from, to, port, protocol }
        if (prepared.allows(flow) !== (mark === '.')) {
          wrong.push(
            `${test.id}: ${test.order[i]} -> ${test.order[j]}:${port}/${protocol} is ${mark}`,
          )
        }
      }
    }
  }
  return { verdicts, wrong }
}

function judgeFile(name: string) {
  const file = load<MatrixFile>(name)
  let verdicts = 0
  const wrong: string[] = []
  for (const test of file.cases) {
    const setup = file.setups[test.setup]
    if (setup === undefined) throw new Error(`${test.id} has no setup`)
    const state = stateOf(setup, test.policies, file.podPorts)
    for (const part of [judgeTables(test, state), judgeProbes(test.id, state, test.probes ?? [])]) {
      verdicts += part.verdicts
      wrong.push(...part.wrong)
    }
  }
  return { verdicts, wrong }
}

const title = present
  ? 'the engine agrees with public suites'
  : `the engine agrees with public suites (absent: no suites in ${process.env.CONFORMANCE_DIR ?? '../shared/conformance'})`

if (!present) {
  process.stderr.write(
    `No public suites in ${folder}: their verdicts are not compared. CONFORMANCE_DIR names another folder.\n`,
  )
}

describe.skipIf(!present)(title, () => {
  it('gives every verdict of the cyclonus cases', () => {
    const { verdicts, wrong } = judgeFile('cyclonus.json')
    expect(wrong.slice(0, 10)).toEqual([])
    expect(verdicts).toBe(109_956)
  })

  it('gives every verdict of the netpol-analyzer cases', () => {
    const { verdicts, wrong } = judgeFile('np-guard.json')
    expect(wrong.slice(0, 10)).toEqual([])
    expect(verdicts).toBe(50_526 + 5_560)
  })

  it('gives every verdict of the kube-network-policies unit tests', () => {
    let verdicts = 0
    const wrong: string[] = []
    for (const test of load<readonly ProbeCase[]>('kube-network-policies.json')) {
      const part = judgeProbes(test.id, stateOf(test.setup, test.policies), test.probes)
      verdicts += part.verdicts
      wrong.push(...part.wrong)
    }
    expect(wrong).toEqual([])
    expect(verdicts).toBe(41)
  })
})
