import { isRecord, type JsonRecord } from '../values.ts'
import { describeEvents, findEvents } from './describe-events.ts'
import {
  DescribeWriter,
  writeAnnotations,
  writeLabels,
  writeNameAndNamespace,
} from './describe-writer.ts'
import type { Describer } from './describer.ts'

/** Said elsewhere in the description, or for nobody. */
const SKIPPED: ReadonlySet<string> = new Set([
  '.metadata.managedFields',
  '.metadata.name',
  '.metadata.namespace',
  '.metadata.labels',
  '.metadata.annotations',
])

/** Objects of a kind that kubectl knows nothing about, custom resources above all: all their fields (`genericDescriber`). */
export const describeAny: Describer = async (context, object, options) => {
  const w = new DescribeWriter()
  writeNameAndNamespace(w, { ...object.metadata })
  writeLabels(w, 'Labels', object.metadata.labels)
  writeAnnotations(w, 'Annotations', object.metadata.annotations)
  writeContent(w, 0, { ...object }, '')
  if (options.showEvents) {
    describeEvents(w, await findEvents(context, object, { withKind: true }), context.clock.now())
  }
  return w.finish()
}

function writeContent(w: DescribeWriter, level: number, content: JsonRecord, path: string): void {
  const fields = Object.keys(content).sort((a, b) => (a < b ? -1 : 1))
  for (const field of fields) {
    const value = content[field]
    const here = `${path}.${field}`
    if (SKIPPED.has(here) || value === undefined) continue
    if (isRecord(value)) {
      w.write(level, `${labelOf(field)}:\n`)
      writeContent(w, level + 1, value, here)
    } else if (Array.isArray(value)) {
      w.write(level, `${labelOf(field)}:\n`)
      for (const item of value) {
        if (isRecord(item)) writeContent(w, level + 1, item, here)
        else w.write(level + 1, `${goText(item)}\n`)
      }
    } else w.write(level, `${labelOf(field)}:\t${goText(value)}\n`)
  }
}

function goText(value: unknown): string {
  return value === null ? '<nil>' : String(value)
}

const ACRONYMS: ReadonlySet<string> = new Set(['API', 'URL', 'UID', 'OSB', 'GUID'])

/** `resourceVersion` → `Resource Version`; a name with other signs than letters stays (`smartLabelFor`). */
function labelOf(field: string): string {
  if (/[^\p{L}-]/u.test(field)) return field
  const parts = field.match(/\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lu}+|-/gu) ?? [field]
  return parts
    .map((part) =>
      ACRONYMS.has(part.toUpperCase())
        ? part.toUpperCase()
        : part.slice(0, 1).toUpperCase() + part.slice(1),
    )
    .join(' ')
}
