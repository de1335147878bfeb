import { INTERNAL_MESSAGE } from '@mgx/api'
import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify'
import type { Life } from '../process/lifecycle.js'
import { MAX_BODY_BYTES } from '../trpc/plain-request.js'
import { refusalOf, refuse } from './refusals.js'
import { refuseRepeatedHeader } from './repeated-header.js'
import { requestIdOf } from './request-id.js'
import { logRequest } from './request-log.js'
import { adviceFor } from './response-headers.js'
import { cutWhenStalled } from './stalled-streams.js'

/** A batch names its procedures in one path segment; Node itself bounds URL and headers to this. */
const MAX_PATH_CHARACTERS = 16 * 1024

export type AppParts = {
  life: Life
  log: FastifyBaseLogger
  /** Keeps what a caller is not told, under the request id. */
  logInternal: (error: unknown, requestId: string) => void
}

/**
 * A Fastify application with our limits, request ids, refusals, advice and a log line for every answer, but without
 * routes or a server. `answerUnknown` answers at every path without a route.
 */
export function createApp(
  { life, log, logInternal }: AppParts,
  answerUnknown: (request: FastifyRequest, reply: FastifyReply) => FastifyReply,
): FastifyInstance {
  const answerError = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = refusalOf(error)
    if (refusal) return refuse(request, reply, refusal.reason, refusal.message)
    logInternal(error, request.id)
    return refuse(request, reply, 'internal', INTERNAL_MESSAGE)
  }
  const app = fastify({
    // What Fastify says at the level info is said by our own lines.
    loggerInstance: log.child({}, { level: log.level === 'info' ? 'warn' : log.level }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestIdOf,
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: MAX_PATH_CHARACTERS, ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => answerError(error, request, reply as FastifyReply),
  })
  app.setErrorHandler(answerError)
  app.setNotFoundHandler(answerUnknown)
  app.addHook('onRequest', (request, reply, next) => {
    reply.header('x-request-id', request.id)
    // Before a body is read: what is wrong is the path, whatever was sent there.
    if (request.is404) answerUnknown(request, reply)
    else next()
  })
  app.addHook('onRequest', (request, reply, next) => {
    if (!refuseRepeatedHeader(request, reply)) next()
  })
  app.addHook('onSend', (_request, reply, payload, next) => {
    addAdvice(reply, payload, life)
    next()
  })
  app.addHook('onResponse', (request, reply, next) => {
    const { id: requestId, method, url } = request
    logRequest(log, { requestId, method, url, status: reply.statusCode, milliseconds: reply.elapsedTime })
    next()
  })
  return app
}

function addAdvice(reply: FastifyReply, payload: unknown, life: Life): void {
  // tRPC's answers come as a web Response, whose status Fastify takes over only after this.
  const status = payload instanceof Response ? payload.status : reply.statusCode
  // When a stream has ended nothing else comes on its connection, which a server that closes would wait for.
  if (payload instanceof Response && isStream(payload)) {
    payload.headers.set('connection', 'close')
    cutWhenStalled(reply.raw)
  }
  reply.headers(adviceFor(status, life))
}

function isStream({ headers }: Response): boolean {
  return headers.get('content-type') === 'text/event-stream'
}
