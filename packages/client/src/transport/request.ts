import type { MgxError } from '../errors.js'
import type { MgxResponse } from '../hooks.js'
import type { CallSignal } from '../options.js'
import type { Endpoint } from '../read-options.js'
import { type Answer, connectionFailed, readAnswers } from './answer.js'
import { errorOfShape, foreignAnswer } from './error-of-reason.js'
import type { WithResponse } from './mgx-promise.js'

/** One call to send; `body` is its input as JSON. */
export type OutgoingCall = {
  path: string
  type: 'query' | 'mutation'
  body: string | undefined
  headers: Record<string, string>
}

/** The result of one call. */
export type Outcome = WithResponse<unknown> | { error: MgxError }

/**
 * Returns a function that sends calls of one type with the same headers in one HTTP request; it never throws. Every request
 * is a POST, so that inputs such as session tokens never appear in a URL or an access log.
 */
export function requestOver({ url, fetch, observer }: Endpoint) {
  return async (calls: readonly OutgoingCall[], signal: CallSignal): Promise<Outcome[]> => {
    const paths = calls.map(({ path }) => path)
    const address = `${url}/${paths.join()}${calls.length > 1 ? '?batch=1' : ''}`
    const body = bodyOf(calls)
    const headers = { 'content-type': 'application/json', ...calls[0]?.headers }
    const answered = observer.request({ url: address, paths, headers, body })
    try {
      const fetched = await fetch(address, { method: 'POST', headers, signal, ...(body !== undefined && { body }) })
      const text = await fetched.text()
      const response = responseOf(fetched)
      answered(response, text)
      const answers = readAnswers(text, calls.length)
      return paths.map((path, index) => outcomeOf(answers?.[index], response, address, path))
    } catch (cause) {
      return paths.map((path) => ({ error: connectionFailed(address, cause, path) }))
    }
  }
}

/** Returns the part of a response that callers see. */
export const responseOf = ({ status, headers }: Omit<MgxResponse, 'requestId'>): MgxResponse => ({
  status,
  headers,
  requestId: headers.get('x-request-id') ?? undefined,
})

function bodyOf(calls: readonly OutgoingCall[]): string | undefined {
  if (calls.length === 1) return calls[0]?.body
  const inputs = calls.flatMap(({ body }, index) => (body === undefined ? [] : `"${index}":${body}`))
  return `{${inputs.join()}}`
}

function outcomeOf(answer: Answer | undefined, response: MgxResponse, address: string, path: string): Outcome {
  if (answer?.error) return { error: errorOfShape(answer.error, { path, address, headers: response.headers }) }
  if (answer && response.status < 300) return { data: answer.result?.data, response }
  return { error: foreignAnswer(address, response, path) }
}
