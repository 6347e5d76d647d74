import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { readVersionedFile, writeFileAtomically } from '../../platform/atomic-file.ts'
import type { Certificate } from '../../simulator/simulated-cluster.ts'

/** What makes a simulated cluster the same one to its clients when it is opened again. */
export interface ClusterIdentity {
  readonly certificate: Certificate
  readonly token: string
}

const FORMAT = 1
const SPARE_MS = 30 * 24 * 60 * 60 * 1000

/**
 * The identity that a slot's cluster had the last time; `undefined` where there is none that can be used, so that a new one is made.
 *
 * @param now milliseconds since the epoch
 */
export async function loadIdentity(
  folder: string,
  now: number,
): Promise<ClusterIdentity | undefined> {
  const read = await readVersionedFile(pathIn(folder), { format: FORMAT, decode }, now)
  if (read.kind !== 'read') return undefined
  const expires = Date.parse(new X509Certificate(read.value.certificate.cert).validTo)
  return expires - now > SPARE_MS ? read.value : undefined
}

export async function saveIdentity(folder: string, identity: ClusterIdentity): Promise<void> {
  const { certificate, token } = identity
  await writeFileAtomically(
    pathIn(folder),
    `${JSON.stringify({ format: FORMAT, certificate, token })}\n`,
  )
}

function pathIn(folder: string): string {
  return join(folder, 'identity.json')
}

function decode(json: unknown): ClusterIdentity {
  if (typeof json === 'object' && json !== null && 'certificate' in json && 'token' in json) {
    const { certificate, token } = json
    if (
      typeof certificate === 'object' &&
      certificate !== null &&
      'key' in certificate &&
      'cert' in certificate &&
      typeof certificate.key === 'string' &&
      typeof certificate.cert === 'string' &&
      typeof token === 'string' &&
      token !== ''
    ) {
      // Throws where the text is no certificate.
      new X509Certificate(certificate.cert)
      return { certificate: { key: certificate.key, cert: certificate.cert }, token }
    }
  }
  throw new Error('it holds no certificate and token')
}
