import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { responseHeaders } from '@mgx/api'
import type { FastifyBaseLogger } from 'fastify'
import type { Lifecycle } from '../process/lifecycle.js'

// What happens to every HTTP request, once, whether plain-calls.ts or Fastify answers it.

const PROBES = new Set(['/healthz', '/readyz', '/metrics'])

/** Returns the caller's own id when it is safe in a log and a header, else a new one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w-]{1,64}$/.test(given) ? given : randomUUID()
}

/** Returns the headers that every answer has. While the server shuts down, callers are told to open another connection. */
export function headersOf(requestId: string, status: number, { phase }: Lifecycle): Record<string, string> {
  const headers = responseHeaders(status)
  headers['x-request-id'] = requestId
  if (phase === 'draining') headers.connection = 'close'
  return headers
}

/**
 * Writes the log line of an answered request, without what may be secret: the query string, the body, the headers but for
 * the client's name. Probes are logged at the level debug.
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

/** `<version>/<contract hash>` of our clients: tells who still calls with which contract. Undefined when it is not safe in a log. */
function clientIn({ 'x-mgx-client': client }: IncomingMessage['headers']): string | undefined {
  return typeof client === 'string' && /^[ -~]{1,100}$/.test(client) ? client : undefined
}
