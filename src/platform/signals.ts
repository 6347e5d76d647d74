import { LabError } from '../base/errors.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
type InterruptSignal = (typeof SIGNALS)[number]

/** Where signals come from: the process, or a test. */
export interface SignalSource {
  on(name: InterruptSignal, listener: () => void): unknown
  off(name: InterruptSignal, listener: () => void): unknown
}

/**
 * One abort for every way in which the program is asked to stop, and the close actions of whatever is open.
 */
export interface Signals {
  /** Aborts with `ERR_INTERRUPTED` on the first signal. */
  readonly signal: AbortSignal
  /** Aborts as a signal does: Ctrl-C of a terminal in raw mode. */
  interrupt(): void
  /** Registers a close action where something opens. Returns the function that takes it back. */
  onClose(action: () => unknown): () => void
  /** Runs the close actions, last opened first, all of them whatever fails; stops listening. Can run twice. */
  close(): Promise<void>
}

/**
 * @param options.onSecondSignal a second signal while the first is still cleaned up
 */
export function openSignals(options: {
  readonly source: SignalSource
  readonly onSecondSignal: () => void
}): Signals {
  const controller = new AbortController()
  const actions: (() => unknown)[] = []
  let closing: Promise<void> | undefined

  const interrupt = () => {
    controller.abort(new LabError('ERR_INTERRUPTED', 'Stopped.'))
  }
  const onSignal = () => {
    if (controller.signal.aborted) options.onSecondSignal()
    else interrupt()
  }
  for (const name of SIGNALS) options.source.on(name, onSignal)

  const closeAll = async () => {
    const failures: unknown[] = []
    for (let action = actions.pop(); action !== undefined; action = actions.pop()) {
      try {
        await action()
      } catch (error) {
        failures.push(error)
      }
    }
    for (const name of SIGNALS) options.source.off(name, onSignal)
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1) throw new AggregateError(failures, 'Several things did not close.')
  }

  return {
    signal: controller.signal,
    interrupt,
    onClose: (action) => {
      actions.push(action)
      return () => {
        const at = actions.indexOf(action)
        if (at !== -1) actions.splice(at, 1)
      }
    },
    close: () => {
      closing ??= closeAll()
      return closing
    },
  }
}
