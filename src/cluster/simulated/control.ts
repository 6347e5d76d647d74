/**
 * Paths of the background cluster's server that are no part of its Kubernetes API: how the lab asks its process for something. The same
 * on every system, while a signal is none on Windows. They stand behind the same token.
 */
export const CONTROL = {
  prefix: '/netpol-lab/',
  /** GET: the state as a saved cluster. */
  state: '/netpol-lab/state',
  /** POST: ends the process. With `?state=destroy` what was saved is forgotten. */
  stop: '/netpol-lab/stop',
} as const
