import type { IncomingMessage } from 'node:http'

type Head = Pick<IncomingMessage, 'method' | 'headers'>

/** What our client reads besides the body. */
const EXPOSED = 'age, retry-after, x-request-id, x-mgx-contract, ratelimit, ratelimit-policy'
const ALLOWED =
  'authorization, content-type, idempotency-key, last-event-id, traceparent, tracestate, trpc-accept, x-mgx-client, x-request-id'
const PREFLIGHT_SECONDS = 600

/**
 * Returns the headers that let pages of the configured origins read a response; none without such origins. Never allows
 * cookies.
 */
export function corsHeaders({ headers: { origin } }: Head, origins: readonly string[]): Record<string, string> {
  if (origins.length === 0) return {}
  if (origin === undefined || !origins.includes(origin)) return { vary: 'Origin' }
  return { vary: 'Origin', 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED }
}

/** Returns the headers that answer a preflight from a configured origin; undefined for any other request. */
export function preflightHeaders({ method, headers }: Head, origins: readonly string[]) {
  const { origin, 'access-control-request-method': asked } = headers
  if (method !== 'OPTIONS' || asked === undefined || origin === undefined || !origins.includes(origin)) return undefined
  return {
    'access-control-allow-methods': 'GET, HEAD, POST, PATCH',
    'access-control-allow-headers': ALLOWED,
    'access-control-max-age': String(PREFLIGHT_SECONDS),
  }
}
