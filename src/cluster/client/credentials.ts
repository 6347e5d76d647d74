import type { RequestOptions } from 'node:https'

/** What a connection needs to know of a cluster and its user. */
export interface Credentials {
  /** `https://host:port`, without a slash at the end. */
  readonly server: string
  readonly namespace: string
  /** Requests go through a proxy: then the agent of `options` has to be used. */
  readonly proxied: boolean
  /** TLS and headers as of now: a token may have been renewed. */
  options(): Promise<RequestOptions>
}

/** A server of the lab's own: its address, the certificate to trust, and a token. */
export interface TokenAccess {
  readonly server: string
  /** PEM text. */
  readonly certificateAuthority: string
  readonly token: string
}

/** Needs no kubeconfig, and therefore none of the library that reads them. */
export function tokenCredentials(access: TokenAccess): Credentials {
  const options = {
    ca: access.certificateAuthority,
    headers: { Authorization: `Bearer ${access.token}` },
  }
  return {
    server: access.server,
    namespace: 'default',
    proxied: false,
    options: async () => options,
  }
}
