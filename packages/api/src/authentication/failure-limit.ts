import { isIPv6 } from 'node:net'
import { DomainError } from '@mgx/contract'
import type { SharedState } from '../shared-state/shared-state.js'

export type FailureLimit = {
  /**
   * Runs an attempt to authenticate from a network address, and counts it when it fails as `unauthenticated`. Attempts
   * that run at once in this process never exceed what is left: the others wait for how those end.
   * @throws DomainError `rate_limited`, without running the attempt, when too many have failed within a minute; whatever
   *   the attempt throws.
   */
  attempt<Result>(address: string | null, work: () => Promise<Result>): Promise<Result>
}

/**
 * Limits failed attempts per address and minute, counted by all servers together, and tells `onFailure` where each came
 * from. Calls without an address come from this process and have no limit.
 */
export function limitFailures(
  perMinute: number,
  onFailure: (source: string) => void,
  sharedState: SharedState,
): FailureLimit {
  const failures = sharedState.counter('failures')
  const running = new Map<string, Set<Promise<void>>>()

  /** Resolves when one more attempt may run, with the function to call at its end. */
  async function begin(source: string): Promise<() => void> {
    for (;;) {
      await failures.read(source)
      // Nothing is awaited from here to the addition, so the attempts of this process cannot pass the check together.
      const { count: failed, endsInMilliseconds } = failures.known(source)
      if (failed >= perMinute) throw tooManyFailures(endsInMilliseconds)
      const attempts = running.get(source) ?? new Set()
      if (failed + attempts.size < perMinute) return add(source, attempts)
      await Promise.race(attempts)
    }
  }

  function add(source: string, attempts: Set<Promise<void>>): () => void {
    let resolve = () => {}
    const ended = new Promise<void>((settle) => {
      resolve = settle
    })
    running.set(source, attempts.add(ended))
    return () => {
      attempts.delete(ended)
      if (attempts.size === 0) running.delete(source)
      resolve()
    }
  }

  return {
    async attempt(address, work) {
      if (address === null) return work()
      const source = sourceOf(address)
      const end = await begin(source)
      try {
        return await work()
      } catch (error) {
        if (error instanceof DomainError && error.reason === 'unauthenticated') {
          onFailure(source)
          await failures.add(source)
        }
        throw error
      } finally {
        end()
      }
    },
  }
}

/** Returns what addresses are counted by: a network of IPv6 is as easy to have as one address of IPv4. */
function sourceOf(address: string): string {
  if (!isIPv6(address) || /^::ffff:/i.test(address)) return address.replace(/^::ffff:/i, '')
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail ? tail.split(':') : []
  if (tail !== undefined) groups.push(...Array(8 - groups.length - after.length).fill('0'), ...after)
  return `${groups.slice(0, 4).join(':')}::/64`
}

function tooManyFailures(milliseconds: number): DomainError {
  const retryAfterSeconds = Math.max(1, Math.ceil(milliseconds / 1_000))
  return new DomainError('rate_limited', 'too many wrong credentials came from this address: wait a moment', {
    retryAfterSeconds,
  })
}
