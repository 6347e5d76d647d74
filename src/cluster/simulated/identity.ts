import { randomBytes, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { readVersionedFile, writeFileAtomically } from '../../platform/atomic-file.ts'
import type { ServerCertificate } from './simulator-port.ts'

/** What makes a simulated cluster the same one to its clients when it is opened again. */
export interface ClusterIdentity {
  readonly certificate: ServerCertificate
  readonly token: string
}

const DAY_MS = 24 * 60 * 60 * 1000
const VALID_DAYS = 3650

/**
 * The certificate and token of the lab's simulated clusters, from their file, or new ones where there is none that can be used.
 *
 * @param now milliseconds since the epoch
 */
export async function loadIdentity(folder: string, now: number): Promise<ClusterIdentity> {
  const path = join(folder, 'identity.json')
  const read = await readVersionedFile(path, { format: 1, decode: decodeIdentity }, now)
  if (read.kind === 'read' && expires(read.value) - now > 30 * DAY_MS) return read.value
  const identity = {
    certificate: await makeCertificate(now),
    token: randomBytes(32).toString('base64url'),
  }
  await writeFileAtomically(path, `${JSON.stringify({ format: 1, ...identity })}\n`)
  return identity
}

function decodeIdentity(json: unknown): ClusterIdentity {
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
      token.length >= 32
    ) {
      return { certificate: { key: certificate.key, cert: certificate.cert }, token }
    }
  }
  throw new Error('it holds no certificate and token')
}

function expires({ certificate }: ClusterIdentity): number {
  return Date.parse(new X509Certificate(certificate.cert).validTo)
}

/** A certificate of its own authority for 127.0.0.1, on an elliptic curve because that key is made in a millisecond. */
async function makeCertificate(now: number): Promise<ServerCertificate> {
  const { generate } = await import('selfsigned')
  const { private: key, cert } = await generate(
    [{ name: 'commonName', value: 'netpol-lab simulated cluster' }],
    {
      keyType: 'ec',
      curve: 'P-256',
      algorithm: 'sha256',
      notBeforeDate: new Date(now - DAY_MS),
      notAfterDate: new Date(now + VALID_DAYS * DAY_MS),
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: 'localhost' },
            { type: 7, ip: '127.0.0.1' },
          ],
        },
      ],
    },
  )
  return { key, cert }
}
