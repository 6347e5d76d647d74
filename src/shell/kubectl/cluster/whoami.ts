import { PRINT_FLAGS } from '../common-flags.ts'
import type { KubectlCommand } from '../context.ts'
import { statusError } from '../objects/delete.ts'
import { printerFor } from '../print/object-printer.ts'
import { alignTabs } from '../print/tab-writer.ts'
import { record, strings, text } from '../values.ts'

/** `kubectl auth whoami`: asks the server for a SelfSubjectReview. */
export const whoamiCommand: KubectlCommand = {
  name: 'auth whoami',
  summary: 'Experimental: Check self subject attributes',
  usage: 'kubectl auth whoami',
  words: 'none',
  flags: PRINT_FLAGS,
  async run(context, { flags }) {
    const printer = printerFor(flags.string('output'))
    const own = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
    const answer = await context.client.request({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      body: own,
      signal: context.signal,
    })
    if (answer.status >= 400) throw statusError(answer.status, answer.body)
    const review = { ...record(answer.body), ...own }
    if (printer !== undefined) {
      context.out(printer(review))
      return 0
    }
    const user = record(record(record(answer.body).status).userInfo)
    const rows = [
      ['ATTRIBUTE', 'VALUE'],
      ['Username', text(user.username)],
    ]
    if (text(user.uid) !== '') rows.push(['UID', text(user.uid)])
    if (strings(user.groups).length > 0) rows.push(['Groups', goList(user.groups)])
    for (const [key, values] of Object.entries(record(user.extra)).sort()) {
      rows.push([`Extra: ${key}`, goList(values)])
    }
    context.out(alignTabs(rows.map((row) => `${row.join('\t')}\n`).join('')))
    return 0
  },
}

/** A list of strings as Go's `%v` shows it. */
function goList(values: unknown): string {
  return `[${strings(values).join(' ')}]`
}
