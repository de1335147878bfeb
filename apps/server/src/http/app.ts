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

/** A batch names its procedures in one path segment. Node limits URL and headers together to the same size. */
const MAX_PATH_CHARACTERS = 16 * 1024

export type AppParts = {
  lifecycle: Lifecycle
  log: FastifyBaseLogger
  /** Logs the full error under the request id; callers see only the id. */
  logInternal: (error: unknown, requestId: string) => void
}

/**
 * Creates a Fastify application with our limits, refusals, response headers and request log, but without routes or a
 * server. `answerUnknown` responds at every path without a route.
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
    // Our own lines replace those that Fastify logs at the level info.
    loggerInstance: log.child({}, { level: log.level === 'info' ? 'warn' : log.level }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestIdOf,
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: MAX_PATH_CHARACTERS, ignoreTrailingSlash: true },
    frameworkErrors(error, request, reply) {
      // Fastify runs no hooks for a URL that it cannot parse.
      reply.headers(headersOf(request.id, 400, lifecycle))
      reply.raw.once('finish', () => logReply(request, reply as FastifyReply))
      return answerError(error, request, reply as FastifyReply)
    },
  })
  app.setErrorHandler(answerError)
  app.setNotFoundHandler(answerUnknown)
  app.addHook('onRequest', (request, reply, next) => {
    // Before the body is read, so that a wrong path is reported whatever the body is.
    if (request.is404) answerUnknown(request, reply)
    else next()
  })
  app.addHook('onRequest', (request, reply, next) => {
    if (!refuseRepeatedHeader(request, reply)) next()
  })
  app.addHook('onSend', (request, reply, payload, next) => {
    // tRPC's adapter sends a web Response, whose status Fastify copies only after this hook.
    const isResponse = payload instanceof Response
    reply.headers(headersOf(request.id, isResponse ? payload.status : reply.statusCode, lifecycle))
    if (isResponse && payload.headers.get('content-type') === 'text/event-stream') {
      // An idle connection left by a stream would delay the shutdown.
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
