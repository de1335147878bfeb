import { invalidField } from '@mgx/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from './refusals.js'

/** Headers that may occur only once. Node keeps the first of two or joins them, and either may be wrong. */
const names = new Map(
  ['Authorization', 'Content-Encoding', 'Content-Type', 'Host', 'Idempotency-Key', 'Last-Event-ID'].map((name) => [
    name.toLowerCase(),
    name,
  ]),
)

/** Returns the name of the first such header that occurs twice in Node's `rawHeaders`, if any. */
export function repeatedHeader(rawHeaders: readonly string[]): string | undefined {
  const seen = new Set<string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = names.get((rawHeaders[index] as string).toLowerCase())
    if (name === undefined) continue
    if (seen.has(name)) return name
    seen.add(name)
  }
  return undefined
}

/** Refuses a request with a repeated header before its body is read. Returns undefined when there is none. */
export function refuseRepeatedHeader(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const repeated = repeatedHeader(request.raw.rawHeaders)
  if (repeated === undefined) return undefined
  const { reason, message, details } = invalidField(repeated, 'is given more than once')
  return refuse(request, reply, reason, message, details)
}
