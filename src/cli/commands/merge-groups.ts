import type { GroupMatrix, GroupRow, GroupTarget } from './group-matrix.ts'
import type { PodGroup } from './pod-groups.ts'

/**
 * Puts groups of one namespace together that have the same ports, the same row and the same column, for a table that would not fit
 * otherwise. The first group stands for all of them.
 */
export function mergeAlike(found: GroupMatrix): GroupMatrix {
  const columns = columnsOf(found)
  const kept: { readonly at: number; readonly members: number[] }[] = []
  const byHome = new Map<string, (typeof kept)[number][]>()
  for (const [at, { group }] of found.rows.entries()) {
    const key = JSON.stringify([group.namespace, group.ports])
    const home = byHome.get(key) ?? []
    byHome.set(key, home)
    const like = home.find((one) => areAlike(found, columns, one.at, at))
    if (like !== undefined) {
      like.members.push(at)
      continue
    }
    const alone = { at, members: [at] }
    home.push(alone)
    kept.push(alone)
  }
  if (kept.length === found.rows.length) return found
  const merged = new Map<PodGroup, PodGroup>()
  for (const { at, members } of kept) {
    const first = found.rows[at]?.group
    if (first === undefined) continue
    const pods = members.flatMap((member) => found.rows[member]?.group.pods ?? [])
    merged.set(first, { ...first, pods })
  }
  const targets: GroupTarget[] = []
  const columnAt: number[] = []
  for (const [column, target] of found.targets.entries()) {
    const group = merged.get(target.group)
    if (group === undefined) continue
    targets.push({ ...target, group })
    columnAt.push(column)
  }
  const rows = kept.flatMap(({ at, members }): GroupRow[] => {
    const row = found.rows[at]
    const group = row && merged.get(row.group)
    if (row === undefined || group === undefined) return []
    // Where the first group is one pod, what it may ask of another one like it stands for the diagonal.
    const other = members[1]
    const allowed = columnAt.map((column, index) => {
      const own = row.allowed[column]
      if (own !== undefined || targets[index]?.group !== group || other === undefined) return own
      return found.rows[other]?.allowed[column]
    })
    return [{ group, allowed }]
  })
  return { targets, rows }
}

/** The columns of each row's group, in order of its ports. */
function columnsOf({ targets, rows }: GroupMatrix): readonly (readonly number[])[] {
  const byGroup = new Map<PodGroup, number[]>()
  for (const [column, { group }] of targets.entries()) {
    const list = byGroup.get(group)
    if (list === undefined) byGroup.set(group, [column])
    else list.push(column)
  }
  return rows.map(({ group }) => byGroup.get(group) ?? [])
}

/** Whether two groups could change places: a pod does not reach itself, so those cells say nothing. */
function areAlike(
  { rows, targets }: GroupMatrix,
  columns: readonly (readonly number[])[],
  one: number,
  other: number,
): boolean {
  const [a, b] = [rows[one], rows[other]]
  if (a === undefined || b === undefined) return false
  const agree = (x: boolean | undefined, y: boolean | undefined) =>
    x === undefined || y === undefined || x === y
  const sameRow = targets.every(
    ({ group }, column) =>
      group === a.group || group === b.group || agree(a.allowed[column], b.allowed[column]),
  )
  if (!sameRow) return false
  return (columns[one] ?? []).every((mine, port) => {
    const its = columns[other]?.[port] ?? mine
    const within = [a.allowed[mine], a.allowed[its], b.allowed[mine], b.allowed[its]]
    const known = within.filter((cell) => cell !== undefined)
    return (
      known.every((cell) => cell === known[0]) &&
      rows.every((row) => row === a || row === b || agree(row.allowed[mine], row.allowed[its]))
    )
  })
}
