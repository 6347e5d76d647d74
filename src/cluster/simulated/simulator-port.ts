import type { Clock } from '../../base/clock.ts'

/** PEM texts of a key and its self-signed certificate. */
export interface ServerCertificate {
  readonly key: string
  readonly cert: string
}

/** A simulated cluster, as the provider drives it. */
export interface SimulatedCluster {
  /** Opens the HTTPS server on 127.0.0.1. */
  listen(options?: { readonly port?: number }): Promise<{
    readonly server: string
    readonly token: string
    /** PEM text that a client has to trust. */
    readonly certificateAuthority: string
    close(): Promise<void>
  }>
  /** The whole state as plain JSON data. */
  save(): unknown
  /** Called after each change of the state. Returns the function that stops it. */
  onChange(listener: () => void): () => void
  close(): Promise<void>
}

/** Makes an empty cluster, or one with a saved state; throws where that state cannot be read. */
export type CreateSimulatedCluster = (options: {
  readonly clock: Clock
  readonly saved?: unknown
  readonly certificate?: ServerCertificate
  readonly token?: string
}) => SimulatedCluster | Promise<SimulatedCluster>
