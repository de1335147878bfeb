import { INTERNAL_MESSAGE } from '@mgx/api'
import { MAX_BODY_BYTES } from '@mgx/contract'
import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify'
import type { Lifecycle } from '../process/lifecycle.js'
import { headersOf, logAnswer, requestIdOf } from './each-request.js'
import { cutWhenStalled } from './http-server.js'
import { refusalOf, refuse } from './refusals.js'
import { refuseRepeatedHeader } from './repeated-header.js'

/** A batch names its procedures in one path segment; Node itself bounds URL and headers to this. */
const MAX_PATH_CHARACTERS = 16 * 1024

export type AppParts = {
  lifecycle: Lifecycle
  log: FastifyBaseLogger
  /** Keeps what a caller is not told, under the request id. */
  logInternal: (error: unknown, requestId: string) => void
}

/**
 * Returns a Fastify application with our limits and refusals, and with what happens to every request, but without routes
 * or a server. `answerUnknown` answers at every path without a route.
 */
export function createApp(
  { lifecycle, log, logInternal }: AppParts,
  answerUnknown: (request: FastifyRequest, reply: FastifyReply) => FastifyReply,
): FastifyInstance {
  const answerError = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = refusalOf(error)
    if (refusal) return refuse(request, reply, refusal.reason, refusal.message)
    logInternal(error, request.id)
    return refuse(request, reply, 'internal', INTERNAL_MESSAGE)
  }
  const logReply = (request: FastifyRequest, { statusCode: status, elapsedTime: milliseconds }: FastifyReply): void =>
    logAnswer(log, request, { requestId: request.id, status, milliseconds })
  const app = fastify({
    // What Fastify says at the level info is said by our own lines.
    loggerInstance: log.child({}, { level: log.level === 'info' ? 'warn' : log.level }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestIdOf,
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: MAX_PATH_CHARACTERS, ignoreTrailingSlash: true },
    frameworkErrors(error, request, reply) {
      // Fastify runs no hooks for a URL that it cannot read.
      reply.headers(headersOf(request.id, 400, lifecycle))
      reply.raw.once('finish', () => logReply(request, reply as FastifyReply))
      return answerError(error, request, reply as FastifyReply)
    },
  })
  app.setErrorHandler(answerError)
  app.setNotFoundHandler(answerUnknown)
  app.addHook('onRequest', (request, reply, next) => {
    // Before a body is read: what is wrong is the path, whatever was sent there.
    if (request.is404) answerUnknown(request, reply)
    else next()
  })
  app.addHook('onRequest', (request, reply, next) => {
    if (!refuseRepeatedHeader(request, reply)) next()
  })
  app.addHook('onSend', (request, reply, payload, next) => {
    // tRPC's answers come as a web Response, whose status Fastify takes over only after this.
    const isResponse = payload instanceof Response
    reply.headers(headersOf(request.id, isResponse ? payload.status : reply.statusCode, lifecycle))
    if (isResponse && payload.headers.get('content-type') === 'text/event-stream') {
      // When a stream has ended nothing else comes on its connection, which a server that closes would wait for.
      payload.headers.set('connection', 'close')
      cutWhenStalled(reply.raw)
    }
    next()
  })
  app.addHook('onResponse', (request, reply, next) => {
    logReply(request, reply)
    next()
  })
  return app
}
