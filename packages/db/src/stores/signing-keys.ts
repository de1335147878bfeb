import type { Knex } from 'knex'
import { type Requester, SYSTEM, writeAudit } from '../audit/audit-log.js'
import { dialectOf } from '../dialect/dialect.js'

/** How long our access tokens are valid. */
export const ACCESS_TOKEN_SECONDS = 600

/**
 * How long a retired key is published: until the last token signed with it has ended, and a minute more, in which servers
 * notice that it is retired.
 */
export const PUBLISHED_SECONDS = ACCESS_TOKEN_SECONDS + 60

/** A key that signs access tokens, as servers share it. */
export type SigningKey = {
  readonly id: number
  /** The `kid` of the tokens that it signs. */
  readonly keyId: string
  /** The public part, as the JSON of a JWK. */
  readonly publicKey: string
  /** The private part, sealed with the servers' secret; null once the key is retired. */
  readonly sealedKey: string | null
  readonly createdAt: string
  /** When it stopped signing; null while it signs. */
  readonly retiredAt: string | null
}
export type NewSigningKey = { keyId: string; publicKey: string; sealedKey: string }

/** Returns the keys that sign, newest first, and after them those whose tokens may still be valid. */
export async function listSigningKeys(db: Knex): Promise<SigningKey[]> {
  const keys = signingKeys(db).whereNull('retiredAt')
  keys.orWhere('retiredAt', '>', db.raw(dialectOf(db).later, [-PUBLISHED_SECONDS]))
  const rows = await keys.orderBy('id', 'desc')
  return [...rows.filter(isCurrent), ...rows.filter((key) => !isCurrent(key))]
}

const isCurrent = ({ retiredAt }: SigningKey) => retiredAt === null
const signingKeys = (db: Knex) => db<SigningKey>('signingKeys')

/** Creates a key, unless there is a current one that the caller has not seen. Returns whether it did. */
export async function createSigningKey(db: Knex, key: NewSigningKey, seen: readonly number[]): Promise<boolean> {
  return db.transaction(async (trx) => {
    await dialectOf(trx).lockTable(trx, 'signing_keys')
    if (await signingKeys(trx).whereNull('retiredAt').whereNotIn('id', seen).first()) return false
    const [created] = await signingKeys(trx).insert(key).returning('*')
    if (created) await writeSigningKeyAudit(trx, { ...SYSTEM, action: 'signingKeys.create', key: created })
    return true
  })
}

/** Replaces the sealed part of a current key, because the servers' secret has changed. */
export async function resealSigningKey(db: Knex, id: number, sealedKey: string): Promise<void> {
  await signingKeys(db).where({ id }).whereNull('retiredAt').update({ sealedKey })
}

/**
 * Retires the current keys and deletes their private parts; servers create a new key. Returns the retired keys, and until
 * when their public parts are published.
 */
export async function retireSigningKeys(
  db: Knex,
  requester: Requester,
): Promise<{ keys: SigningKey[]; until: string }> {
  return db.transaction(async (trx) => {
    const { lockTable, now, later } = dialectOf(trx)
    await lockTable(trx, 'signing_keys')
    const keys = await signingKeys(trx)
      .whereNull('retiredAt')
      .update({ retiredAt: trx.raw(now), sealedKey: null })
      .returning('*')
    for (const key of keys) await writeSigningKeyAudit(trx, { ...requester, action: 'signingKeys.retire', key })
    const row: { until: string } = await trx.select(trx.raw(`${later} AS until`, [PUBLISHED_SECONDS])).first()
    return { keys, until: row.until }
  })
}

type KeyChange = Requester & { action: string; key: SigningKey }

/** The entry never contains the private part. */
async function writeSigningKeyAudit(trx: Knex.Transaction, { key, ...change }: KeyChange): Promise<void> {
  const { id, keyId, createdAt, retiredAt } = key
  const after = { keyId, createdAt, retiredAt }
  const before = retiredAt === null ? null : { ...after, retiredAt: null }
  await writeAudit(trx, { ...change, userId: null, subject: `signingKey:${id}`, before, after })
}

/** An access token that is being issued. The token itself is not stored. */
export type IssuedToken = {
  readonly userId: number
  readonly apiKeyId: number
  readonly tokenId: string
  readonly scope: string
  readonly projectId: number | null
  readonly expiresAt: string
}

/** Records in the audit log that an access token is issued. */
export async function recordIssuedToken(
  db: Knex,
  { userId, apiKeyId, ...after }: IssuedToken,
  requester: Requester,
): Promise<void> {
  const entry = { ...requester, userId, action: 'oauth.token', subject: `apiKey:${apiKeyId}`, before: null, after }
  await db.transaction((trx) => writeAudit(trx, entry))
}
