import { errorEnvelope } from '@mgx/api'
import { DomainError, type ErrorDetails, type Reason, reasons } from '@mgx/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isRest, restErrorOf } from '../rest/error.js'

/** Refuses a request outside of the procedures, in the form their own refusals have at its path. */
export function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  reason: Reason,
  message: string,
  details?: ErrorDetails,
): FastifyReply {
  const envelope = errorEnvelope(reason, message, { requestId: request.id, ...(details && { details }) })
  return reply
    .code(reasons[reason].httpStatus)
    .header('x-request-id', request.id)
    .type('application/json')
    .send(isRest(request.url) ? restErrorOf(envelope.error) : envelope)
}

/** What a caller is told when a request is refused before it reaches a procedure; undefined when the failure is ours. */
export function refusalOf(
  error: Error & { statusCode?: number; code?: string },
): { reason: Reason; message: string } | undefined {
  if (error instanceof DomainError) return error
  const { statusCode = 500, code } = error
  if (statusCode === 413) return { reason: 'payload_too_large', message: 'the body must be at most 1 MiB' }
  if (statusCode === 415) return { reason: 'unsupported_media_type', message: MEDIA_TYPE_HINT }
  if (code === 'FST_ERR_BAD_URL') return { reason: 'invalid_input', message: 'the URL is not well formed' }
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') return { reason: 'invalid_input', message: 'the URL is too long' }
  if (statusCode >= 400 && statusCode < 500)
    return { reason: 'invalid_input', message: 'the request is not well formed' }
  return undefined
}

export const MEDIA_TYPE_HINT = 'the body must be plain JSON in UTF-8: Content-Type: application/json'
