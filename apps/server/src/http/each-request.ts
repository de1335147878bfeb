import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { responseHeaders } from '@mgx/api'
import { corsHeaders } from './cors.js'

// What happens once to every HTTP request, whether plain-calls.ts or Fastify handles it.

/** Returns the caller's `x-request-id` when it is safe in a log and a header, else a new id. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w-]{1,64}$/.test(given) ? given : randomUUID()
}

/** Returns the headers of every response; those that its route sets itself win. */
export function headersOf(
  request: Pick<IncomingMessage, 'method' | 'headers'>,
  { requestId, status }: { requestId: string; status: number },
  origins: readonly string[],
): Record<string, string> {
  return { ...responseHeaders(status), ...corsHeaders(request, origins), 'x-request-id': requestId }
}
