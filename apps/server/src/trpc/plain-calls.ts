import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Context, errorEnvelope, INTERNAL_MESSAGE, type Services } from '@mgx/api'
import { type Reason, reasons } from '@mgx/contract'
import type { AppParts } from '../http/app.js'
import { headersOf, requestIdOf } from '../http/each-request.js'
import { addressOf } from '../http/forwarded.js'
import { requireBoundedJson } from '../http/json-bounds.js'
import { callProcedure, contextOf } from '../http/procedure-call.js'
import { jsonTextOf, refusalOf } from '../http/refusals.js'
import { headerFault } from '../http/request-headers.js'
import { securityHeaders } from '../http/security-headers.js'
import { type PlainRequest, readInputs, readPlainRequest } from './plain-request.js'

type Parts = Omit<AppParts, 'logInternal'> & { services: Services }
type Answer = { status: number; body: string; context?: Context; refusal?: Reason }

const BATCH_OF_DIFFERENT_STATUSES = 207
/** The same as tRPC's own adapter sends. */
const VARY = 'trpc-accept, accept'

/**
 * Creates a handler that runs plain JSON calls with only Node's http between the socket and the procedures. The handler
 * returns false, and leaves the request untouched, when it is not a plain call.
 */
export function plainCallHandler(parts: Parts): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { services, logAccess, trusts, origins } = parts
  return (request, response) => {
    const plain = readPlainRequest(request)
    if (!plain || headerFault(request.rawHeaders) !== undefined) return false
    const start = performance.now()
    const requestId = requestIdOf(request)
    const answer = async (input: string | Buffer): Promise<void> => {
      const address = addressOf(request, trusts)
      const { status, body, context, refusal } = await answerCalls(
        services,
        request,
        { requestId, address },
        plain,
        input,
      )
      const general = headersOf(request, { requestId, status }, origins)
      response.writeHead(status, {
        'content-type': 'application/json; charset=utf-8',
        // A browser shows no response to JSON that was posted.
        ...(plain.inputInUrl !== undefined && securityHeaders(request)),
        ...general,
        ...context?.answerHeaders,
        vary: general.vary === undefined ? VARY : `${VARY}, ${general.vary}`,
        'content-length': Buffer.byteLength(body),
      })
      response.end(body)
      const milliseconds = performance.now() - start
      logAccess(request, { requestId, status, milliseconds, address, context, refusal })
    }
    if (plain.inputInUrl !== undefined) void answer(plain.inputInUrl)
    else readBody(request, (body) => void answer(body))
    return true
  }
}

async function answerCalls(
  services: Services,
  { headers }: IncomingMessage,
  { requestId, address }: { requestId: string; address: string },
  plain: PlainRequest,
  input: string | Buffer,
): Promise<Answer> {
  try {
    if (typeof input === 'string') requireBoundedJson(input)
    const text = typeof input === 'string' ? input : jsonTextOf(input)
    const bytesPerCall = input.length / plain.paths.length
    return await runCalls(plain, text, contextOf(services, { requestId, address, bytesPerCall, headers }))
  } catch (error) {
    const refusal = refusalOf(error as Error)
    if (!refusal) services.logInternal(error, requestId)
    const { reason, message } = refusal ?? { reason: 'internal' as const, message: INTERNAL_MESSAGE }
    const body = JSON.stringify(errorEnvelope(reason, message, { requestId }))
    return { status: reasons[reason].httpStatus, body, refusal: reason }
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
    context: ctx,
  }
}

/** Calls `done` with the whole body; never when the caller disconnects before its end. */
function readBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
  request.on('error', () => {})
}
