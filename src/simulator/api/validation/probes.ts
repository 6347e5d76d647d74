import { type FieldError, fieldError } from './field-error.ts'
import { fieldOf, isRecord, listOf, numberOf, textOf } from './json.ts'
import { portNameProblems, portNumberProblems } from './names.ts'
import { nonNegativeErrors } from './numbers.ts'

export type ProbeName = 'livenessProbe' | 'readinessProbe' | 'startupProbe'

/** `validateLivenessProbe` and its neighbours. */
export function probeErrors(probe: unknown, name: ProbeName, at: string): readonly FieldError[] {
  if (!isRecord(probe)) return []
  const found: FieldError[] = [...handlerErrors(probe, at)]
  for (const field of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ]) {
    found.push(...nonNegativeErrors(numberOf(probe, field), `${at}.${field}`))
  }
  const grace = numberOf(probe, 'terminationGracePeriodSeconds')
  const place = `${at}.terminationGracePeriodSeconds`
  if (grace !== undefined && grace <= 0) {
    found.push(fieldError.invalid(place, grace, 'must be greater than 0'))
  }
  if (name === 'readinessProbe') {
    if (grace !== undefined) {
      found.push(fieldError.invalid(place, grace, 'must not be set for readinessProbes'))
    }
    return found
  }
  const successes = numberOf(probe, 'successThreshold') ?? 1
  if (successes !== 1) {
    found.push(fieldError.invalid(`${at}.successThreshold`, successes, 'must be 1'))
  }
  return found
}

/** `validateHandler`: of a probe, or of a hook of the container's life. */
export function handlerErrors(handler: unknown, at: string): readonly FieldError[] {
  const found: FieldError[] = []
  let count = 0
  for (const kind of ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const) {
    const action = fieldOf(handler, kind)
    if (action === undefined) continue
    count += 1
    if (count > 1) {
      found.push(fieldError.forbidden(`${at}.${kind}`, 'may not specify more than 1 handler type'))
    } else found.push(...actionErrors(kind, action, `${at}.${kind}`))
  }
  return count === 0 ? [fieldError.required(at, 'must specify a handler type')] : found
}

function actionErrors(
  kind: 'exec' | 'httpGet' | 'tcpSocket' | 'grpc' | 'sleep',
  action: unknown,
  at: string,
): readonly FieldError[] {
  switch (kind) {
    case 'exec':
      return listOf(fieldOf(action, 'command')).length === 0
        ? [fieldError.required(`${at}.command`)]
        : []
    case 'httpGet': {
      const schemes = ['HTTP', 'HTTPS']
      const scheme = textOf(action, 'scheme') || 'HTTP'
      return [
        ...(textOf(action, 'path') === '' ? [fieldError.required(`${at}.path`)] : []),
        ...portErrors(fieldOf(action, 'port'), `${at}.port`),
        ...(schemes.includes(scheme)
          ? []
          : [fieldError.notSupported(`${at}.scheme`, scheme, schemes)]),
      ]
    }
    case 'tcpSocket':
    case 'grpc':
      return portErrors(fieldOf(action, 'port'), `${at}.port`)
    case 'sleep':
      return nonNegativeErrors(numberOf(action, 'seconds'), `${at}.seconds`)
  }
}

/** `ValidatePortNumOrName`. */
export function portErrors(port: unknown, at: string): readonly FieldError[] {
  const problems =
    typeof port === 'string' ? portNameProblems(port) : portNumberProblems(Number(port ?? 0))
  return problems.map((problem) => fieldError.invalid(at, port ?? 0, problem))
}
