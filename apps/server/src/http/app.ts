import { type Context, INTERNAL_MESSAGE } from '@mgx/api'
import { MAX_BODY_BYTES, type Reason } from '@mgx/contract'
import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify'
import type { AccessLog } from '../log/access-line.js'
import { preflightHeaders } from './cors.js'
import { headersOf, requestIdOf } from './each-request.js'
import type { Trusts } from './forwarded.js'
import { cutWhenStalled } from './http-server.js'
import { refusalOf, refuse } from './refusals.js'
import { refuseFaultyHeaders } from './request-headers.js'
import { securityHeaders } from './security-headers.js'

/** A batch names its procedures in one path segment. Node limits URL and headers together to the same size. */
const MAX_PATH_CHARACTERS = 16 * 1024

declare module 'fastify' {
  interface FastifyRequest {
    /** The context of the procedures that the request calls. */
    context: Context | undefined
    /** Why the request was refused before it reached a procedure. */
    refusal: Reason | undefined
  }
}

export type AppParts = {
  log: FastifyBaseLogger
  logAccess: AccessLog
  /** Logs the full error under the request id; callers see only the id. */
  logInternal: (error: unknown, requestId: string) => void
  /** The proxies whose `X-Forwarded-…` headers are believed. */
  trusts: Trusts
  /** The origins whose pages may call from a browser. */
  origins: readonly string[]
}

/**
 * Creates a Fastify application with our limits, refusals, response headers and request log, but without routes or a
 * server. `answerUnknown` responds at every path without a route.
 */
export function createApp(
  { log, logAccess, logInternal, trusts, origins }: AppParts,
  answerUnknown: (request: FastifyRequest, reply: FastifyReply) => FastifyReply,
): FastifyInstance {
  const answerError = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = refusalOf(error)
    if (refusal) return refuse(request, reply, refusal.reason, refusal.message)
    logInternal(error, request.id)
    return refuse(request, reply, 'internal', INTERNAL_MESSAGE)
  }
  /** Adds the headers that the route has not set. */
  const addHeaders = (request: FastifyRequest, reply: FastifyReply, status: number): void => {
    const headers = headersOf(request.raw, { requestId: request.id, status }, origins)
    for (const [name, value] of Object.entries({ ...headers, ...securityHeaders(request.raw) }))
      if (!reply.hasHeader(name)) reply.header(name, value)
  }
  const logReply = (request: FastifyRequest, reply: FastifyReply): void => {
    const { id: requestId, ip: address, context, refusal } = request
    const { statusCode: status, elapsedTime: milliseconds } = reply
    logAccess(request, { requestId, status, milliseconds, address, context, refusal })
  }
  const app = fastify({
    // Our own lines replace those that Fastify logs at the level info.
    loggerInstance: log.child({}, { level: log.level === 'info' ? 'warn' : log.level }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestIdOf,
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: trusts,
    routerOptions: { maxParamLength: MAX_PATH_CHARACTERS, ignoreTrailingSlash: true },
    frameworkErrors(error, request, reply) {
      // Fastify runs no hooks for a URL that it cannot parse.
      addHeaders(request, reply as FastifyReply, 400)
      reply.raw.once('finish', () => logReply(request, reply as FastifyReply))
      return answerError(error, request, reply as FastifyReply)
    },
  })
  app.decorateRequest('context', undefined)
  app.decorateRequest('refusal', undefined)
  app.setErrorHandler(answerError)
  app.setNotFoundHandler(answerUnknown)
  app.addHook('onRequest', (request, reply, next) => {
    const preflight = preflightHeaders(request.raw, origins)
    if (preflight) reply.code(204).headers(preflight).send()
    else next()
  })
  app.addHook('onRequest', (request, reply, next) => {
    // Before the body is read, so that a wrong path is reported whatever the body is.
    if (request.is404) answerUnknown(request, reply)
    else next()
  })
  app.addHook('onRequest', (request, reply, next) => {
    if (!refuseFaultyHeaders(request, reply)) next()
  })
  app.addHook('onSend', (request, reply, payload, next) => {
    // tRPC's adapter sends a web Response, whose status Fastify copies only after this hook.
    const isResponse = payload instanceof Response
    addHeaders(request, reply, isResponse ? payload.status : reply.statusCode)
    // The headers of a Response replace those of the reply.
    if (isResponse && origins.length > 0) payload.headers.append('vary', 'Origin')
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
