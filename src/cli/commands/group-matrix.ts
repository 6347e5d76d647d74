import type { Protocol } from '../../kube/objects.ts'
import { prepare } from '../../policy/evaluate.ts'
import { type MatrixTarget, matrix } from '../../policy/matrix.ts'
import type { Endpoint, PolicyState } from '../../policy/types.ts'
import type { PodGroup } from './pod-groups.ts'

/** A group and one of its ports: a column. */
export interface GroupTarget {
  readonly group: PodGroup
  readonly port: number
  readonly protocol: Protocol
}

export interface GroupRow {
  readonly group: PodGroup
  /** One a target; `undefined` where a group of one pod would reach itself. */
  readonly allowed: readonly (boolean | undefined)[]
}

export interface GroupMatrix {
  readonly targets: readonly GroupTarget[]
  readonly rows: readonly GroupRow[]
}

/** Who may reach what, by groups: their first pods stand for them, and the second one where a group reaches its own. */
export function groupMatrix(
  state: PolicyState,
  groups: readonly PodGroup[],
  shown: (group: PodGroup) => boolean = () => true,
): GroupMatrix {
  const visible = groups.filter(shown)
  const targets = visible.flatMap((group) =>
    group.ports.map(({ port, protocol }) => ({ group, port, protocol })),
  )
  const prepared = prepare(state)
  const columns: readonly MatrixTarget[] = targets.map(({ group, port, protocol }) => ({
    to: podEnd(group),
    port,
    protocol,
  }))
  const rows = matrix(
    state,
    columns,
    visible.map((group) => podEnd(group)),
  )
  return {
    targets,
    rows: visible.map((group, at) => ({
      group,
      allowed: targets.map((target, column) => {
        if (target.group !== group) return rows[at]?.cells[column]?.allowed
        const like = group.pods[1]
        if (like === undefined) return undefined
        const { port, protocol } = target
        return prepared.allows({ from: podEnd(group), to: podEnd(group, like), port, protocol })
      }),
    })),
  }
}

function podEnd({ namespace, name }: PodGroup, pod: string = name): Endpoint {
  return { kind: 'pod', namespace, name: pod }
}

/** `shop/web-1 (3)`: the first pod, and how many there are where it is not alone. */
export function groupText({ namespace, name, pods }: PodGroup): string {
  return `${namespace}/${name}${pods.length === 1 ? '' : ` (${pods.length})`}`
}

/** `80`, `53/UDP`. */
export function targetPortText({ port, protocol }: Pick<GroupTarget, 'port' | 'protocol'>): string {
  return protocol === 'TCP' ? `${port}` : `${port}/${protocol}`
}
