import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { MEDIA_TYPE_HINT, refuse } from './refusals.js'

/** Hands JSON bodies to the routes of a scope as text: it is read when it is known who calls. */
export function takeJsonAsText(scope: FastifyInstance): void {
  scope.removeContentTypeParser('application/json')
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body))
}

/** Refuses a body that is not JSON as it is, before it is read. */
export function refuseOtherThanJson(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers
  if (/^application\/json\s*(;|$)/i.test(type) && encoding === 'identity') return undefined
  return refuse(request, reply, 'unsupported_media_type', MEDIA_TYPE_HINT)
}
