import type { Clock } from '../../../base/clock.ts'
import type { AccountTokenRequest } from '../../ports.ts'
import { randomUid } from '../context.ts'
import { isPlainObject } from '../schema/decode.ts'
import type { Store } from '../store.ts'
import { createSigningKey, type SigningKey } from './signing-key.ts'
import type { User } from './user.ts'

/** Who issues the tokens of a cluster's service accounts, and whom they are for unless somebody else is named. */
export const TOKEN_ISSUER = 'https://kubernetes.default.svc.cluster.local'
/** Clocks may differ so much, and what is deleted may still be used for so long. Milliseconds. */
const LEEWAY_MS = 60_000
/** A pod's own token, which the kubelet renews after this many seconds, lives for a year, as programs that never read it again need it. */
const RENEWED_SECONDS = 3607
const YEAR_SECONDS = 365 * 24 * 3600

/** Issues and checks the tokens of service accounts. */
export interface AccountTokens {
  /** A token, and when it ends, in seconds since 1970. */
  issue(request: AccountTokenRequest): { readonly token: string; readonly expires: number }
  /**
   * Whose token it is: what it names must still be there.
   *
   * @param audiences one of them must be among those of the token. @default the API server
   */
  check(token: string, audiences?: readonly string[]): Checked
  /** The private key as PEM, where one was needed so far; to be kept with the cluster. */
  key(): string | undefined
  /** The keys that the tokens can be checked with, as RFC 7517 writes them. */
  publicKeys(): readonly Readonly<Record<string, unknown>>[]
}

export type Checked =
  | { readonly kind: 'user'; readonly user: User; readonly audiences: readonly string[] }
  /** `why` is empty where it is no token of this cluster at all. */
  | { readonly kind: 'refused'; readonly why: string }

/**
 * Models pkg/serviceaccount.
 *
 * @param options.key PEM that was kept. @default a new one, when the first token is issued
 */
export function createAccountTokens(options: {
  readonly store: Store
  readonly clock: Clock
  readonly randomBytes: (length: number) => Uint8Array
  readonly key?: string
}): AccountTokens {
  const { store, clock, randomBytes } = options
  let made: SigningKey | undefined =
    options.key === undefined ? undefined : createSigningKey(options.key)
  const signingKey = () => {
    made ??= createSigningKey()
    return made
  }
  const find = (kind: 'Node' | 'Pod' | 'Secret' | 'ServiceAccount', key: string) =>
    store.get(kind, key)?.metadata

  const issue: AccountTokens['issue'] = (request) => {
    const { namespace, name, bound } = request
    const now = Math.floor(clock.now() / 1000)
    const audiences = request.audiences.length === 0 ? [TOKEN_ISSUER] : request.audiences
    const isRenewed =
      request.renewed === true &&
      request.seconds === RENEWED_SECONDS &&
      audiences.every((audience) => audience === TOKEN_ISSUER)
    const expires = now + (isRenewed ? YEAR_SECONDS : request.seconds)
    const reference = ({ name: own, uid }: { readonly name: string; readonly uid: string }) => ({
      name: own,
      uid,
    })
    const pod = bound?.kind === 'Pod' ? store.get('Pod', `${namespace}/${bound.name}`) : undefined
    const nodeName =
      bound?.kind === 'Node' ? bound.name : isPlainObject(pod?.spec) ? pod.spec.nodeName : undefined
    const node = typeof nodeName === 'string' ? find('Node', nodeName) : undefined
    const token = signingKey().sign({
      aud: audiences,
      exp: expires,
      iat: now,
      iss: TOKEN_ISSUER,
      jti: randomUid(randomBytes),
      'kubernetes.io': {
        namespace,
        ...(node?.uid === undefined ? {} : { node: { name: node.name, uid: node.uid } }),
        ...(bound?.kind === 'Pod' ? { pod: reference(bound) } : {}),
        ...(bound?.kind === 'Secret' ? { secret: reference(bound) } : {}),
        serviceaccount: { name, uid: find('ServiceAccount', `${namespace}/${name}`)?.uid },
        ...(isRenewed ? { warnafter: now + RENEWED_SECONDS } : {}),
      },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${name}`,
    })
    return { token, expires }
  }

  const check: AccountTokens['check'] = (token, audiences = [TOKEN_ISSUER]) => {
    // Where no key was made nothing was signed.
    const claims = made?.verify(token)
    if (claims === undefined) return refused('')
    const given: readonly unknown[] = Array.isArray(claims.aud) ? claims.aud : []
    const shared = audiences.filter((audience) => given.includes(audience))
    if (shared.length === 0) {
      return refused(
        `token audiences ${goList(given)} is invalid for the target audiences ${goList(audiences)}`,
      )
    }
    const now = clock.now()
    if (Number(claims.exp) * 1000 + LEEWAY_MS < now) {
      return refused('service account token has expired')
    }
    if (Number(claims.nbf) * 1000 - LEEWAY_MS > now) {
      return refused('service account token is not valid yet')
    }
    const { namespace, serviceaccount, pod, secret, node } = recordOf(claims['kubernetes.io'])
    const home = String(namespace)
    const isGone = (metadata: { readonly deletionTimestamp?: string }) =>
      Date.parse(metadata.deletionTimestamp ?? '') < now - LEEWAY_MS
    const wanted = referenceIn(serviceaccount)
    const account = wanted && find('ServiceAccount', `${home}/${wanted.name}`)
    if (wanted === undefined || account === undefined) {
      return refused(`serviceaccounts ${JSON.stringify(wanted?.name ?? '')} not found`)
    }
    if (isGone(account)) {
      return refused(`service account ${home}/${wanted.name} has been deleted`)
    }
    if (account.uid !== wanted.uid) {
      return refused(`service account UID (${account.uid}) does not match claim (${wanted.uid})`)
    }
    for (const [kind, value] of [
      ['Secret', secret],
      ['Pod', pod],
    ] as const) {
      const bound = referenceIn(value)
      if (bound === undefined) continue
      const found = find(kind, `${home}/${bound.name}`)
      if (found === undefined || isGone(found)) {
        return refused('service account token has been invalidated')
      }
      if (found.uid !== bound.uid) {
        const words = kind.toLowerCase()
        return refused(
          `${words} UID (${found.uid}) does not match service account ${words} ref claim (${bound.uid})`,
        )
      }
    }
    const [holder, place] = [referenceIn(pod), referenceIn(node)]
    // A token that is bound to the node alone ends with it.
    if (
      place !== undefined &&
      holder === undefined &&
      find('Node', place.name)?.uid !== place.uid
    ) {
      return refused('service account token has been invalidated')
    }
    const user: User = {
      name: `system:serviceaccount:${home}:${wanted.name}`,
      uid: wanted.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${home}`, 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/credential-id': [`JTI=${String(claims.jti)}`],
        ...extraOf('node', place),
        ...extraOf('pod', holder),
      },
    }
    return { kind: 'user', user, audiences: shared }
  }

  return {
    issue,
    check,
    key: () => made?.pem,
    publicKeys: () => [signingKey().publicKey],
  }
}

interface Reference {
  readonly name: string
  readonly uid: string
}

function referenceIn(value: unknown): Reference | undefined {
  const { name, uid } = recordOf(value)
  return typeof name === 'string' && typeof uid === 'string' ? { name, uid } : undefined
}

function extraOf(
  what: 'node' | 'pod',
  reference: Reference | undefined,
): Readonly<Record<string, readonly string[]>> {
  return reference === undefined
    ? {}
    : {
        [`authentication.kubernetes.io/${what}-name`]: [reference.name],
        [`authentication.kubernetes.io/${what}-uid`]: [reference.uid],
      }
}

function refused(why: string): Checked {
  return { kind: 'refused', why }
}

/** `%q` of a list. */
function goList(list: readonly unknown[]): string {
  return `[${list.map((entry) => JSON.stringify(String(entry))).join(' ')}]`
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isPlainObject(value) ? value : {}
}
