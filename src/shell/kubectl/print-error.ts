import { LabError } from '../../base/errors.ts'
import { KubeStatusError } from '../../kube/client.ts'
import type { Status } from '../../kube/objects.ts'
import { KubectlError, KubectlErrors } from './kubectl-error.ts'

/** What kubectl prints on its error output for a failure, and its exit code (`cmdutil.CheckErr`). */
export function describeError(error: unknown): {
  readonly text: string
  readonly exitCode: number
} {
  if (error instanceof KubectlErrors) {
    // Of several failures each stands as it is (`cmdutil.MultipleErrors`).
    const texts = error.errors.map((one) =>
      one instanceof KubectlError ? line(one.message) : describeError(one).text,
    )
    return { text: texts.join(''), exitCode: 1 }
  }
  if (error instanceof KubectlError) {
    const prefixed = error.plain || error.message.startsWith('error: ')
    return {
      text: line(prefixed ? error.message : `error: ${error.message}`),
      exitCode: error.exitCode,
    }
  }
  if (error instanceof KubeStatusError) return { text: line(statusText(error.status)), exitCode: 1 }
  if (error instanceof LabError) {
    const more = [error.why, ...error.next].filter((part) => part !== undefined)
    return { text: line([`error: ${error.message}`, ...more].join('\n')), exitCode: 1 }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { text: line(`error: ${message}`), exitCode: 1 }
}

/** The sentence of a failed Status: invalid objects list their causes, everything else names the reason. */
function statusText(status: Status): string {
  if (status.reason === 'Invalid') return invalidText(status)
  const message = status.message ?? ''
  if (status.reason === 'Unauthorized') {
    return `error: You must be logged in to the server (${message})`
  }
  return status.reason === undefined || status.reason === ''
    ? `Error from server: ${message}`
    : `Error from server (${status.reason}): ${message}`
}

function invalidText(status: Status): string {
  const { details } = status
  const start = 'The request is invalid'
  if (details === undefined) return status.message ? `${start}: ${status.message}` : start
  const causes = [
    ...new Set(
      (details.causes ?? []).map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`),
    ),
  ]
  const named = (details.kind ?? '') !== '' || (details.name ?? '') !== ''
  const subject = named
    ? `The ${details.kind ?? ''} ${JSON.stringify(details.name ?? '')} is invalid`
    : status.message && causes.length === 0
      ? `${start}: ${status.message}`
      : start
  const [only] = causes
  if (only === undefined) return subject
  if (causes.length === 1) return `${subject}: ${only}`
  return `${subject}: \n${causes.map((cause) => `* ${cause}\n`).join('')}`
}

/** kubectl's `AddSourceToErr`: says during what, and from which file, a server refused. */
export function addSource(verb: string, source: string | undefined, error: unknown): unknown {
  if (source === undefined || !(error instanceof KubeStatusError)) return error
  const message = `error when ${verb} ${JSON.stringify(source)}: ${error.status.message ?? ''}`
  return new KubeStatusError({ ...error.status, message })
}

function line(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
