import { invalidField } from '@mgx/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from './refusals.js'

/** Headers that mean one thing. Of two, Node keeps the first or joins them, and either may not be what was meant. */
const names = new Map(
  ['Authorization', 'Content-Encoding', 'Content-Type', 'Host', 'Idempotency-Key', 'Last-Event-ID'].map((name) => [
    name.toLowerCase(),
    name,
  ]),
)

/** The first header that is given again and must not be; `rawHeaders` as Node has them. */
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

/** Refuses a request with such a header, naming it, before anything of it is read. */
export function refuseRepeatedHeader(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const repeated = repeatedHeader(request.raw.rawHeaders)
  if (repeated === undefined) return undefined
  const { reason, message, details } = invalidField(repeated, 'is given more than once')
  return refuse(request, reply, reason, message, details)
}
