import { record, records, stringMap, text } from '../values.ts'
import { describeEvents, findEvents } from './describe-events.ts'
import {
  DescribeWriter,
  writeAnnotations,
  writeLabels,
  writeNameAndNamespace,
} from './describe-writer.ts'
import type { Describer } from './describer.ts'

/** `kubectl describe secret`: the sizes of its values, never the values. */
export const describeSecret: Describer = async (_context, secret) => {
  const w = new DescribeWriter()
  writeNameAndNamespace(w, { ...secret.metadata })
  writeLabels(w, 'Labels', secret.metadata.labels)
  writeAnnotations(w, 'Annotations', secret.metadata.annotations)
  w.write(0, `\nType:\t${text(secret.type)}\n\nData\n====\n`)
  for (const [key, value] of Object.entries(stringMap(secret.data)).sort()) {
    const bytes = Buffer.from(value, 'base64')
    const isToken = key === 'token' && secret.type === 'kubernetes.io/service-account-token'
    w.write(0, `${key}:\t${isToken ? bytes.toString('utf8') : `${bytes.length} bytes`}\n`)
  }
  return w.finish()
}

/** `kubectl describe serviceaccount` (`describeServiceAccount`). */
export const describeServiceAccount: Describer = async (context, account, options) => {
  const names = (field: string) => records(account[field]).map((one) => text(one.name))
  const existing = await secretsOf(context, account.metadata.namespace ?? '')
  const tokens = existing.filter(
    (secret) =>
      secret.type === 'kubernetes.io/service-account-token' &&
      stringMap(record(secret.metadata).annotations)['kubernetes.io/service-account.name'] ===
        account.metadata.name,
  )
  const known = new Set(existing.map((secret) => text(record(secret.metadata).name)))
  const w = new DescribeWriter()
  writeNameAndNamespace(w, { ...account.metadata })
  writeLabels(w, 'Labels', account.metadata.labels)
  writeAnnotations(w, 'Annotations', account.metadata.annotations)
  for (const [title, listed] of [
    ['Image pull secrets:', names('imagePullSecrets')],
    ['Mountable secrets: ', names('secrets')],
    ['Tokens:            ', tokens.map((token) => text(record(token.metadata).name))],
  ] as const) {
    if (listed.length === 0) w.write(0, `${title}\t<none>\n`)
    listed.forEach((name, index) => {
      const missing = known.has(name) ? '' : ' (not found)'
      w.write(0, `${index === 0 ? title : ' '.repeat(19)}\t${name}${missing}\n`)
    })
  }
  if (options.showEvents) {
    describeEvents(w, await findEvents(context, account, { withKind: true }), context.clock.now())
  }
  return w.finish()
}

async function secretsOf(context: Parameters<Describer>[0], namespace: string) {
  const list = await context.client.list(
    { apiVersion: 'v1', plural: 'secrets', namespace },
    { signal: context.signal },
  )
  return list.items
}
