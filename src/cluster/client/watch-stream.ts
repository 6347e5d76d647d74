import { StringDecoder } from 'node:string_decoder'
import type { WatchEvent } from '../../kube/client.ts'
import { KubeStatusError } from '../../kube/client.ts'
import { statusOf } from './status.ts'

/** Splits a body into lines, decoding UTF-8 across chunks. */
export async function* readLines(body: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of body) {
    rest += Buffer.isBuffer(chunk) ? decoder.write(chunk) : String(chunk)
    let end = rest.indexOf('\n')
    while (end !== -1) {
      yield rest.slice(0, end)
      rest = rest.slice(end + 1)
      end = rest.indexOf('\n')
    }
  }
  rest += decoder.end()
  if (rest.trim() !== '') yield rest
}

/**
 * Hands on the events of a watch's body until it ends. An ERROR event rejects with its `Status`. A body that breaks off counts as
 * ended: whoever watches lists again then, and learns there whether the cluster is gone.
 */
export async function readWatchEvents(
  body: AsyncIterable<unknown>,
  onEvent: (event: WatchEvent<unknown>) => void,
): Promise<void> {
  const lines = readLines(body)
  for (;;) {
    let line: IteratorResult<string>
    try {
      line = await lines.next()
    } catch {
      return
    }
    if (line.done) return
    if (line.value.trim() === '') continue
    const event = parseEvent(line.value)
    // Half a line at the end of a broken connection.
    if (event === undefined) return
    if (event.type === 'ERROR') throw new KubeStatusError(statusOf(500, event.object))
    onEvent(event)
  }
}

const TYPES: readonly string[] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']

function parseEvent(line: string): WatchEvent<unknown> | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  if (!('type' in value) || !('object' in value)) return undefined
  const { type, object } = value
  return typeof type === 'string' && TYPES.includes(type)
    ? { type: type as WatchEvent['type'], object }
    : undefined
}
