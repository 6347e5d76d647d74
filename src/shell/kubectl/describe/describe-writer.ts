import { alignTabs } from '../print/tab-writer.ts'
import { type JsonRecord, stringMap, text } from '../values.ts'

/** Collects a description: text at levels of two spaces, columns by tabs (`describe.PrefixWriter` over a tabwriter). */
export class DescribeWriter {
  private done = ''
  private open = ''

  /** @param level indent before the text, in steps of two spaces, wherever in a line it is */
  write(level: number, content: string): void {
    this.open += '  '.repeat(level) + content
  }

  /** Aligns what was written so far; what follows has columns of its own. */
  flush(): void {
    this.done += alignTabs(this.open, { minimum: 0, padding: 2 })
    this.open = ''
  }

  /** What was written, its tabs as they are. */
  unaligned(): string {
    return this.done + this.open
  }

  finish(): string {
    this.flush()
    return this.done
  }
}

/** `Labels:` with one pair a line, or `<none>`. */
export function writeLabels(
  w: DescribeWriter,
  title: string,
  value: unknown,
  options: { readonly indent?: string } = {},
): void {
  const { indent = '' } = options
  const pairs = Object.entries(stringMap(value)).sort(([a], [b]) => (a < b ? -1 : 1))
  w.write(0, `${indent}${title}:\t`)
  if (pairs.length === 0) w.write(0, '<none>\n')
  pairs.forEach(([key, one], index) => {
    if (index > 0) w.write(0, `${indent}\t`)
    w.write(0, `${key}=${one}\n`)
  })
}

const MAX_ANNOTATION = 140
const SKIPPED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration'

/** `Annotations:`, long values on lines of their own and cut. What `apply` keeps is left out. */
export function writeAnnotations(w: DescribeWriter, title: string, value: unknown): void {
  const pairs = Object.entries(stringMap(value))
    .filter(([key]) => key !== SKIPPED_ANNOTATION)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  w.write(0, `${title}:\t`)
  if (pairs.length === 0) w.write(0, '<none>\n')
  pairs.forEach(([key, raw], index) => {
    if (index > 0) w.write(0, '\t')
    const one = raw.replace(/\n$/, '')
    if (one.length + key.length + 2 <= MAX_ANNOTATION && !one.includes('\n')) {
      w.write(0, `${key}: ${one}\n`)
      return
    }
    w.write(0, `${key}:\n`)
    for (const line of one.split('\n')) {
      const short =
        line.length > MAX_ANNOTATION - 2 ? `${line.slice(0, MAX_ANNOTATION - 2)}...` : line
      w.write(0, `\t  ${short}\n`)
    }
  })
}

/** The head that most descriptions begin with. */
export function writeNameAndNamespace(w: DescribeWriter, metadata: JsonRecord): void {
  w.write(0, `Name:\t${text(metadata.name)}\n`)
  w.write(0, `Namespace:\t${text(metadata.namespace)}\n`)
}

/** `Deployment/web` of the owner that controls an object, or nothing. */
export function controllerOf(metadata: JsonRecord): string {
  const owners = Array.isArray(metadata.ownerReferences) ? metadata.ownerReferences : []
  for (const owner of owners as readonly JsonRecord[]) {
    if (owner.controller === true) return `${text(owner.kind)}/${text(owner.name)}`
  }
  return ''
}
