import { DomainError } from '@mgx/contract'
import { type Actor, isAdmin, limitedBy } from './authority/actor.js'
import { type SharedState, WINDOW_SECONDS } from './shared-state/shared-state.js'

export type CallLimit = {
  /**
   * Counts one call of an actor, and adds the headers that tell its limit to those of the response. Returns undefined, so
   * that there is nothing to wait for, when the actor has no limit.
   * @throws DomainError `rate_limited` when the credential has made too many calls within a minute.
   */
  count(caller: Actor, headers: Record<string, string>): Promise<void> | undefined
  /**
   * Returns the limit of a key that a caller creates, which is the caller's own by default; undefined is the server's.
   * @throws DomainError `forbidden` when the caller asks for more than its own. Only the server's limit does not bind admins.
   */
  grant(caller: Actor, asked: number | undefined): number | undefined
}

/**
 * Limits the calls per credential and minute: to the limit of the API key or, without one, to `perMinute`; undefined is no
 * limit. All servers count together. Sessions and tokens count with their API key, so that they do not bypass its limit.
 */
export function limitCalls(perMinute: number | undefined, sharedState: SharedState): CallLimit {
  const calls = sharedState.counter('calls')

  async function countUpTo(limit: number, caller: Actor, headers: Record<string, string>): Promise<void> {
    const { count, endsInMilliseconds } = await calls.add(limitedBy(caller))
    const seconds = Math.max(1, Math.ceil(endsInMilliseconds / 1_000))
    headers['ratelimit-policy'] = `"calls";q=${limit};w=${WINDOW_SECONDS}`
    headers.ratelimit = `"calls";r=${Math.max(0, limit - count)};t=${seconds}`
    if (count <= limit) return
    throw new DomainError('rate_limited', `this credential may make at most ${limit} calls a minute`, {
      limit,
      retryAfterSeconds: seconds,
    })
  }

  return {
    grant(caller, asked) {
      const own = caller.callsPerMinute ?? (isAdmin(caller) ? undefined : perMinute)
      if (asked !== undefined && own !== undefined && asked > own) {
        throw new DomainError('forbidden', `callsPerMinute must be at most that of the calling credential, ${own}`)
      }
      return asked ?? caller.callsPerMinute ?? undefined
    },
    count(caller, headers) {
      const limit = caller.callsPerMinute ?? perMinute
      return limit === undefined ? undefined : countUpTo(limit, caller, headers)
    },
  }
}
