import type { Clock } from '../base/clock.ts'
import type { KubeClient } from '../kube/client.ts'

/** What is known of a cluster that stopped answering. */
export interface Silence {
  readonly server: string
  readonly tries: number
  /** Since when it does not answer, in milliseconds since the epoch. */
  readonly since: number
  readonly why: string
}

export interface HeartbeatOptions {
  readonly client: KubeClient
  readonly clock: Clock
  /** Called when it did not answer twice in a row, and again after each further try. */
  readonly onSilence: (silence: Silence) => void
  /** Called when it answers again after that. */
  readonly onBack: () => void
}

/** Between two questions, in milliseconds. */
const BEAT_MS = 5000
/** How long one question may take. */
const ANSWER_MS = 4000
const TRIES = 2

/** Asks a cluster now and then whether it is there. Returns the function that stops it. */
export function watchCluster(options: HeartbeatOptions): () => void {
  const { client, clock } = options
  const ending = new AbortController()
  let failed: { readonly since: number; readonly tries: number } | undefined

  const ask = async () => {
    const late = new AbortController()
    const cancel = clock.after(ANSWER_MS, () => late.abort(new Error('no answer')))
    try {
      await client.request({
        method: 'GET',
        path: '/readyz',
        signal: AbortSignal.any([late.signal, ending.signal]),
      })
      if (failed !== undefined && failed.tries >= TRIES) options.onBack()
      failed = undefined
    } catch (error) {
      if (ending.signal.aborted) return
      failed = { since: failed?.since ?? clock.now(), tries: (failed?.tries ?? 0) + 1 }
      const why = error instanceof Error ? error.message : String(error)
      if (failed.tries >= TRIES) options.onSilence({ ...failed, server: client.server, why })
    } finally {
      cancel()
    }
  }
  let stop = () => {}
  const next = () => {
    stop = clock.after(BEAT_MS, () => {
      void ask().then(() => {
        if (!ending.signal.aborted) next()
      })
    })
  }
  next()
  return () => {
    ending.abort()
    stop()
  }
}
