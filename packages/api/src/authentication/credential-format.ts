import { createHash, createHmac, randomBytes } from 'node:crypto'
import { invalidField } from '@mgx/contract'

const KEY = 'mgx_key_'
const TOKEN = 'mgx_ses_'
const CHECKSUM_LENGTH = 8

/** How many of its random characters a key may show, to tell it from others. */
const SHOWN_LENGTH = 4

/** A new API key: 256 random bits behind a prefix scanners know, and a checksum that finds typing errors. */
export function newApiKey(): string {
  return issue(KEY)
}

/** A new session token, made like an API key. */
export function newSessionToken(): string {
  return issue(TOKEN)
}

/** Whether a credential bears the prefix of session tokens. */
export function isSessionToken(credential: string): boolean {
  return credential.startsWith(TOKEN)
}

/** Whether a credential can be one of ours: what bears our prefix must bear its checksum too. */
export function isWellFormed(credential: string): boolean {
  const prefix = [KEY, TOKEN].find((known) => credential.startsWith(known))
  if (!prefix) return true
  const body = credential.slice(prefix.length, -CHECKSUM_LENGTH)
  return credential.slice(-CHECKSUM_LENGTH) === checksum(body)
}

export const CHOSEN_KEY_HINT = 'must not begin with mgx_key_ or mgx_ses_'

/** Whether a key of the caller's own would not be taken for one of ours. */
export function isUsableKey(apiKey: string): boolean {
  return !isSessionToken(apiKey) && isWellFormed(apiKey)
}

/** @throws DomainError `invalid_input` for a key that cannot be used. */
export function requireUsableKey(apiKey: string): void {
  if (!isUsableKey(apiKey)) throw invalidField('apiKey', CHOSEN_KEY_HINT)
}

/** The beginning of a key that may be shown, to tell it from others. */
export function shownPrefix(apiKey: string): string {
  return apiKey.slice(0, (apiKey.startsWith(KEY) ? KEY.length : 0) + SHOWN_LENGTH)
}

/** What a credential is found by: HMAC-SHA-256 under the server's secret, so a copy of the database finds nothing. */
export function lookupOf(secret: string, credential: string): string {
  return createHmac('sha256', secret).update(credential).digest('base64url')
}

function issue(prefix: string): string {
  const body = randomBytes(32).toString('base64url')
  return `${prefix}${body}${checksum(body)}`
}

function checksum(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, CHECKSUM_LENGTH)
}
