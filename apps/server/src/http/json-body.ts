import { isUtf8 } from 'node:buffer'
import { DomainError } from '@mgx/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { MEDIA_TYPE_HINT, refuse } from './refusals.js'

/** Hands JSON bodies to the routes of a scope as text: it is read when it is known who calls. */
export function takeJsonAsText(scope: FastifyInstance): void {
  scope.removeContentTypeParser('application/json')
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    textOf(body),
  )
}

/**
 * A body as text.
 * @throws DomainError `invalid_input` when it is not UTF-8: it would be read as text that nobody sent.
 */
export function textOf(body: Buffer): string {
  if (!isUtf8(body)) throw new DomainError('invalid_input', 'the body is not valid UTF-8')
  return body.toString()
}

/** Refuses a body that is not JSON as it is, before it is read. */
export function refuseOtherThanJson(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers
  if (isUtf8Json(type) && encoding === 'identity') return undefined
  return refuse(request, reply, 'unsupported_media_type', MEDIA_TYPE_HINT)
}

const UTF8 = /^charset\s*=\s*("utf-?8"|utf-?8)$/

function isUtf8Json(contentType: string): boolean {
  const [type, ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase())
  return type === 'application/json' && parameters.every((each) => !/^charset\s*=/.test(each) || UTF8.test(each))
}
