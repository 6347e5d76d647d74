import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'

/** The key that a cluster signs the tokens of its service accounts with. */
export interface SigningKey {
  /** The private half as PEM; never logged. */
  readonly pem: string
  /** Name of the key in the head of a token. */
  readonly id: string
  /** A signed token. */
  sign(claims: Readonly<Record<string, unknown>>): string
  /** The claims of a token that this key signed; `undefined` for any other text. */
  verify(token: string): Readonly<Record<string, unknown>> | undefined
  /** The public half as RFC 7517 writes it. */
  readonly publicKey: Readonly<Record<string, unknown>>
}

/** Of the two algorithms that Kubernetes takes, the one whose keys cost nothing to make. */
export const ALGORITHM = 'ES256'
/** Where RFC 7518 wants both numbers of a signature one after the other. */
const ENCODING = 'ieee-p1363'

/**
 * @param pem a key that was kept. @default a new one
 * @throws Error where the text is no key
 */
export function createSigningKey(pem?: string): SigningKey {
  const privateKey =
    pem === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      : createPrivateKey(pem)
  const publicKey = createPublicKey(privateKey)
  const id = keyId(publicKey)
  const head = base64({ alg: ALGORITHM, kid: id })
  const { x, y } = publicKey.export({ format: 'jwk' })
  return {
    pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    id,
    sign(claims) {
      const text = `${head}.${base64(claims)}`
      const signature = sign('sha256', Buffer.from(text), {
        key: privateKey,
        dsaEncoding: ENCODING,
      })
      return `${text}.${signature.toString('base64url')}`
    },
    verify(token) {
      const [given, body, signature, ...more] = token.split('.')
      if (given !== head || body === undefined || signature === undefined || more.length > 0) {
        return undefined
      }
      const isSigned = verify(
        'sha256',
        Buffer.from(`${given}.${body}`),
        { key: publicKey, dsaEncoding: ENCODING },
        Buffer.from(signature, 'base64url'),
      )
      return isSigned ? JSON.parse(Buffer.from(body, 'base64url').toString()) : undefined
    },
    publicKey: { use: 'sig', kty: 'EC', kid: id, crv: 'P-256', alg: ALGORITHM, x, y },
  }
}

/** `keyIDFromPublicKey` of pkg/serviceaccount. */
function keyId(key: KeyObject): string {
  const der = key.export({ format: 'der', type: 'spki' })
  return createHash('sha256').update(der).digest('base64url')
}

function base64(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
