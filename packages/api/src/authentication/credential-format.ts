import { createHash, createHmac, randomBytes } from 'node:crypto'
import { invalidField } from '@mgx/contract'
import type { Secrets } from './credential-parts.js'

const KEY = 'mgx_key_'
const TOKEN = 'mgx_ses_'
const CHECKSUM_LENGTH = 8

/** A regular expression that every API key of ours matches, for secret scanners. */
export const API_KEY_PATTERN = 'mgx_key_[A-Za-z0-9_-]{43}[0-9a-f]{8}'

/** How many random characters of a key are shown, to tell keys apart. */
const SHOWN_LENGTH = 4

/** Creates an API key: a prefix that secret scanners recognize, 256 random bits, and a checksum that detects typos. */
export function newApiKey(): string {
  return issue(KEY)
}

/** Creates a session token, built like an API key. */
export function newSessionToken(): string {
  return issue(TOKEN)
}

/** Whether a credential has the prefix of session tokens. */
export function isSessionToken(credential: string): boolean {
  return credential.startsWith(TOKEN)
}

/** Whether a credential may be valid: one with our prefix must also have the right checksum. */
export function isWellFormed(credential: string): boolean {
  const prefix = [KEY, TOKEN].find((known) => credential.startsWith(known))
  if (!prefix) return true
  const body = credential.slice(prefix.length, -CHECKSUM_LENGTH)
  return credential.slice(-CHECKSUM_LENGTH) === checksum(body)
}

export const CHOSEN_KEY_HINT = 'must not begin with mgx_key_ or mgx_ses_'

/** Whether a key chosen by a caller cannot be mistaken for an invalid key or a session token of ours. */
export function isUsableKey(apiKey: string): boolean {
  return !isSessionToken(apiKey) && isWellFormed(apiKey)
}

/** @throws DomainError `invalid_input` for a chosen key that cannot be used. */
export function requireUsableKey(apiKey: string): void {
  if (!isUsableKey(apiKey)) throw invalidField('apiKey', CHOSEN_KEY_HINT)
}

/** Returns the first characters of a key, which may be shown to tell keys apart. */
export function shownPrefix(apiKey: string): string {
  return apiKey.slice(0, (apiKey.startsWith(KEY) ? KEY.length : 0) + SHOWN_LENGTH)
}

/**
 * Returns the HMAC-SHA-256 that a credential is stored under; without the server's secret, a database copy is useless.
 */
export function lookupOf({ current }: Secrets, credential: string): string {
  return hmac(current, credential)
}

/** Returns what a credential may be stored under: by the current secret first, then by the one before it. */
export function lookupsOf({ current, previous }: Secrets, credential: string): string[] {
  return [current, ...(previous === undefined ? [] : [previous])].map((secret) => hmac(secret, credential))
}

const hmac = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('base64url')

function issue(prefix: string): string {
  const body = randomBytes(32).toString('base64url')
  return `${prefix}${body}${checksum(body)}`
}

function checksum(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, CHECKSUM_LENGTH)
}
