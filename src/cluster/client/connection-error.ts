import { LabError } from '../../base/errors.ts'

/** Whatever kept a request from being answered, as the failure that the lab knows. */
export function toConnectionError(error: unknown, server: string): LabError {
  if (error instanceof LabError) return error
  const code = codeOf(error)
  const words = error instanceof Error ? error.message : String(error)
  return new LabError('ERR_CLUSTER_UNREACHABLE', 'The cluster does not answer.', {
    why: `${server}: ${code === undefined ? words : (REASONS[code] ?? words)}`,
    next: ['Check that the cluster runs, then try again.'],
    cause: error,
  })
}

/** What the codes of Node's net, dns and tls mean to a person. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'no way leads to the host',
  ENETUNREACH: 'no way leads to the network',
  ETIMEDOUT: 'no answer in time',
  CERT_HAS_EXPIRED: 'the certificate of the server has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the kubeconfig does not trust the certificate of the server',
  SELF_SIGNED_CERT_IN_CHAIN: 'the kubeconfig does not trust the certificate of the server',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the kubeconfig does not trust the certificate of the server',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate of the server is for another name',
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
