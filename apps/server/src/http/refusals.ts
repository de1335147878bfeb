import { isUtf8 } from 'node:buffer'
import { errorEnvelope } from '@mgx/api'
import { BODY_TOO_LARGE, DomainError, type ErrorDetails, type Reason, reasons } from '@mgx/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isRest, restErrorOf } from '../rest/error.js'
import { requireBoundedJson } from './json-bounds.js'

const MEDIA_TYPE_HINT = 'the body must be plain JSON in UTF-8: Content-Type: application/json'
const UTF8 = /^charset\s*=\s*("utf-?8"|utf-?8)$/

/** Refuses a request before it reaches a procedure, in the error format of its path: REST or tRPC. */
export function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  reason: Reason,
  message: string,
  details?: ErrorDetails,
): FastifyReply {
  request.refusal = reason
  const envelope = errorEnvelope(reason, message, { requestId: request.id, ...(details && { details }) })
  return reply
    .code(reasons[reason].httpStatus)
    .type('application/json')
    .send(isRest(request.url) ? restErrorOf(envelope.error) : envelope)
}

/** Returns the reason and message for an error before any procedure ran; undefined when the error is internal. */
export function refusalOf(
  error: Error & { statusCode?: number; code?: string },
): { reason: Reason; message: string } | undefined {
  if (error instanceof DomainError) return error
  const { statusCode = 500, code } = error
  if (statusCode === 413) return { reason: 'payload_too_large', message: BODY_TOO_LARGE }
  if (statusCode === 415) return { reason: 'unsupported_media_type', message: MEDIA_TYPE_HINT }
  if (code === 'FST_ERR_BAD_URL') return { reason: 'invalid_input', message: 'the URL is not well formed' }
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') return { reason: 'invalid_input', message: 'the URL is too long' }
  if (statusCode >= 400 && statusCode < 500)
    return { reason: 'invalid_input', message: 'the request is not well formed' }
  return undefined
}

/**
 * Passes bodies to the routes of a scope as text, so that they are parsed after authentication. A request for which
 * `needsJson` is true is refused before its body arrives unless that is uncompressed JSON in UTF-8.
 */
export function takeJsonAsText(scope: FastifyInstance, needsJson: (request: FastifyRequest) => boolean): void {
  scope.addHook('onRequest', (request, reply, next) => {
    const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers
    if (!needsJson(request) || (isUtf8Json(type) && encoding === 'identity')) next()
    else refuse(request, reply, 'unsupported_media_type', MEDIA_TYPE_HINT)
  })
  scope.removeContentTypeParser('application/json')
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    jsonTextOf(body),
  )
}

/**
 * Returns a JSON body as text, not parsed yet.
 * @throws DomainError `invalid_input` when it is not UTF-8, because decoding would silently change it, and as
 *   `requireBoundedJson` does.
 */
export function jsonTextOf(body: Buffer): string {
  if (!isUtf8(body)) throw new DomainError('invalid_input', 'the body is not valid UTF-8')
  const text = body.toString()
  requireBoundedJson(text)
  return text
}

function isUtf8Json(contentType: string): boolean {
  const [type, ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase())
  return type === 'application/json' && parameters.every((each) => !/^charset\s*=/.test(each) || UTF8.test(each))
}
