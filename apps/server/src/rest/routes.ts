import type { Services } from '@mgx/api'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callProcedure, contextOf } from '../http/procedure-call.js'
import { refuse, takeJsonAsText } from '../http/refusals.js'
import { restErrorOf } from './error.js'
import { type Operation, operations } from './operations.js'
import { type RestRequest, readInput } from './read-input.js'

/** Adds every REST operation under `/api`, and refuses other methods at their paths. */
export function restRoutes(http: FastifyInstance, services: Services): void {
  http.register(async (scope) => {
    takeJsonAsText(scope, hasBody)
    for (const operation of operations) {
      const { method, template } = operation
      const handler = (request: FastifyRequest, reply: FastifyReply) => answer(services, operation, request, reply)
      scope.route({ method, url: routeOf(template), handler })
    }
  })
  http.register(async (scope) => {
    for (const template of new Set(operations.map((operation) => operation.template))) {
      const places = operations.filter((operation) => operation.template === template)
      const allowed = places.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
      const refuseMethod = (request: FastifyRequest, reply: FastifyReply): void => {
        reply.header('allow', allowed.join(', '))
        refuse(request, reply, 'method_not_allowed', `this path takes ${allowed.join(', ')}`)
      }
      const others = scope.supportedMethods.filter((method) => !allowed.includes(method))
      scope.route({ method: others, url: routeOf(template), onRequest: refuseMethod, handler: refuseMethod })
    }
  })
}

function hasBody({ method, headers }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  const { 'content-length': length = '0', 'transfer-encoding': encoding, 'content-type': type } = headers
  return length !== '0' || encoding !== undefined || type !== undefined
}

async function answer(services: Services, operation: Operation, request: FastifyRequest, reply: FastifyReply) {
  const { path, type } = operation
  const { id: requestId, ip: address, headers, body } = request
  const bytesPerCall = typeof body === 'string' ? body.length : 0
  const ctx = contextOf(services, { requestId, address, bytesPerCall, headers })
  const input = () => readInput(operation, partsOf(request))
  request.context = ctx
  const outcome = await callProcedure({ path, type, index: 0, input }, ctx)
  reply.headers(ctx.answerHeaders)
  if (outcome.ok) return reply.send(outcome.data)
  return reply.code(outcome.error.data.httpStatus).send(restErrorOf(outcome.error))
}

function partsOf({ params, query, body, headers }: FastifyRequest): RestRequest {
  const { 'idempotency-key': key } = headers
  return {
    params: params as RestRequest['params'],
    query: query as RestRequest['query'],
    body: body as RestRequest['body'],
    idempotencyKey: typeof key === 'string' ? key : undefined,
  }
}

/** Converts `{id}` to `:id`, as Fastify's router expects. */
function routeOf(template: string): string {
  return template.replaceAll(/\{(\w+)\}/g, ':$1')
}
