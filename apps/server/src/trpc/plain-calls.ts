import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Context, errorEnvelope, INTERNAL_MESSAGE, type Services } from '@mgx/api'
import { reasons } from '@mgx/contract'
import type { FastifyBaseLogger } from 'fastify'
import { headersOf, logAnswer, requestIdOf } from '../http/each-request.js'
import { callProcedure, contextOf } from '../http/procedure-call.js'
import { refusalOf, textOf } from '../http/refusals.js'
import { repeatedHeader } from '../http/repeated-header.js'
import type { Lifecycle } from '../process/lifecycle.js'
import { type PlainRequest, readInputs, readPlainRequest } from './plain-request.js'

type Parts = { services: Services; lifecycle: Lifecycle; log: FastifyBaseLogger }
type Answer = { status: number; body: string; headers?: Record<string, string> }

const BATCH_OF_DIFFERENT_STATUSES = 207

/**
 * Creates a handler that runs plain JSON calls with only Node's http between the socket and the procedures. The handler
 * returns false, and leaves the request untouched, when it is not a plain call.
 */
export function plainCallHandler(parts: Parts): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { services, lifecycle, log } = parts
  return (request, response) => {
    const plain = readPlainRequest(request)
    if (!plain || repeatedHeader(request.rawHeaders) !== undefined) return false
    const start = performance.now()
    const requestId = requestIdOf(request)
    const answer = async (input: string | Buffer): Promise<void> => {
      const { status, body, headers } = await answerCalls(services, request, requestId, plain, input)
      response.writeHead(status, {
        // The same as tRPC's own adapter sends.
        vary: 'trpc-accept, accept',
        'content-type': 'application/json; charset=utf-8',
        ...headers,
        ...headersOf(requestId, status, lifecycle),
        'content-length': Buffer.byteLength(body),
      })
      response.end(body)
      logAnswer(log, request, { requestId, status, milliseconds: performance.now() - start })
    }
    if (plain.inputInUrl !== undefined) void answer(plain.inputInUrl)
    else readBody(request, (body) => void answer(body))
    return true
  }
}

async function answerCalls(
  services: Services,
  { headers }: IncomingMessage,
  requestId: string,
  plain: PlainRequest,
  input: string | Buffer,
): Promise<Answer> {
  try {
    const text = typeof input === 'string' ? input : textOf(input)
    return await runCalls(plain, text, contextOf(services, requestId, headers))
  } catch (error) {
    const refusal = refusalOf(error as Error)
    if (!refusal) services.logInternal(error, requestId)
    const { reason, message } = refusal ?? { reason: 'internal', message: INTERNAL_MESSAGE }
    return { status: reasons[reason].httpStatus, body: JSON.stringify(errorEnvelope(reason, message, { requestId })) }
  }
}

/**
 * Runs the calls and returns the response that tRPC's HTTP layer would send, without its web Request, streams and abort
 * signals, which cost several times what a procedure does. `text` is the JSON of the inputs.
 */
async function runCalls({ isBatch, paths, type }: PlainRequest, text: string, ctx: Context): Promise<Answer> {
  // Parsed on first use, because authentication comes before the input.
  let inputs: Record<number, unknown> | undefined
  const inputOf = (index: number): unknown => {
    inputs ??= readInputs(text, isBatch)
    return inputs[index]
  }
  const answers = await Promise.all(
    paths.map((path, index) => callProcedure({ path, type, index, input: () => inputOf(index) }, ctx)),
  )
  const [first, ...others] = answers.map((answer) => (answer.ok ? 200 : answer.error.data.httpStatus))
  const bodies = answers.map((answer) =>
    JSON.stringify(answer.ok ? { result: { data: answer.data } } : { error: answer.error }),
  )
  return {
    status: first !== undefined && others.every((status) => status === first) ? first : BATCH_OF_DIFFERENT_STATUSES,
    body: isBatch ? `[${bodies.join(',')}]` : bodies.join(),
    headers: ctx.answerHeaders,
  }
}

/** Calls `done` with the whole body; never when the caller disconnects before its end. */
function readBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
  request.on('error', () => {})
}
