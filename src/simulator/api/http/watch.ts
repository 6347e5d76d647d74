import type { Clock } from '../../../base/clock.ts'
import type { AnyKubeObject, Status } from '../../../kube/objects.ts'
import type { StoredKind } from '../../ports.ts'
import { errors } from '../status.ts'
import type { Store, StoredChange } from '../store.ts'

export interface WatchOptions {
  readonly store: Store
  readonly clock: Clock
  readonly kind: StoredKind
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly matches: (object: AnyKubeObject) => boolean
  /** Starts after that revision; `undefined` or 0 start with the objects that are there. */
  readonly revision: number | undefined
  /** Sends what is there, then a bookmark that says so, even with a revision. */
  readonly sendInitialEvents: boolean
  readonly bookmarks: boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Writes an object as the client wants it, as JSON. */
  readonly encode: (object: AnyKubeObject) => string
  /** Kind and version of bookmarks. */
  readonly bookmark: (resourceVersion: string, annotations?: Record<string, string>) => unknown
}

/** A client that reads no more is cut off at so many waiting events. */
const QUEUE_LIMIT = 20_000
/** As a real server: about once a minute. */
const BOOKMARK_MS = 60_000

/**
 * The events of a watch, one JSON line each. It subscribes before it returns, so that nothing is missed; it ends with the
 * signal, with its time, or after an ERROR event.
 */
export function watchEvents(options: WatchOptions): AsyncIterable<string> {
  const { store, kind, matches, signal, clock } = options
  const queue: string[] = []
  let wake: (() => void) | undefined
  let ended = false

  const push = (type: string, object: string) => {
    queue.push(`{"type":"${type}","object":${object}}\n`)
    if (queue.length > QUEUE_LIMIT) end()
    wake?.()
  }
  const inScope = (object: AnyKubeObject) =>
    (options.namespace === undefined || object.metadata.namespace === options.namespace) &&
    (options.name === undefined || object.metadata.name === options.name) &&
    matches(object)
  const deliver = (change: StoredChange) => {
    const now = change.type !== 'DELETED' && inScope(change.object)
    const before = change.previous !== undefined && inScope(change.previous)
    if (now) push(before ? 'MODIFIED' : 'ADDED', options.encode(change.object))
    // An object that leaves the selection is deleted to this watcher, in its last state but with the new version.
    else if (before) push('DELETED', options.encode(lastState(change)))
  }
  const cancels: (() => void)[] = []
  const end = () => {
    if (ended) return
    ended = true
    for (const cancel of cancels) cancel()
    wake?.()
  }
  const fail = (status: Status) => {
    push('ERROR', JSON.stringify(status))
    end()
  }
  const bookmark = (annotations?: Record<string, string>) =>
    push('BOOKMARK', JSON.stringify(options.bookmark(String(store.revision()), annotations)))

  const start = options.revision ?? 0
  if (start === 0 || options.sendInitialEvents) {
    for (const object of store.list(kind, options.namespace)) {
      if (inScope(object)) push('ADDED', options.encode(object))
    }
    if (options.sendInitialEvents && options.bookmarks) {
      bookmark({ 'k8s.io/initial-events-end': 'true' })
    }
  } else {
    const missed = store.changesSince(kind, start)
    if (missed === undefined) {
      fail(errors.gone(`too old resource version: ${start} (${store.revision()})`).status)
    } else {
      for (const change of missed) deliver(change)
    }
  }
  if (!ended && !signal.aborted) {
    cancels.push(
      store.onChange((change) => {
        if (change.kind === kind && change.revision > start) deliver(change)
      }),
    )
    cancels.push(clock.after(options.timeoutMs, end))
    signal.addEventListener('abort', end, { once: true })
    cancels.push(() => signal.removeEventListener('abort', end))
    if (options.bookmarks) {
      const beat = (): (() => void) => {
        let cancel = clock.after(BOOKMARK_MS, () => {
          bookmark()
          cancel = beat()
        })
        return () => cancel()
      }
      cancels.push(beat())
    }
  } else {
    end()
  }

  return {
    async *[Symbol.asyncIterator]() {
      try {
        while (true) {
          const ready = queue.splice(0).join('')
          if (ready !== '') {
            yield ready
            continue
          }
          if (ended) return
          await new Promise<void>((resolve) => {
            wake = resolve
          })
          wake = undefined
        }
      } finally {
        end()
      }
    },
  }
}

function lastState(change: StoredChange): AnyKubeObject {
  if (change.type === 'DELETED' || change.previous === undefined) return change.object
  const { previous } = change
  return {
    ...previous,
    metadata: { ...previous.metadata, resourceVersion: String(change.revision) },
  }
}
