import { DomainError, type Reason } from '@mgx/contract'
import type { FetchedResponse, FetchLike } from '../client-options.js'
import { contractHash } from '../generated/contract-hash.js'
import { type Answer, answerOf, failureOf } from './answer.js'
import { type Call, callProcedure } from './call-procedure.js'
import type { Failure, PlannedFailures } from './failures.js'
import type { Memory } from './memory.js'
import { watch } from './watch.js'

const MAX_BODY_BYTES = 1024 * 1024
const CLOSED = 'the connection was closed before the answer'
const encoder = new TextEncoder()

type Sent = Parameters<FetchLike>[1]

/** What stands for the network and the server behind it: answers requests as they would be answered over HTTP. */
export function serve(memory: Memory, failures: PlannedFailures): FetchLike {
  let requests = 0
  return async (url, sent) => {
    requests += 1
    const { signal, body } = sent
    const requestId = `request-${requests}`
    // As over a network, nothing is answered in the tick it was asked in.
    await undefined
    if (signal?.aborted) throw signal.reason
    const address = new URL(url)
    const paths = address.pathname.replace(/^.*\/trpc\//, '').split(',')
    const fates = paths.map((path) => failures.next(path))
    if (fates.includes('connection_lost')) throw lost('the connection was refused')
    const response = (answers: Answer[], isBatch: boolean) => {
      if (fates.includes('reply_lost')) throw lost(CLOSED)
      return responseOf(requestId, answers, isBatch)
    }
    if (encoder.encode(body).length > MAX_BODY_BYTES) {
      const refused = new DomainError('payload_too_large', 'the body must be at most 1 MiB')
      return response([failureOf(refused, null, requestId)], false)
    }
    const isBatch = address.searchParams.has('batch')
    const inputs = body === undefined ? undefined : JSON.parse(body)
    const calls = paths.map((path, index): Call => {
      const input = isBatch ? inputs?.[index] : inputs
      return { path, input, authorization: headerOf(sent, 'authorization'), requestId }
    })
    const [first] = calls
    if (first?.path === 'costs.watch' && !isRefused(fates[0])) {
      return streamOf(memory, first, sent, fates[0] !== undefined)
    }
    return response(
      calls.map((call, index) => answer(memory, call, fates[index])),
      isBatch,
    )
  }
}

const isRefused = (fate: Failure | undefined): fate is Reason => fate !== undefined && !fate.endsWith('_lost')

function answer(memory: Memory, call: Call, fate: Failure | undefined): Answer {
  try {
    if (isRefused(fate)) throw new DomainError(fate, `this call was made to fail: ${fate}`)
    return answerOf(callProcedure(memory, call))
  } catch (error) {
    return failureOf(error, call.path, call.requestId)
  }
}

function responseOf(requestId: string, answers: readonly Answer[], isBatch: boolean): FetchedResponse {
  const statuses = new Set(answers.map(({ status }) => status))
  const text = JSON.stringify(isBatch ? answers.map(({ body }) => body) : answers[0]?.body)
  return {
    status: statuses.size === 1 ? ([...statuses][0] ?? 200) : 207,
    headers: headersOf({ 'content-type': 'application/json', 'x-request-id': requestId }),
    text: async () => text,
  }
}

function streamOf(memory: Memory, call: Call, { signal }: Sent, isCut: boolean): FetchedResponse {
  const { lastEventId, events } = watch(memory, call, signal)
  const read = async () => {
    if (isCut) throw lost(CLOSED)
    const { done = false, value } = await events.next()
    if (signal?.aborted) throw signal.reason
    return { done, value: value === undefined ? undefined : encoder.encode(value) }
  }
  const named: Record<string, string> = { 'content-type': 'text/event-stream', 'x-request-id': call.requestId }
  if (lastEventId !== undefined) named['last-event-id'] = lastEventId
  return { status: 200, headers: headersOf(named), text: async () => '', body: { getReader: () => ({ read }) } }
}

function headersOf(named: Record<string, string>): FetchedResponse['headers'] {
  const all: Record<string, string> = { ...named, 'x-mgx-contract': contractHash }
  return { get: (name) => all[name.toLowerCase()] ?? null }
}

function headerOf({ headers }: Sent, name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
}

/** What `fetch` throws. */
const lost = (what: string) => new TypeError('fetch failed', { cause: new Error(what) })
