import { argon2Thread } from './argon2-thread.js'
import { fairQueue } from './fair-queue.js'

/** Bounds the wait: at 25 ms each, the last of them is done within the time a call has. */
const MAX_WAITING = 256
/** A user may make a few keys at once. */
const MAX_MADE_AT_ONCE = 16
/** All the programs of a user may begin at once, each with a key of its own. */
const MAX_PROVEN_AT_ONCE = 128

/** One for the process, whose users share its processors. */
const argon2 = fairQueue(argon2Thread(), MAX_WAITING)

/**
 * Makes the argon2id proof of an API key, at the turn of the user who asks for it.
 * @throws DomainError `rate_limited`, `unavailable`.
 */
export async function proofOf(apiKey: string, userId: number | undefined): Promise<string> {
  return String(await argon2.run({ apiKey }, userId, MAX_MADE_AT_ONCE))
}

/**
 * Whether a proof is one of this API key, at the turn of its user.
 * @throws DomainError `rate_limited`, `unavailable`.
 */
export async function isProof(proof: string, apiKey: string, userId: number): Promise<boolean> {
  return (await argon2.run({ apiKey, proof }, userId, MAX_PROVEN_AT_ONCE)) === true
}
