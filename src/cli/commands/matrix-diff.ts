import type { Protocol } from '../../kube/objects.ts'
import { compare } from '../../policy/compare.ts'
import { describeDifference } from '../../policy/describe.ts'
import { prepare } from '../../policy/evaluate.ts'
import type { Difference } from '../../policy/types.ts'
import { groupMatrix, groupText, targetPortText } from './group-matrix.ts'
import { groupBy, groupPods } from './pod-groups.ts'
import type { PolicyWorld } from './policy-world.ts'

/** A flow between pods that two sets of manifests judge differently. */
export interface ChangedFlow {
  readonly kind: 'opened' | 'closed'
  readonly from: string
  readonly to: string
  readonly port: number
  readonly protocol: Protocol
}

export interface MatrixDiff {
  /** Every flow between pods that both sets have. */
  readonly changed: readonly ChangedFlow[]
  /** What changes for ends that are not there: addresses outside, and pods with labels that only policies name. */
  readonly beyond: readonly string[]
  readonly onlyBefore: readonly string[]
  readonly onlyAfter: readonly string[]
}

/** What changes from one world to another. Where the second holds no pods, its policies are meant for the pods of the first. */
export function diffWorlds(before: PolicyWorld, other: PolicyWorld): MatrixDiff {
  const after =
    other.state.pods.length > 0
      ? other
      : { ...before, state: { ...before.state, policies: other.state.policies } }
  const names = (world: PolicyWorld) =>
    world.state.pods.map(({ namespace, name }) => `${namespace}/${name}`)
  const old = new Set(names(before))
  const now = new Set(names(after))
  const isCommon = (name: string) => old.has(name) && now.has(name)
  return {
    changed: changedFlows(before, after, isCommon),
    beyond: beyondPods(before, after),
    onlyBefore: [...old].filter((name) => !now.has(name)),
    onlyAfter: [...now].filter((name) => !old.has(name)),
  }
}

function changedFlows(
  before: PolicyWorld,
  after: PolicyWorld,
  isCommon: (name: string) => boolean,
): readonly ChangedFlow[] {
  // Pods of one group in both worlds: what neither world's policies tell apart.
  const old = groupPods(before, after.state.policies)
  const oldGroup = new Map(
    old.flatMap((group) => group.pods.map((pod) => [`${group.namespace}/${pod}`, group] as const)),
  )
  const groups = groupPods(after, before.state.policies).flatMap((group) =>
    [
      ...groupBy(
        group.pods.filter((pod) => isCommon(`${group.namespace}/${pod}`)),
        (pod) => oldGroup.get(`${group.namespace}/${pod}`),
      ),
    ].map(([was, pods]) => {
      const ports = [...group.ports, ...(was?.ports ?? [])]
      const unique = new Map(ports.map((port) => [`${port.port}/${port.protocol}`, port]))
      return { ...group, name: pods[0] ?? group.name, pods, ports: [...unique.values()] }
    }),
  )
  const was = groupMatrix(before.state, groups)
  const is = groupMatrix(after.state, groups)
  return is.rows.flatMap(({ group, allowed }, row) =>
    is.targets.flatMap((target, column) => {
      const open = allowed[column]
      if (open === undefined || open === was.rows[row]?.allowed[column]) return []
      return [
        {
          kind: open ? ('opened' as const) : ('closed' as const),
          from: groupText(group),
          to: groupText(target.group),
          port: target.port,
          protocol: target.protocol,
        },
      ]
    }),
  )
}

/** Differences that no column of the matrix shows. */
function beyondPods(before: PolicyWorld, after: PolicyWorld): readonly string[] {
  const { differences } = compare(before.state, after.state, { limit: 20 })
  const columns = new Set(
    [...groupPods(before), ...groupPods(after)].flatMap(({ namespace, pods, ports }) =>
      pods.flatMap((pod) =>
        ports.map(({ port, protocol }) => `${namespace}/${pod} ${port}/${protocol}`),
      ),
    ),
  )
  const [was, is] = [prepare(before.state), prepare(after.state)]
  const isShown = ({ witness, flow: { family, ...flow } }: Difference) => {
    const { from, to, port, protocol } = flow
    return (
      !witness &&
      from.kind === 'pod' &&
      to.kind === 'pod' &&
      columns.has(`${to.namespace}/${to.name} ${port}/${protocol}`) &&
      // One family may change while the other keeps the cell as it is.
      (family === undefined || was.allows(flow) !== is.allows(flow))
    )
  }
  return differences.filter((each) => !isShown(each)).map((each) => describeDifference(each))
}

/** The diff for people. */
export function diffText(diff: MatrixDiff): string {
  const { changed, beyond, onlyBefore, onlyAfter } = diff
  const lines = changed.map(({ kind, from, to, ...port }) => {
    const target = to.replace(/ \(\d+\)$/, '')
    return `${kind === 'opened' ? '+ opens ' : '- closes'} ${from} -> ${target}:${targetPortText(port)}`
  })
  if (beyond.length > 0) {
    lines.push(
      'Beyond these pods and their ports:',
      ...beyond.map((text) => `${text.startsWith('opens') ? '+' : '-'} ${text}`),
    )
  }
  const only = (names: readonly string[], where: string) =>
    names.length === 0 ? [] : [`Only in the ${where} set, and not compared: ${names.join(', ')}`]
  lines.push(...only(onlyBefore, 'first'), ...only(onlyAfter, 'second'))
  if (isSame(diff)) lines.unshift('No flow changes.')
  return `${lines.join('\n')}\n`
}

export function isSame({ changed, beyond }: MatrixDiff): boolean {
  return changed.length === 0 && beyond.length === 0
}
