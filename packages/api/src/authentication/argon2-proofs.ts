import { argon2Thread } from './argon2-thread.js'
import type { KeyProofs } from './credential-parts.js'
import { fairQueue } from './fair-queue.js'

/**
 * One for the process, whose users share its processors. At 25 ms each, the last of those that wait is done within the time
 * a call has. A user's share is large, because all the programs of a user may begin at once, each with a key of its own.
 */
const argon2 = fairQueue(argon2Thread(), { maxWaiting: 256, maxWaitingPerUser: 128 })

/** Proofs by argon2id, at the turn of the user; they throw DomainError `rate_limited` and `unavailable`. */
export const argon2Proofs: KeyProofs = {
  make: async (apiKey, userId) => String(await argon2.run({ apiKey }, userId)),
  check: async (proof, apiKey, userId) => (await argon2.run({ apiKey, proof }, userId)) === true,
}
