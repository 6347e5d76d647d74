import type { Clock } from '../../base/clock.ts'
import type { AppSnapshot } from '../../runner/snapshot.ts'

/** Says that something is awaited: when it begins to be felt, and after 5, 15, 30 and 60 seconds. */
export interface Waiting {
  /** Looks at what is awaited now. `command` is the line that runs in the terminal, if one does. */
  look(snapshot: AppSnapshot, command: string | undefined): void
  close(): void
}

const FELT_MS = 300
const SAID_S = [5, 15, 30, 60]

export function createWaiting(options: {
  readonly clock: Clock
  readonly say: (sentence: string) => void
}): Waiting {
  const { clock, say } = options
  let key: string | undefined
  let cancels: (() => void)[] = []
  const stop = () => {
    for (const cancel of cancels) cancel()
    cancels = []
  }
  return {
    look: (snapshot, command) => {
      const next = awaited(snapshot, command)
      if (next?.key === key) return
      stop()
      key = next?.key
      if (next === undefined) return
      if (next.begins !== undefined) {
        const { begins } = next
        cancels.push(clock.after(FELT_MS, () => say(begins)))
      }
      for (const seconds of SAID_S) {
        cancels.push(
          clock.after(seconds * 1000, () =>
            say(`Still running after ${seconds} s. Ctrl-C stops it.`),
          ),
        )
      }
    },
    close: stop,
  }
}

function awaited(
  snapshot: AppSnapshot,
  command: string | undefined,
): { readonly key: string; readonly begins: string | undefined } | undefined {
  if (snapshot.place === 'opening') {
    const action = snapshot.opening.actions.find((candidate) => candidate.state === 'running')
    // The list of actions says itself when one begins.
    return action === undefined ? undefined : { key: `action ${action.id}`, begins: undefined }
  }
  if (snapshot.place !== 'lesson') return undefined
  if (command !== undefined) return { key: `command ${command}`, begins: 'Running.' }
  return snapshot.run.checks.some((check) => check.state === 'running')
    ? { key: 'checks', begins: 'The checks run.' }
    : undefined
}
