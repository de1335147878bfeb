import { invalidField } from '@mgx/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from './refusals.js'

/** Far more than browsers and proxies send. Node drops headers past its own maximum, so ours must be lower. */
export const MAX_HEADERS = 100

/** Headers that may occur only once. Node keeps the first of two or joins them, and either may be wrong. */
const single = new Map(
  ['Authorization', 'Content-Encoding', 'Content-Type', 'Host', 'Idempotency-Key', 'Last-Event-ID'].map((name) => [
    name.toLowerCase(),
    name,
  ]),
)

/** Returns what is wrong with Node's `rawHeaders`: too many, or a header that must not be repeated. */
export function headerFault(rawHeaders: readonly string[]): { header: string; problem: string } | undefined {
  if (rawHeaders.length > 2 * MAX_HEADERS) return { header: 'headers', problem: `must be at most ${MAX_HEADERS}` }
  const seen = new Set<string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const header = single.get((rawHeaders[index] as string).toLowerCase())
    if (header === undefined) continue
    if (seen.has(header)) return { header, problem: 'is given more than once' }
    seen.add(header)
  }
  return undefined
}

/** Refuses a request with faulty headers before its body is read. Returns undefined when there is no fault. */
export function refuseFaultyHeaders(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const fault = headerFault(request.raw.rawHeaders)
  if (fault === undefined) return undefined
  const { reason, message, details } = invalidField(fault.header, fault.problem)
  return refuse(request, reply, reason, message, details)
}
