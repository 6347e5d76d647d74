import { LabError } from '../base/errors.ts'

/** An error for stderr: what happened, why, what to do next. A usage error is one line. */
export function renderError(error: unknown): string {
  if (error instanceof LabError) {
    if (error.exitCode === 2 && error.why === undefined)
      return `netpol-lab: ${[error.message, ...error.next].join(' ')}`
    const lines = [`netpol-lab: ${error.message}`]
    if (error.why !== undefined) lines.push(...indent(error.why))
    if (error.next.length > 0) lines.push('What you can do:', ...error.next.flatMap(indent))
    return lines.join('\n')
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `netpol-lab: this is a defect of netpol-lab, not of what you did.\n${indent(text).join('\n')}`
}

function indent(text: string): readonly string[] {
  return text.split('\n').map((row) => `  ${row}`)
}
