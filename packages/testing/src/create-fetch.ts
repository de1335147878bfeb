import { randomUUID } from 'node:crypto'
import {
  appRouter,
  createContext,
  errorEnvelope,
  logAroundProcedures,
  nameRequest,
  responseHeaders,
  type Services,
} from '@mgx/api'
import { BODY_TOO_LARGE, MAX_BATCH_CALLS, MAX_BODY_BYTES, type Reason, reasons } from '@mgx/contract'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { isReason, type PlannedFailures } from './planned-failures.js'

const PREFIX = '/trpc/'

/** The platform's `fetch`, with options that may also be undefined. */
export type Fetch = (
  input: string | URL | Request,
  init?: { [Option in keyof RequestInit]?: RequestInit[Option] | undefined },
) => Promise<Response>

/** A request whose body has been read, so that its calls can be executed one by one. */
type Asked = { request: Request; requestId: string; address: URL; paths: string[]; body: string }

/**
 * Creates a `fetch` that runs calls on the services, as over HTTP, and applies the planned failures. Like the platform's, it
 * rejects when its signal is aborted or the connection is lost; once `ended` is aborted, every connection is lost.
 */
export function createFetch(services: Services, failures: PlannedFailures, ended: AbortSignal): Fetch {
  async function answer(request: Request): Promise<Response> {
    const asked = await read(request)
    const fates = asked.paths.map((path) => failures.next(path))
    if (fates.includes('connection_lost') || ended.aborted) throw lost('the connection was refused')
    const refusals = fates.map((fate) => (isReason(fate) ? fate : undefined))
    const response = withHeaders(await answerAll(services, asked, refusals), asked.requestId)
    return fates.includes('reply_lost') ? withoutReply(response) : response
  }
  return (input, init) => {
    const request = new Request(input, init as RequestInit)
    return unlessAborted(request.signal, () => answer(request))
  }
}

async function read(request: Request): Promise<Asked> {
  const address = new URL(request.url)
  const isCall = address.pathname.startsWith(PREFIX)
  const paths = isCall ? decodeURIComponent(address.pathname.slice(PREFIX.length)).split(',') : []
  return { request, requestId: randomUUID(), address, paths, body: await request.text() }
}

async function answerAll(
  services: Services,
  asked: Asked,
  refusals: readonly (Reason | undefined)[],
): Promise<Response> {
  const { requestId, paths, body, address } = asked
  if (paths.length === 0) {
    const message = 'the test server serves only /trpc'
    return jsonOf(404, errorEnvelope('not_found', message, { requestId, details: { missing: 'path' } }))
  }
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) return refused('payload_too_large', BODY_TOO_LARGE, asked)
  const isRefused = refusals.some((reason) => reason !== undefined)
  const inputs = isRefused ? inputsOf(asked) : undefined
  if (!inputs) return answerTogether(services, asked)
  const answers = await Promise.all(
    paths.map((path, index) => {
      const reason = refusals[index]
      if (reason) return refused(reason, `this call was made to fail: ${reason}`, asked, path)
      return answerTogether(services, callOf(asked, path, inputs[index]))
    }),
  )
  return address.searchParams.has('batch') ? batchOf(answers) : (answers[0] as Response)
}

function answerTogether(services: Services, { request, requestId, address, body }: Asked): Promise<Response> {
  const { method, headers, signal } = request
  return fetchRequestHandler({
    endpoint: PREFIX.slice(0, -1),
    router: appRouter,
    req: new Request(address, { method, headers, signal, ...(body && { body }) }),
    allowMethodOverride: true,
    maxBatchSize: MAX_BATCH_CALLS,
    createContext: () =>
      createContext(services, { authorization: headers.get('authorization') ?? undefined, address: null, requestId }),
    responseMeta: ({ ctx }) => ({ headers: new Headers(ctx?.answerHeaders) }),
    onError({ error }) {
      nameRequest(error, requestId)
      logAroundProcedures(services, requestId, error)
    },
  })
}

/** Returns the inputs of a batch by index; undefined when they are not JSON, which is then refused for all calls at once. */
function inputsOf({ address, body }: Asked): Record<number, unknown> | undefined {
  try {
    return Object(JSON.parse(address.searchParams.get('input') ?? (body || '{}')))
  } catch {
    return undefined
  }
}

/** Returns one call of a batch as a request of its own. */
function callOf(asked: Asked, path: string, given: unknown): Asked {
  const address = new URL(PREFIX + path, asked.address)
  const input = JSON.stringify(given) ?? ''
  const isGet = asked.request.method === 'GET'
  if (isGet && input) address.searchParams.set('input', input)
  return { ...asked, address, paths: [path], body: isGet ? '' : input }
}

async function batchOf(answers: readonly Response[]): Promise<Response> {
  const statuses = new Set(answers.map(({ status }) => status))
  const bodies = await Promise.all(answers.map((answer) => answer.json()))
  return jsonOf(statuses.size === 1 ? [...statuses][0] : 207, bodies)
}

function refused(reason: Reason, message: string, { requestId }: Asked, path?: string): Response {
  return jsonOf(reasons[reason].httpStatus, errorEnvelope(reason, message, { requestId, ...(path && { path }) }))
}

const jsonOf = (status: number | undefined, body: unknown) =>
  new Response(JSON.stringify(body), { status: status ?? 200, headers: { 'content-type': 'application/json' } })

function withHeaders(response: Response, requestId: string): Response {
  const headers = { 'x-request-id': requestId, ...responseHeaders(response.status) }
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
  return response
}

/** Loses the response: returns a stream that breaks before its first event. @throws TypeError for any other response. */
async function withoutReply(response: Response): Promise<Response> {
  const { status, headers, body } = response
  await body?.cancel()
  const failure = lost('the connection was closed before the response')
  if (!headers.get('content-type')?.startsWith('text/event-stream')) throw failure
  return new Response(new ReadableStream({ start: (controller) => controller.error(failure) }), { status, headers })
}

/** Creates the error that `fetch` throws for a lost connection. */
const lost = (what: string) => new TypeError('fetch failed', { cause: new Error(what) })

/** Settles like `work`; rejects with the signal's reason when it is aborted first. */
function unlessAborted<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  if (signal.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort)
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort))
  })
}
