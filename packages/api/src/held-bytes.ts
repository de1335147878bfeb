import { rateLimited } from '@mgx/contract'

export type HeldBytes = {
  /**
   * Counts the body of a call of this user until the function that it returns is called.
   * @throws DomainError `rate_limited` when the calls of this user that have no answer yet are too large together.
   */
  hold(userId: number, bytes: number): () => void
}

/** Lets the bodies of one user's unanswered calls have `maxBytes` together, so that waiting calls cannot fill the memory. */
export function limitHeldBytes(maxBytes: number): HeldBytes {
  const heldBy = new Map<number, number>()
  const release = (userId: number, bytes: number) => {
    const rest = (heldBy.get(userId) ?? 0) - bytes
    if (rest > 0) heldBy.set(userId, rest)
    else heldBy.delete(userId)
  }
  return {
    hold(userId, bytes) {
      const held = (heldBy.get(userId) ?? 0) + bytes
      if (held > maxBytes) throw rateLimited('too much data of your calls is waiting: wait a moment')
      heldBy.set(userId, held)
      return () => release(userId, bytes)
    },
  }
}
