import { hash } from 'node:crypto'
import { DomainError } from '@mgx/contract'
import type { Actor } from '../authority/actor.js'

/** Who a credential was proven to be, and how long that is true unless the credential is revoked. */
export type Proof = {
  readonly actor: Actor
  readonly usableMilliseconds: number
  /** What the next proof of the same credential need not verify again, such as the stored hash that it matched. */
  readonly verified: string
}

/** Proves a credential; `earlier` is its last proof in this process. @throws DomainError `unauthenticated`. */
export type Prove = (earlier: Proof | undefined) => Promise<Proof>

/** Runs the proof of a credential that this process has never proven; may refuse to. */
export type Attempt = <Result>(work: () => Promise<Result>) => Promise<Result>

export type RememberedProofs = {
  /**
   * Returns the actor of a credential. Calls `prove` only when its last proof is no longer remembered, and within
   * `attempt` when this process has never proven the credential.
   */
  actorOf(credential: string, prove: Prove, attempt: Attempt): Promise<Actor>
  /** Makes the remembered proofs of a user's credentials be confirmed on their next use. */
  recheck(userId: number): void
}

/** Keeps argon2 and signatures off the hot path, and still lets a revocation take effect everywhere within 5 s. */
const REMEMBERED_MILLISECONDS = 4_000
const MAX_REMEMBERED = 10_000

/** A finished or pending proof, and until when it counts: never longer than the credential itself is valid. */
type Remembered = { proof: Promise<Proof>; userId: number | undefined; wasProven: boolean; until: number }

/** `now` is a monotonic clock, in milliseconds. */
export function rememberProofs(now: () => number): RememberedProofs {
  const remembered = new Map<string, Remembered>()
  /** When a recheck of a user came last, as its number. A proof that began earlier does not count. */
  const rechecks = new Map<number, number>()
  let number = 0

  function confirm(fingerprint: string, earlier: Remembered | undefined, prove: Prove): Remembered {
    const [oldest] = remembered.keys()
    if (remembered.size >= MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest)
    const [begin, beginNumber] = [now(), number]
    const passed = earlier ? earlier.proof.catch(() => undefined) : Promise.resolve(undefined)
    const current: Remembered = {
      userId: undefined,
      until: begin + REMEMBERED_MILLISECONDS,
      wasProven: earlier?.wasProven ?? false,
      proof: passed.then(prove).then((proof) => {
        const { userId } = proof.actor
        current.userId = userId
        current.until = Math.min(current.until, begin + proof.usableMilliseconds)
        if ((rechecks.get(userId) ?? 0) > beginNumber) current.until = Number.NEGATIVE_INFINITY
        current.wasProven = true
        return proof
      }),
    }
    // Removed first, so that the entries stay in the order in which they were last confirmed.
    remembered.delete(fingerprint)
    remembered.set(fingerprint, current)
    current.proof.catch((error: unknown) => {
      if (remembered.get(fingerprint) !== current) return
      // A database error says nothing about the credential, so keep the earlier proof for the next attempt.
      if (earlier && !(error instanceof DomainError)) remembered.set(fingerprint, earlier)
      else remembered.delete(fingerprint)
    })
    return current
  }

  return {
    actorOf(credential, prove, attempt) {
      // A plain hash is enough in memory: the HMAC for database lookups costs several times as much.
      const fingerprint = hash('sha256', credential, 'base64url')
      const proven = async () => {
        for (;;) {
          const known = remembered.get(fingerprint)
          const current = known && known.until > now() ? known : confirm(fingerprint, known, prove)
          const { actor } = await current.proof
          // Argon2 may have waited so long that this proof is no longer valid; the next one does not need argon2.
          if (current.until > now()) return actor
        }
      }
      return remembered.get(fingerprint)?.wasProven ? proven() : attempt(proven)
    },
    recheck(userId) {
      number += 1
      rechecks.set(userId, number)
      for (const each of remembered.values()) if (each.userId === userId) each.until = Number.NEGATIVE_INFINITY
    },
  }
}
