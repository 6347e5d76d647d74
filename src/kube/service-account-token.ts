/** Who issues the tokens of a cluster's service accounts, and whom they are for unless somebody else is named. */
export const TOKEN_ISSUER = 'https://kubernetes.default.svc.cluster.local'

/**
 * A token with the claims of a real one, that nobody signed. `issuedAt` and `lifetime` are in seconds, `signature` is 256 random
 * bytes.
 */
export function serviceAccountToken(options: {
  readonly namespace: string
  readonly name: string
  readonly uid: string | undefined
  readonly audiences: readonly unknown[]
  readonly issuedAt: number
  readonly lifetime: number
  readonly signature: Uint8Array
  /** The pod that holds it. */
  readonly pod?: { readonly name: string; readonly uid: string | undefined }
}): string {
  const { namespace, name, uid, issuedAt, pod } = options
  const parts = [
    { alg: 'RS256', kid: 'netpol-lab' },
    {
      aud: options.audiences,
      exp: issuedAt + options.lifetime,
      iat: issuedAt,
      iss: TOKEN_ISSUER,
      'kubernetes.io': {
        namespace,
        ...(pod === undefined ? {} : { pod }),
        serviceaccount: { name, uid },
      },
      nbf: issuedAt,
      sub: `system:serviceaccount:${namespace}:${name}`,
    },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  return [...parts, Buffer.from(options.signature).toString('base64url')].join('.')
}
