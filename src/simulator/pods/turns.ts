import type { Process } from './process/process.ts'

/**
 * Work in steps: a generator that may stop at each `yield` and gives its result in the end. So one piece of code can be done at once,
 * where there is little of it, and else in turns with everybody.
 */
export type Steps<T> = Generator<undefined, T, undefined>

/** All of it at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** With a breath at each step. Rejects when the process is killed. */
export async function inTurns<T>(steps: Steps<T>, process: Pick<Process, 'breathe'>): Promise<T> {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    const turn = process.breathe()
    if (turn !== undefined) await turn
  }
}

/** So many items are put in order at once. */
const RUN = 256

/** Items in order, like `Array.prototype.sort` (equal ones stay as they are), in steps. */
export function* sorted<T extends object | string>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Steps<T[]> {
  let runs: T[][] = []
  for (let at = 0; at < items.length; at += RUN) {
    runs.push(items.slice(at, at + RUN).sort(compare))
    yield
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let at = 0; at < runs.length; at += 2)
      merged.push(yield* mergedRuns(runs[at] ?? [], runs[at + 1] ?? [], compare))
    runs = merged
  }
  return runs[0] ?? []
}

function* mergedRuns<T extends object | string>(
  left: readonly T[],
  right: readonly T[],
  compare: (a: T, b: T) => number,
): Steps<T[]> {
  const both: T[] = []
  let next = 0
  for (const item of left) {
    for (; next < right.length; next++) {
      const other = right[next]
      if (other === undefined || compare(item, other) <= 0) break
      both.push(other)
      if (both.length % RUN === 0) yield
    }
    both.push(item)
    if (both.length % RUN === 0) yield
  }
  return both.concat(right.slice(next))
}
