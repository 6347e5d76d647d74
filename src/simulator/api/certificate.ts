import { createHash, generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { der } from './der.ts'

/** A TLS key and certificate as PEM. Never logged. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

// Fixed dates: whether a client accepts the certificate must not depend on the simulated clock.
const NOT_BEFORE = new Date(Date.UTC(2024, 0, 1))
const NOT_AFTER = new Date(Date.UTC(2054, 0, 1))

const NAME = 'netpol-lab-simulated-cluster'
const DNS_NAMES = ['localhost', 'kubernetes', 'kubernetes.default.svc']
/** 127.0.0.1, ::1 and 10.96.0.1. */
const ADDRESSES = [
  [127, 0, 0, 1],
  [...Array(15).fill(0), 1],
  [10, 96, 0, 1],
]

const IDS = {
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const

/**
 * A self-signed certificate for this computer's loopback names, its own authority (RFC 5280). Written out here, because the
 * libraries that make certificates need ten times as long to load as the work takes, on the way to a learner's first step.
 */
export async function createCertificate(): Promise<Certificate> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  const algorithm = der.sequence(der.objectIdentifier(IDS.ecdsaWithSha256))
  const body = describe(publicKey, algorithm)
  const signature = sign('sha256', body, privateKey)
  const certificate = der.sequence(body, algorithm, der.bitString(signature))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem(certificate),
  }
}

/** The part that is signed. */
function describe(publicKey: KeyObject, algorithm: Uint8Array): Buffer {
  const name = der.sequence(
    der.set(der.sequence(der.objectIdentifier(IDS.commonName), der.utf8String(NAME))),
  )
  const keyInfo = publicKey.export({ type: 'spki', format: 'der' })
  const keyId = createHash('sha1').update(keyInfo).digest()
  const names = [
    ...DNS_NAMES.map((dns) => der.context(2, Buffer.from(dns))),
    ...ADDRESSES.map((address) => der.context(7, Buffer.from(address))),
  ]
  const extensions = [
    extension(IDS.basicConstraints, der.sequence(der.boolean(true)), 'critical'),
    // digitalSignature and keyCertSign: bits 0 and 5, so two of the byte are not used.
    extension(IDS.keyUsage, der.bitString(Buffer.of(0b1000_0100), { unusedBits: 2 }), 'critical'),
    extension(IDS.extKeyUsage, der.sequence(der.objectIdentifier(IDS.serverAuth))),
    extension(IDS.subjectKeyIdentifier, der.octetString(keyId)),
    extension(IDS.subjectAltName, der.sequence(...names)),
  ]
  const version3 = der.context(0, der.integer(Buffer.of(2)), { constructed: true })
  return der.sequence(
    version3,
    der.integer(randomBytes(16)),
    algorithm,
    name,
    der.sequence(der.time(NOT_BEFORE), der.time(NOT_AFTER)),
    name,
    keyInfo,
    der.context(3, der.sequence(...extensions), { constructed: true }),
  )
}

function extension(id: string, value: Uint8Array, weight?: 'critical'): Buffer {
  return der.sequence(
    der.objectIdentifier(id),
    ...(weight === 'critical' ? [der.boolean(true)] : []),
    der.octetString(value),
  )
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
