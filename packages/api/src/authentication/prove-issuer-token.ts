import { readClock } from '@mgx/db'
import type { JWTHeaderParameters, JWTPayload } from 'jose'
import type { CredentialParts, OidcTrust } from './credential-parts.js'
import { identify } from './identify.js'
import type { IdentityClaims } from './identity-claims.js'
import type { IssuerKeys } from './issuer-keys.js'
import type { Proof } from './remembered-proofs.js'
import { verified } from './token-format.js'
import { unauthenticated } from './unauthenticated.js'

/** Only signatures by a private key that the issuer alone has: never `none`, never an HMAC. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]
/** How far the issuer's clock may be from ours. */
const CLOCK_TOLERANCE_SECONDS = 30
const TYPES = /^(application\/)?(at\+)?jwt$/i

type Claims = IdentityClaims & { readonly exp: number }

/**
 * Proves a token of the configured issuer, and reads whose it is from the database. Skips the signature when the token
 * passed `earlier`.
 * @throws DomainError `unauthenticated`; `unavailable` when the issuer's keys are not known and cannot be fetched.
 */
export async function proveIssuerToken(
  parts: CredentialParts,
  { oidc, keys }: { oidc: OidcTrust; keys: IssuerKeys },
  token: string,
  earlier: Proof | undefined,
): Promise<Proof> {
  const now = Date.parse(await readClock(parts.db))
  const claims: Claims = earlier ? JSON.parse(earlier.verified) : await verify(oidc, keys, token, now)
  const end = (claims.exp + CLOCK_TOLERANCE_SECONDS) * 1_000
  if (end <= now) throw unauthenticated()
  const { user, identityId, role, isNamedAdmin, scope } = await identify(parts, claims)
  const expiresAt = new Date(end).toISOString()
  return {
    actor: {
      userId: user.id,
      role,
      credential: { kind: 'identity', identityId, isNamedAdmin, expiresAt },
      scope,
      projectId: null,
      callsPerMinute: null,
    },
    usableMilliseconds: end - now,
    verified: JSON.stringify(claims),
  }
}

async function verify(oidc: OidcTrust, keys: IssuerKeys, token: string, now: number): Promise<Claims> {
  const { payload, protectedHeader } = await verified(
    keys.verify(token, {
      algorithms: ALGORITHMS,
      issuer: oidc.issuer,
      audience: oidc.audience,
      requiredClaims: ['sub', 'exp'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now),
    }),
  )
  if (!isAcceptable(payload, protectedHeader, now)) throw unauthenticated()
  return payload as Claims
}

/** Checks what jose does not: the type, extensions that we would have to understand, and a start in the future. */
function isAcceptable({ sub, iat = 0 }: JWTPayload, { typ = 'JWT', crit }: JWTHeaderParameters, now: number): boolean {
  if (typeof typ !== 'string' || !TYPES.test(typ) || crit !== undefined) return false
  return typeof sub === 'string' && sub !== '' && iat <= now / 1_000 + CLOCK_TOLERANCE_SECONDS
}
