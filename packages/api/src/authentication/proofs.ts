import { argon2Thread } from './argon2-thread.js'
import { fairQueue } from './fair-queue.js'

/**
 * One for the process, whose users share its processors. At 25 ms each, the last of those that wait is done within the time
 * a call has. A user's share is large, because all the programs of a user may begin at once, each with a key of its own.
 */
const argon2 = fairQueue(argon2Thread(), { maxWaiting: 256, maxWaitingPerUser: 128 })

/**
 * Makes the argon2id proof of an API key, at the turn of the user who asks for it.
 * @throws DomainError `rate_limited`, `unavailable`.
 */
export async function proofOf(apiKey: string, userId: number | undefined): Promise<string> {
  return String(await argon2.run({ apiKey }, userId))
}

/**
 * Whether a proof is one of this API key, at the turn of its user.
 * @throws DomainError `rate_limited`, `unavailable`.
 */
export async function isProof(proof: string, apiKey: string, userId: number): Promise<boolean> {
  return (await argon2.run({ apiKey, proof }, userId)) === true
}
