import { sortRecord } from './generate-pod.ts'
import { generator } from './generator.ts'
import { keyedSources, SOURCE_FLAGS } from './keyed-sources.ts'

/** `kubectl create secret generic`. */
export const secretGenerator = generator({
  name: 'secret generic',
  failing: 'secret',
  summary: 'Create a secret from a local file, directory, or literal value',
  usage:
    'kubectl create secret generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1]',
  namespaced: true,
  flags: [...SOURCE_FLAGS, { name: 'type', type: 'string' }],
  async generate({ name, flags, context }) {
    const sources = await keyedSources(context, flags, `Secret ${JSON.stringify(name)}`)
    const data = Object.entries(sources).map(([key, value]): [string, string] => [
      key,
      Buffer.from(value).toString('base64'),
    ])
    const type = flags.string('type')
    return {
      ...(data.length === 0 ? {} : { data: sortRecord(Object.fromEntries(data)) }),
      ...(type === '' ? {} : { type }),
      kind: 'Secret',
    }
  },
})

/** `kubectl create serviceaccount`. */
export const serviceAccountGenerator = generator({
  name: 'serviceaccount',
  aliases: ['sa'],
  failing: 'serviceaccount:',
  summary: 'Create a service account with the specified name',
  usage: 'kubectl create serviceaccount NAME [--dry-run=server|client|none]',
  namespaced: true,
  flags: [],
  generate: () => ({ kind: 'ServiceAccount' }),
})
