import type { ApiKeyScope } from './generated/entities.js'
import type { ApiKeySource, FetchedResponse, FetchLike } from './options.js'
import { environment, LIMITS, platformFetch, readUrl } from './read-options.js'
import { connectionFailed, parsed } from './transport/answer.js'
import { foreignAnswer, refusedToken, timedOut } from './transport/error-of-reason.js'
import { responseOf } from './transport/request.js'
import { withRetries } from './transport/retry.js'
import { type Stop, withinTime } from './transport/time-limit.js'

/** Options of {@link clientCredentials}. */
export interface ClientCredentialsOptions {
  /** The id of the API key. */
  readonly clientId: string | number
  /** The API key. Defaults to the environment variable `MGX_API_KEY`. */
  readonly clientSecret?: string | undefined
  /** What the tokens may do: this scope and those before it. Defaults to what the key may do. */
  readonly scope?: ApiKeyScope | undefined
  /** Binds the tokens to one project. */
  readonly projectId?: number | undefined
  /** The base URL of the server. Defaults to the environment variable `MGX_URL`. */
  readonly url?: string | undefined
  /** Sends the requests instead of the platform's `fetch`. */
  readonly fetch?: FetchLike | undefined
}

/** A token, and on the clock of `performance.now()` when to replace it and when it ends. */
type Held = { token: string; renewAt: number; endsAt: number }

const PATH = 'oauth.token'
/** Part of a token's time after which it is renewed; calls go on with the old one meanwhile. */
const RENEWED_AFTER = 0.8

/**
 * Returns an `apiKey` function that exchanges an API key for access tokens (OAuth 2, client credentials), so that the key
 * itself is sent only to `<url>/oauth/token`. A token is kept and shared by all calls, renewed before it ends, and replaced
 * when the server refuses it. Requests are retried while the server is unreachable, unavailable or rate limiting.
 * @throws TypeError when an option is missing or malformed. The function rejects with an {@link MgxError} that has the
 *   error of the token endpoint in its message.
 */
export function clientCredentials(options: ClientCredentialsOptions): ApiKeySource {
  const request = tokenRequest(options)
  let held: Held | undefined
  let renewing: Promise<Held> | undefined
  const renew = () => {
    renewing ??= request()
      .then((token) => {
        held = token
        return token
      })
      .finally(() => {
        renewing = undefined
      })
    return renewing
  }
  return async ({ rejected }) => {
    const now = performance.now()
    if (held && held.token !== rejected && now < held.endsAt) {
      // A failure is reported only once the token has ended: until then the next call tries again.
      if (now >= held.renewAt) renew().catch(() => {})
      return held.token
    }
    return (await renew()).token
  }
}

function tokenRequest({ clientId, scope, projectId, ...options }: ClientCredentialsOptions): () => Promise<Held> {
  const { clientSecret = environment('MGX_API_KEY'), fetch = platformFetch } = options
  const wrong = (problem: string) => new TypeError(`clientCredentials: ${problem}`)
  if (!clientId) throw wrong('clientId is missing: pass the id of the API key')
  if (!clientSecret) throw wrong('clientSecret is missing: pass the API key, or set MGX_API_KEY')
  const address = `${readUrl(options.url, wrong)}/oauth/token`
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(scope && { scope }),
    ...(projectId !== undefined && { project_id: `${projectId}` }),
  }).toString()
  const headers = {
    authorization: `Basic ${btoa([clientId, clientSecret].map(encodeURIComponent).join(':'))}`,
    'content-type': 'application/x-www-form-urlencoded',
  }

  async function send(stop: Stop): Promise<Held> {
    const controller = new AbortController()
    stop.onGiven = () => controller.abort()
    const begin = performance.now()
    const failed = (cause: unknown) => {
      throw connectionFailed(address, cause, PATH)
    }
    const response = await fetch(address, { method: 'POST', headers, body, signal: controller.signal }).catch(failed)
    const answer = parsed(await response.text().catch(failed))
    return heldFrom(answer, begin) ?? fail(answer, response)
  }
  function fail(answer: unknown, response: FetchedResponse): never {
    throw refusedToken(answer, response, PATH) ?? foreignAnswer(address, responseOf(response), PATH)
  }

  const { timeoutMs } = LIMITS
  return () =>
    withRetries(
      (leftMs) =>
        withinTime(send, {
          signal: undefined,
          milliseconds: Math.min(leftMs, timeoutMs),
          timeUp: () => timedOut(PATH, 'timeoutMs', timeoutMs),
        }),
      { ...LIMITS, signal: undefined, onRetry() {} },
    )
}

/** Returns the token of a response; undefined when it has none. */
function heldFrom(answer: unknown, begin: number): Held | undefined {
  const { access_token: token, expires_in: seconds } = (answer ?? {}) as Record<string, unknown>
  if (typeof token !== 'string' || typeof seconds !== 'number') return undefined
  const lifetime = seconds * 1_000
  return { token, renewAt: begin + RENEWED_AFTER * lifetime, endsAt: begin + lifetime }
}
