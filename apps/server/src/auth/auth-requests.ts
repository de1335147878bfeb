import type { Services } from '@mgx/api'
import { DomainError } from '@mgx/contract'
import { domainErrorOf } from '@mgx/db'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../http/refusals.js'

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** Returns the handler with the errors of our own, and those of the database, as refusals. */
export function refusingAsJson({ db, logUnavailable, observer }: Services, handler: Handler): Handler {
  return async (request, reply) => {
    try {
      return await handler(request, reply)
    } catch (error) {
      const refusal = error instanceof DomainError ? error : domainErrorOf(db, error)
      if (!refusal) throw error
      if (refusal.cause instanceof Error) logUnavailable(refusal.cause, request.id)
      const { reason, message, details } = refusal
      if (reason === 'rate_limited') observer.rateLimited()
      if (details && 'retryAfterSeconds' in details) reply.header('retry-after', String(details.retryAfterSeconds))
      return refuse(request, reply, reason, message, details)
    }
  }
}

/** Returns what the audit log and the limits need to know about a request. */
export function requestOf({ id, ip }: FastifyRequest): { requestId: string; address: string } {
  return { requestId: id, address: ip }
}
