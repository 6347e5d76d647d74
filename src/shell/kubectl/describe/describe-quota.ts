import { record, records, strings, text } from '../values.ts'
import { DescribeWriter, writeNameAndNamespace } from './describe-writer.ts'
import type { Describer } from './describer.ts'

/** `kubectl describe resourcequota` (`describeQuota`). */
export const describeResourceQuota: Describer = async (_context, quota) => {
  const status = record(quota.status)
  const used = record(status.used)
  const w = new DescribeWriter()
  writeNameAndNamespace(w, { ...quota.metadata })
  const scopes = strings(record(quota.spec).scopes)
  if (scopes.length > 0) w.write(0, `Scopes:\t${[...scopes].sort().join(', ')}\n`)
  w.write(0, 'Resource\tUsed\tHard\n')
  w.write(0, '--------\t----\t----\n')
  for (const [name, hard] of Object.entries(record(status.hard)).sort()) {
    w.write(0, `${name}\t${String(used[name] ?? '0')}\t${String(hard)}\n`)
  }
  return w.finish()
}

/** `kubectl describe limitrange` (`describeLimitRangeSpec`). */
export const describeLimitRange: Describer = async (_context, range) => {
  const w = new DescribeWriter()
  writeNameAndNamespace(w, { ...range.metadata })
  w.write(0, 'Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio\n')
  w.write(0, '----\t--------\t---\t---\t---------------\t-------------\t-----------------------\n')
  for (const limit of records(record(range.spec).limits)) {
    const columns = ['min', 'max', 'defaultRequest', 'default', 'maxLimitRequestRatio']
    const names = new Set(columns.flatMap((column) => Object.keys(record(limit[column]))))
    for (const name of [...names].sort()) {
      const cells = columns.map((column) => String(record(limit[column])[name] ?? '-'))
      w.write(0, `${text(limit.type)}\t${name}\t${cells.join('\t')}\n`)
    }
  }
  return w.finish()
}
