import { argon2Thread } from './argon2-thread.js'
import type { KeyProofs } from './credential-parts.js'
import { fairQueue } from './fair-queue.js'

/**
 * One queue per process, because its users share the processors. At 25 ms a job, even the last one waiting finishes
 * within the time limit of a call. The limit per user is large, because all programs of a user may start at once, each
 * with its own key.
 */
const argon2 = fairQueue(argon2Thread(), { maxWaiting: 256, maxWaitingPerUser: 128 })

/** Proofs by argon2id; users take turns. Both functions may throw DomainError `rate_limited` or `unavailable`. */
export const argon2Proofs: KeyProofs = {
  make: async (apiKey, userId) => String(await argon2.run({ apiKey }, userId)),
  check: async (proof, apiKey, userId) => (await argon2.run({ apiKey, proof }, userId)) === true,
}
