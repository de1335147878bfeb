import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { responseHeaders } from '@mgx/api'
import type { FastifyBaseLogger } from 'fastify'
import type { Lifecycle } from '../process/lifecycle.js'

// What happens once to every HTTP request, whether plain-calls.ts or Fastify handles it.

const PROBES = new Set(['/healthz', '/readyz', '/metrics'])

/** Returns the caller's `x-request-id` when it is safe in a log and a header, else a new id. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w-]{1,64}$/.test(given) ? given : randomUUID()
}

/** Returns the headers of every response. During a shutdown they tell callers to close the connection. */
export function headersOf(requestId: string, status: number, { phase }: Lifecycle): Record<string, string> {
  const headers = responseHeaders(status)
  headers['x-request-id'] = requestId
  if (phase === 'draining') headers.connection = 'close'
  return headers
}

/**
 * Logs one line for a completed request. Query string, body and headers are left out because they may be secret, except
 * for the client's name. Probes are logged at the level debug.
 */
export function logAnswer(
  log: FastifyBaseLogger,
  { method, url = '', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  { requestId, status, milliseconds }: { requestId: string; status: number; milliseconds: number },
): void {
  const search = url.indexOf('?')
  const path = search === -1 ? url : url.slice(0, search)
  const level = PROBES.has(path) ? 'debug' : 'info'
  const rounded = Math.round(milliseconds * 10) / 10
  log[level]({ requestId, method, path, status, milliseconds: rounded, client: clientIn(headers) }, 'request')
}

/**
 * Returns the `<version>/<contract hash>` that our clients send, which shows the contracts still in use. Undefined when it
 * is not safe in a log.
 */
function clientIn({ 'x-mgx-client': client }: IncomingMessage['headers']): string | undefined {
  return typeof client === 'string' && /^[ -~]{1,100}$/.test(client) ? client : undefined
}
