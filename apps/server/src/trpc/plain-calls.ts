import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorEnvelope, INTERNAL_MESSAGE, type Services } from '@mgx/api'
import { reasons } from '@mgx/contract'
import type { FastifyBaseLogger } from 'fastify'
import { textOf } from '../http/json-body.js'
import { refusalOf } from '../http/refusals.js'
import { repeatedHeader } from '../http/repeated-header.js'
import { requestIdOf } from '../http/request-id.js'
import { logRequest } from '../http/request-log.js'
import { adviceFor } from '../http/response-headers.js'
import { contextOf, logAroundProcedures } from '../http/trpc-request.js'
import type { Life } from '../process/lifecycle.js'
import { answerDirectly } from './direct-answer.js'
import { type PlainRequest, readPlainRequest } from './plain-request.js'

type Parts = { services: Services; life: Life; log: FastifyBaseLogger }
type Answer = { status: number; body: string; headers: Record<string, string> }

/** As the stock adapter has them. */
const JSON_HEADERS = { vary: 'trpc-accept, accept', 'content-type': 'application/json; charset=utf-8' }

/**
 * Answers plain JSON calls with nothing but Node's http between the socket and the procedures. Answers whether the
 * request was such; if not, it is untouched.
 */
export function plainCallHandler(parts: Parts): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const plain = readPlainRequest(request)
    if (!plain || repeatedHeader(request.rawHeaders) !== undefined) return false
    const start = performance.now()
    const requestId = requestIdOf(request)
    const send = ({ status, body, headers }: Answer): void => {
      const length = Buffer.byteLength(body)
      const advice = adviceFor(status, parts.life)
      response.writeHead(status, { 'x-request-id': requestId, ...headers, ...advice, 'content-length': length })
      response.end(body)
      const { method, url } = request
      logRequest(parts.log, { requestId, method, url, status, milliseconds: performance.now() - start })
    }
    const answer = async (input: string | Buffer): Promise<void> =>
      send(await answerCalls(parts, request, requestId, plain, input))
    if (plain.inputInUrl !== undefined) void answer(plain.inputInUrl)
    else readBody(request, (body) => void answer(body))
    return true
  }
}

async function answerCalls(
  { services }: Parts,
  { headers }: IncomingMessage,
  requestId: string,
  plain: PlainRequest,
  input: string | Buffer,
): Promise<Answer> {
  try {
    const text = typeof input === 'string' ? input : textOf(input)
    const ctx = contextOf(services, requestId, headers)
    const answer = await answerDirectly(plain, text, ctx, (error) => logAroundProcedures(services, requestId, error))
    return { headers: { ...JSON_HEADERS, ...ctx.answerHeaders }, ...answer }
  } catch (error) {
    const refusal = refusalOf(error as Error)
    if (!refusal) services.logInternal(error, requestId)
    const { reason, message } = refusal ?? { reason: 'internal', message: INTERNAL_MESSAGE }
    const body = JSON.stringify(errorEnvelope(reason, message, { requestId }))
    return { status: reasons[reason].httpStatus, body, headers: JSON_HEADERS }
  }
}

/** The whole body; a caller that breaks off hears nothing more. */
function readBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
  request.on('error', () => {})
}
