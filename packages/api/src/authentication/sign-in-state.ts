import { hkdfSync } from 'node:crypto'
import { readClock } from '@mgx/db'
import { EncryptJWT, errors, jwtDecrypt } from 'jose'
import type { Knex } from 'knex'
import type { Secrets } from './credential-parts.js'

/** What a browser keeps, sealed, from the beginning of a sign-in at another provider to its end. */
export type SignInState = {
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
  /** Where the provider sends the browser back to. */
  readonly redirectUri: string
  /** The path to show after the sign-in. */
  readonly returnTo: string
  /** The token of the session that the sign-in replaces. */
  readonly replaced?: string | undefined
}

/** Seals and opens the states of sign-ins, so that any server of the database can finish one and no browser can read it. */
export type SignInStates = {
  seal(state: SignInState): Promise<string>
  /** Returns a sealed state; undefined when it is older than ten minutes, was changed, or was sealed with another secret. */
  open(sealed: string): Promise<SignInState | undefined>
}

const LIFETIME_MILLISECONDS = 600_000
const USE = 'mgx sign-in state'

export function createSignInStates(db: Knex, { current, previous }: Secrets): SignInStates {
  const keys = [current, ...(previous === undefined ? [] : [previous])].map(keyOf)
  const [key = keyOf(current)] = keys
  return {
    async seal(state) {
      const now = Date.parse(await readClock(db))
      return new EncryptJWT({ state })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setAudience(USE)
        .setExpirationTime(new Date(now + LIFETIME_MILLISECONDS))
        .encrypt(key)
    },
    async open(sealed) {
      const now = new Date(await readClock(db))
      for (const each of keys) {
        const state = await opened(sealed, each, now)
        if (state) return state
      }
      return undefined
    },
  }
}

async function opened(sealed: string, key: Uint8Array, currentDate: Date): Promise<SignInState | undefined> {
  const accepted = {
    audience: USE,
    keyManagementAlgorithms: ['dir'],
    contentEncryptionAlgorithms: ['A256GCM'],
    requiredClaims: ['exp'],
    currentDate,
  }
  try {
    return (await jwtDecrypt<{ state: SignInState }>(sealed, key, accepted)).payload.state
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}

/** A key of its own, so that the secret has no two uses. */
const keyOf = (secret: string) => new Uint8Array(hkdfSync('sha256', secret, '', USE, 32))
