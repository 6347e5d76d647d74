import type { KubectlCommand } from '../context.ts'
import { usageError } from '../kubectl-error.ts'
import { record, records, text } from '../values.ts'

/** `kubectl api-versions`. */
export const apiVersionsCommand: KubectlCommand = {
  name: 'api-versions',
  summary: 'Print the supported API versions on the server, in the form of "group/version"',
  usage: 'kubectl api-versions',
  words: 'none',
  flags: [],
  async run(context, { positionals }) {
    if (positionals.length > 0) {
      throw usageError('kubectl api-versions', `unexpected arguments: [${positionals.join(' ')}]`)
    }
    const answer = await context.client.request({
      method: 'GET',
      path: '/apis',
      signal: context.signal,
    })
    const grouped = records(record(answer.body).groups).flatMap((group) =>
      records(group.versions).map((version) => text(version.groupVersion)),
    )
    context.out(
      ['v1', ...grouped]
        .sort()
        .map((one) => `${one}\n`)
        .join(''),
    )
    return 0
  },
}
