import { LabError } from '../../base/errors.ts'
import { isNodeError } from '../../platform/node-error.ts'

/** What to say of a port that a server could not have; any other error as it is. */
export function portError(port: number | undefined, error: unknown): unknown {
  if (!isNodeError(error, 'EADDRINUSE', 'EACCES')) return error
  const taken = isNodeError(error, 'EADDRINUSE')
  return new LabError('ERR_LOCKED', `Port ${port} on 127.0.0.1 cannot be used.`, {
    why: taken
      ? 'Another program listens there.'
      : 'This system does not let you listen there; ports below 1024 are often kept for root.',
    next: ['Name another one with --port.', 'Or leave --port out: the lab takes a free one.'],
    cause: error,
  })
}
