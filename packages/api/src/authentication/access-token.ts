import { randomUUID } from 'node:crypto'
import { ApiKeyScope } from '@mgx/contract'
import {
  ACCESS_TOKEN_SECONDS,
  EVERYTHING,
  findUsableApiKey,
  openProjectIds,
  type Requester,
  readClock,
  recordIssuedToken,
} from '@mgx/db'
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import { type Actor, type KeyHolder, scopeOf } from '../authority/actor.js'
import { highest, includes, lowest } from '../authority/scopes.js'
import type { CredentialParts } from './credential-parts.js'
import { rightsOfKey } from './prove-api-key.js'
import type { Proof } from './remembered-proofs.js'
import { SIGNING_ALGORITHM, type SigningKeys } from './signing-keys.js'
import { verified } from './token-format.js'
import { unauthenticated } from './unauthenticated.js'

/** What a client asks for: words of our scopes, and a project that binds the token. Both are optional. */
export type TokenRequest = { readonly scope: string | undefined; readonly projectId: number | undefined }
export type AccessToken = { readonly token: string; readonly expiresIn: number; readonly scope: string }
/** Why there is no token, in the words of OAuth 2. */
export type TokenRefusal = { readonly error: 'invalid_scope' | 'invalid_target'; readonly description: string }

/** What our access tokens are issued and verified with; the issuer is also their audience. */
export type AccessTokens = { readonly issuer: string; readonly keys: SigningKeys }

const TYPE = 'at+jwt'

const Claims = z.object({
  sub: z.string(),
  client_id: z
    .string()
    .regex(/^[1-9]\d*$/)
    .transform(Number),
  scope: z.string(),
  project_id: z.int().positive().optional(),
  exp: z.number(),
})
type Claims = z.infer<typeof Claims>

/**
 * Issues an access token to the caller, who was authenticated with an API key: a JWT after RFC 9068 that may do no more
 * than the key, in no other project, and ends with it.
 */
export async function issueAccessToken(
  { db }: CredentialParts,
  { issuer, keys }: AccessTokens,
  caller: KeyHolder,
  { scope: asked, projectId: askedProject }: TokenRequest,
  requester: Requester,
): Promise<AccessToken | TokenRefusal> {
  const words = [...new Set(asked?.split(' ').filter((word) => word !== ''))]
  const scopes = words.length === 0 ? [caller.scope] : words
  if (!scopes.every((word) => isScope(word) && includes(caller.scope, word)))
    return { error: 'invalid_scope', description: `the API key has the scope ${caller.scope}: ask for that or less` }
  const projectId = askedProject ?? caller.projectId
  if (projectId !== null && !(await isOpenProject({ db }, caller, projectId)))
    return { error: 'invalid_target', description: 'there is no such project for this API key, or it has ended' }

  const { apiKeyId } = caller.credential
  const scope = scopes.join(' ')
  const issuedAt = Math.floor(Date.parse(await readClock(db)) / 1_000)
  const expiresAt = issuedAt + ACCESS_TOKEN_SECONDS
  const tokenId = randomUUID()
  const { keyId, privateKey } = await keys.signer()
  const token = await new SignJWT({
    client_id: String(apiKeyId),
    scope,
    ...(projectId !== null && { project_id: projectId }),
  })
    .setProtectedHeader({ alg: SIGNING_ALGORITHM, typ: TYPE, kid: keyId })
    .setIssuer(issuer)
    .setAudience(issuer)
    .setSubject(String(caller.userId))
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .setJti(tokenId)
    .sign(privateKey)
  const issued = { userId: caller.userId, apiKeyId, tokenId, scope, projectId, expiresAt: instantOf(expiresAt) }
  await recordIssuedToken(db, issued, requester)
  return { token, expiresIn: ACCESS_TOKEN_SECONDS, scope }
}

/**
 * Proves an access token of ours, and reads its API key from the database. Skips the signature when the token passed
 * `earlier`.
 * @throws DomainError `unauthenticated`.
 */
export async function proveAccessToken(
  { db }: CredentialParts,
  { issuer, keys }: AccessTokens,
  token: string,
  earlier: Proof | undefined,
): Promise<Proof> {
  const now = Date.parse(await readClock(db))
  const claims: Claims = earlier ? JSON.parse(earlier.verified) : await verify({ issuer, keys }, token, now)
  const end = claims.exp * 1_000
  const key = await findUsableApiKey(db, { id: claims.client_id })
  if (!key || end <= now) throw unauthenticated()
  const rights = rightsOfKey(key)
  const projectId = claims.project_id ?? null
  if (projectId !== rights.projectId) {
    const [isOpen] =
      projectId === null || rights.projectId !== null ? [] : await openProjectIds(db, EVERYTHING, [projectId])
    if (isOpen === undefined) throw unauthenticated()
  }
  const scope = lowest(rights.scope, highest(claims.scope.split(' ').filter(isScope)))
  const credential = { kind: 'accessToken', apiKeyId: key.apiKey.id, expiresAt: instantOf(claims.exp) } as const
  return {
    actor: { ...rights, credential, scope, projectId },
    usableMilliseconds: Math.min(key.usableMilliseconds, end - now),
    verified: JSON.stringify(claims),
  }
}

async function verify({ issuer, keys }: AccessTokens, token: string, now: number): Promise<Claims> {
  const { kid, crit } = decodeProtectedHeader(token)
  if (typeof kid !== 'string' || crit !== undefined) throw unauthenticated()
  const options = { algorithms: [SIGNING_ALGORITHM], issuer, audience: issuer, typ: TYPE, currentDate: new Date(now) }
  const { payload } = await verified(jwtVerify(token, await keys.verifiers(kid), options))
  const { data } = Claims.safeParse(payload)
  if (!data) throw unauthenticated()
  return data
}

function isScope(word: string): word is ApiKeyScope {
  return ApiKeyScope.safeParse(word).success
}

const instantOf = (seconds: number) => new Date(seconds * 1_000).toISOString()

/** Whether the caller may see a project that has not ended. */
async function isOpenProject({ db }: Pick<CredentialParts, 'db'>, caller: Actor, projectId: number): Promise<boolean> {
  const [isOpen] = await openProjectIds(db, scopeOf(caller), [projectId])
  return isOpen !== undefined
}
