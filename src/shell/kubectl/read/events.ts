import { ALL_NAMESPACES_FLAG } from '../common-flags.ts'
import type { KubectlCommand, KubectlContext } from '../context.ts'
import { since } from '../describe/go-time.ts'
import type { ParsedFlags } from '../flags.ts'
import { KubectlError } from '../kubectl-error.ts'
import { alignTabs } from '../print/tab-writer.ts'
import { type JsonRecord, number, record, text } from '../values.ts'

const USE_GET = 'Use kubectl get events with it instead.'

/** `kubectl events`: events in the order of time (`kubectl/pkg/cmd/events`). */
export const eventsCommand: KubectlCommand = {
  name: 'events',
  summary: 'List events',
  usage: 'kubectl events [--for TYPE/NAME] [--types=Normal,Warning]',
  words: 'none',
  flags: [
    ALL_NAMESPACES_FLAG,
    { name: 'chunk-size', type: 'int', default: '500' },
    { name: 'for', type: 'string' },
    { name: 'no-headers', type: 'bool' },
    { name: 'output', short: 'o', type: 'string', refused: USE_GET },
    { name: 'types', type: 'slice', values: ['Normal', 'Warning'] },
    { name: 'watch', short: 'w', type: 'bool', refused: USE_GET },
  ],
  run: runEvents,
}

async function runEvents(context: KubectlContext, given: ParsedFlags): Promise<number> {
  const { flags } = given
  const types = flags.list('types')
  const everywhere = flags.bool('all-namespaces')
  const about =
    flags.string('for') === '' ? undefined : await subjectOf(context, flags.string('for'))
  if (types.some((type) => !/^(normal|warning)$/i.test(type))) {
    throw new KubectlError('valid --types are Normal or Warning')
  }
  const list = await context.client.list(
    { apiVersion: 'v1', plural: 'events', ...(everywhere ? {} : { namespace: context.namespace }) },
    {
      ...(about === undefined
        ? {}
        : { fieldSelector: `involvedObject.kind=${about.kind},involvedObject.name=${about.name}` }),
      signal: context.signal,
    },
  )
  const wanted = types.map((type) => type.toLowerCase())
  const events = list.items
    .map((item): JsonRecord => ({ ...item }))
    .filter((event) => wanted.length === 0 || wanted.includes(text(event.type).toLowerCase()))
    .sort((a, b) => Date.parse(lastTimeOf(a)) - Date.parse(lastTimeOf(b)))
  if (events.length === 0) {
    context.err(
      everywhere ? 'No events found.\n' : `No events found in ${context.namespace} namespace.\n`,
    )
    return 0
  }
  const now = context.clock.now()
  const rows = events.map((event) => {
    const object = record(event.involvedObject)
    return [
      ...(everywhere ? [text(record(event.metadata).namespace)] : []),
      intervalOf(event, now),
      text(event.type),
      text(event.reason),
      `${text(object.kind)}/${text(object.name)}`,
      text(event.message).trim(),
    ]
  })
  const header = ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE']
  if (everywhere) header.unshift('NAMESPACE')
  if (!flags.bool('no-headers')) rows.unshift(header)
  context.out(alignTabs(rows.map((row) => `${row.join('\t')}\n`).join('')))
  return 0
}

/** @throws KubectlError for what is no TYPE/NAME, and for a kind that there is not */
async function subjectOf(context: KubectlContext, word: string) {
  const [typed = '', name = '', more] = word.split('/')
  if (more !== undefined) {
    throw new KubectlError('arguments in resource/name form may not have more than one slash')
  }
  if (typed === '' || name === '') {
    throw new KubectlError('--for must be in resource/name form')
  }
  try {
    return { kind: (await context.kinds.typed(typed)).kind, name }
  } catch (error) {
    throw error instanceof KubectlError ? new KubectlError(error.message, { plain: true }) : error
  }
}

function lastTimeOf(event: JsonRecord): string {
  const series = record(event.series)
  return text(event.lastTimestamp) || text(series.lastObservedTime) || text(event.eventTime)
}

/** `5s`, or `2s (x3 over 10s)` for what happened several times. */
function intervalOf(event: JsonRecord, now: number): string {
  const first = since(text(event.eventTime) || event.firstTimestamp, now)
  const series = record(event.series)
  if (number(series.count) > 0) {
    return `${since(series.lastObservedTime, now)} (x${number(series.count)} over ${first})`
  }
  const count = number(event.count)
  return count > 1 ? `${since(event.lastTimestamp, now)} (x${count} over ${first})` : first
}
