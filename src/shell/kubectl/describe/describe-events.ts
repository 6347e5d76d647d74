import type { AnyKubeObject, KubeList } from '../../../kube/objects.ts'
import type { KubectlContext } from '../context.ts'
import { type JsonRecord, number, record, text } from '../values.ts'
import type { DescribeWriter } from './describe-writer.ts'
import { since } from './go-time.ts'

/** Events about an object, or `undefined` where the cluster does not give any. */
export async function findEvents(
  context: KubectlContext,
  object: AnyKubeObject,
  options: { readonly withKind: boolean },
): Promise<readonly JsonRecord[] | undefined> {
  const { name, namespace = '', uid = '' } = object.metadata
  const selector = [
    `involvedObject.name=${name}`,
    `involvedObject.namespace=${namespace}`,
    ...(options.withKind ? [`involvedObject.kind=${object.kind}`] : []),
    `involvedObject.uid=${uid}`,
  ]
  try {
    const list: KubeList = await context.client.list(
      { apiVersion: 'v1', plural: 'events', ...(namespace === '' ? {} : { namespace }) },
      { fieldSelector: selector.join(','), signal: context.signal },
    )
    return list.items
  } catch (_error) {
    context.signal.throwIfAborted()
    return undefined
  }
}

export function describeEvents(
  w: DescribeWriter,
  events: readonly JsonRecord[] | undefined,
  nowMs: number,
): void {
  if (events === undefined) return
  if (events.length === 0) {
    w.write(0, 'Events:\t<none>\n')
    return
  }
  w.flush()
  w.write(0, 'Events:\n  Type\tReason\tAge\tFrom\tMessage\n')
  w.write(1, '----\t------\t----\t----\t-------\n')
  const sorted = [...events].sort((a, b) => lastTime(a) - lastTime(b))
  for (const event of sorted) {
    const source = text(record(event.source).component) || text(event.reportingComponent)
    const cells = [
      text(event.type),
      text(event.reason),
      interval(event, nowMs),
      source,
      text(event.message).trim(),
    ]
    w.write(1, `${cells.join('\t')}\n`)
  }
}

function lastTime(event: JsonRecord): number {
  return Date.parse(text(event.lastTimestamp)) || 0
}

function interval(event: JsonRecord, nowMs: number): string {
  const first = since(event.eventTime ?? event.firstTimestamp, nowMs)
  const series = record(event.series)
  if (number(series.count) > 0) {
    return `${since(series.lastObservedTime, nowMs)} (x${number(series.count)} over ${first})`
  }
  const count = number(event.count)
  return count > 1 ? `${since(event.lastTimestamp, nowMs)} (x${count} over ${first})` : first
}
