import { KubeStatusError } from '../../../kube/client.ts'
import type { KubectlContext } from '../context.ts'
import { type JsonRecord, record, records, text } from '../values.ts'
import { DescribeWriter, writeAnnotations, writeLabels } from './describe-writer.ts'
import type { Describer } from './describer.ts'
import { rfc1123z } from './go-time.ts'

/** `kubectl describe namespace` (`describeNamespace`). */
export const describeNamespace: Describer = async (context, namespace) => {
  const { name } = namespace.metadata
  const quotas = await listIfServed(context, 'resourcequotas', name)
  const ranges = await listIfServed(context, 'limitranges', name)
  const status = record(namespace.status)
  const w = new DescribeWriter()
  w.write(0, `Name:\t${name}\n`)
  writeLabels(w, 'Labels', namespace.metadata.labels)
  writeAnnotations(w, 'Annotations', namespace.metadata.annotations)
  w.write(0, `Status:\t${text(status.phase)}\n`)
  const conditions = records(status.conditions)
  if (conditions.length > 0) {
    w.write(0, 'Conditions:\n')
    w.write(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage\n')
    w.write(1, '----\t------\t------------------\t------\t-------\n')
  }
  for (const condition of conditions) {
    const cells = [
      text(condition.type),
      text(condition.status),
      rfc1123z(condition.lastTransitionTime),
      text(condition.reason),
      text(condition.message),
    ]
    w.write(1, `${cells.join('\t')}\n`)
  }
  if (quotas !== undefined) {
    w.write(0, '\n')
    writeQuotas(w, quotas)
  }
  if (ranges !== undefined) {
    w.write(0, '\n')
    writeLimitRanges(w, ranges)
  }
  return w.finish()
}

/** Objects of a kind, or `undefined` where the cluster has no such kind. */
async function listIfServed(
  context: KubectlContext,
  plural: string,
  namespace: string,
): Promise<readonly JsonRecord[] | undefined> {
  try {
    const list = await context.client.list(
      { apiVersion: 'v1', plural, namespace },
      { signal: context.signal },
    )
    return list.items
  } catch (error) {
    if (error instanceof KubeStatusError && error.code === 404) return undefined
    throw error
  }
}

function writeQuotas(w: DescribeWriter, quotas: readonly JsonRecord[]): void {
  if (quotas.length === 0) {
    w.write(0, 'No resource quota.\n')
    return
  }
  w.write(0, 'Resource Quotas\n')
  for (const quota of quotas) {
    w.write(1, `Name:\t${text(record(quota.metadata).name)}\n`)
    w.write(1, 'Resource\tUsed\tHard\n')
    w.write(1, '--------\t---\t---\n')
    const status = record(quota.status)
    const used = record(status.used)
    for (const [name, hard] of Object.entries(record(status.hard)).sort()) {
      w.write(1, `${name}\t${String(used[name] ?? 0)}\t${String(hard)}\n`)
    }
  }
}

function writeLimitRanges(w: DescribeWriter, ranges: readonly JsonRecord[]): void {
  if (ranges.length === 0) {
    w.write(0, 'No LimitRange resource.\n')
    return
  }
  w.write(
    0,
    'Resource Limits\n Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio\n',
  )
  w.write(0, ' ----\t--------\t---\t---\t---------------\t-------------\t-----------------------\n')
  for (const range of ranges) {
    for (const limit of records(record(range.spec).limits)) {
      const columns = ['min', 'max', 'defaultRequest', 'default', 'maxLimitRequestRatio']
      const names = new Set(columns.flatMap((column) => Object.keys(record(limit[column]))))
      for (const name of [...names].sort()) {
        const cells = columns.map((column) => String(record(limit[column])[name] ?? '-'))
        w.write(0, ` ${text(limit.type)}\t${name}\t${cells.join('\t')}\n`)
      }
    }
  }
}
