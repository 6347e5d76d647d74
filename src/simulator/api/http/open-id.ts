import { type AccountTokens, TOKEN_ISSUER } from '../access/account-tokens.ts'
import { ALGORITHM } from '../access/signing-key.ts'
import { type ApiRequest, type ApiResponse, json } from '../request.ts'

/** Where a cluster like this one tells others that its keys are. */
const KEYS_ADDRESS = 'https://172.18.0.2:6443/openid/v1/jwks'

/**
 * What somebody needs who wants to check the tokens of service accounts without asking for a review. Undefined for other paths.
 * Models pkg/routes/openidmetadata.go.
 */
export function openIdResponse(
  { path, method }: ApiRequest,
  tokens: AccountTokens,
): ApiResponse | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined
  const maxAge = { 'cache-control': 'public, max-age=3600' }
  switch (path.replace(/\/$/, '')) {
    case '/.well-known/openid-configuration':
      return json(
        200,
        JSON.stringify({
          issuer: TOKEN_ISSUER,
          jwks_uri: KEYS_ADDRESS,
          response_types_supported: ['id_token'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: [ALGORITHM],
        }),
        maxAge,
      )
    case '/openid/v1/jwks':
      return json(200, JSON.stringify({ keys: tokens.publicKeys() }), {
        'content-type': 'application/jwk-set+json',
        ...maxAge,
      })
    default:
      return undefined
  }
}
