import type { Action, AppModel, AppSnapshot } from '../../../src/runner/snapshot.ts'
import type { LabConsole } from '../../../src/shell/ports.ts'

/** A model whose snapshots a test sets, and which writes down the actions that it gets. */
export interface FakeModel extends AppModel {
  readonly sent: readonly Action[]
  show(snapshot: AppSnapshot): void
  end(exitCode: number): void
}

export function createFakeModel(first: AppSnapshot, terminal?: LabConsole): FakeModel {
  let snapshot = first
  const sent: Action[] = []
  const listeners = new Set<() => void>()
  let resolve: (end: { exitCode: number; farewell: readonly string[] }) => void = () => {}
  const ended = new Promise<{ exitCode: number; farewell: readonly string[] }>((done) => {
    resolve = done
  })
  return {
    get snapshot() {
      return snapshot
    },
    console: terminal,
    sent,
    send: (action) => {
      sent.push(action)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    ended,
    show: (next) => {
      snapshot = next
      for (const listener of listeners) listener()
    },
    end: (exitCode) => resolve({ exitCode, farewell: [] }),
  }
}
