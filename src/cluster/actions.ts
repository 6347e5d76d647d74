import type { Clock } from '../base/clock.ts'
import type { OpeningAction } from './provider.ts'

/** What an action can change of its line while it runs. */
export interface ActionProgress {
  readonly title?: string
  readonly detail?: string | undefined
}

export type Act = <T>(
  id: string,
  title: string,
  action: (progress: (change: ActionProgress) => void) => Promise<T>,
) => Promise<T>

/** Runs actions and reports each as a line of the opening screen: running, then done or failed, with its seconds. */
export function createActions(onAction: (action: OpeningAction) => void, clock: Clock): Act {
  return async (id, title, action) => {
    const started = clock.now()
    let shown: { title: string; detail: string | undefined } = { title, detail: undefined }
    const report = (state: OpeningAction['state']) => {
      onAction({
        id,
        title: shown.title,
        state,
        seconds: (clock.now() - started) / 1000,
        ...(shown.detail === undefined ? {} : { detail: shown.detail }),
      })
    }
    report('running')
    try {
      const value = await action((change) => {
        shown = { ...shown, detail: shown.detail, ...change }
        report('running')
      })
      report('done')
      return value
    } catch (error) {
      report('failed')
      throw error
    }
  }
}
