import manifest from '../package.json' with { type: 'json' }
import { contractHash } from './generated/contract-hash.js'
import type { FetchLike, MgxClientOptions, StreamOptions, TryOptions } from './options.js'
import { apiKeyProblem, apiKeyReader, type ReadApiKey } from './transport/api-key.js'
import { type Observer, observerOf } from './transport/observer.js'

/** Validated options, with the URL of the procedures and all headers but `authorization`, which `apiKey` is for. */
export type Endpoint = {
  url: string
  headers: Record<string, string>
  apiKey: ReadApiKey
  fetch: FetchLike
  limits: Required<{ [Limit in keyof TryOptions]: number }>
  batch: boolean
  observer: Observer
}

export const LIMITS: Endpoint['limits'] = { maxRetries: 2, timeoutMs: 30_000, deadlineMs: 60_000 }

/** The value of the header `x-mgx-client`. */
const CLIENT = `${manifest.version}/${contractHash}`

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Validates the options. @throws TypeError naming the missing or malformed option, never including a secret. */
export function readOptions(options: MgxClientOptions = {}): Endpoint {
  const { fetch, batch = true, logger, onRequest, onResponse } = options
  const apiKey = options.apiKey ?? environment('MGX_API_KEY')
  const problem = typeof apiKey === 'function' ? undefined : apiKeyProblem(apiKey)
  if (!apiKey) throw wrong('apiKey is missing: pass it, or set MGX_API_KEY')
  if (problem) throw wrong(`apiKey ${problem}`)
  for (const [name, hook] of Object.entries({ fetch, onRequest, onResponse }))
    if (hook !== undefined && typeof hook !== 'function') throw wrong(`${name} must be a function`)
  if (fetch === undefined && typeof globalThis.fetch !== 'function') throw wrong('this platform has no fetch: pass one')
  if (logger && (typeof logger.debug !== 'function' || typeof logger.warn !== 'function'))
    throw wrong('logger must have debug and warn')
  return {
    url: `${readUrl(options.url, wrong)}/trpc`,
    headers: { ...readHeaders(options.headers, wrong), 'x-mgx-client': CLIENT },
    apiKey: apiKeyReader(apiKey),
    fetch: fetch ?? platformFetch,
    limits: { ...LIMITS, ...readLimits(options, wrong) },
    batch,
    observer: observerOf({ logger, onRequest, onResponse }),
  }
}

/** Looks up the platform's `fetch` on every call, so that one instrumented later is used. */
export const platformFetch: FetchLike = (address, init) => globalThis.fetch(address, init)

/** Merges the options of one call into those of the client. @throws TypeError naming the malformed option. */
export function readCallOptions(
  endpoint: Endpoint,
  options: StreamOptions & TryOptions,
): Pick<Endpoint, 'headers' | 'limits'> {
  const wrong = (problem: string) => new TypeError(`call options: ${problem}`)
  return {
    limits: { ...endpoint.limits, ...readLimits(options, wrong) },
    headers: { ...endpoint.headers, ...readHeaders(options.headers, wrong) },
  }
}

/** Returns the headers with lower-case names. */
function readHeaders(headers: StreamOptions['headers'] = {}, wrong: (problem: string) => TypeError) {
  const read: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (!TOKEN.test(name)) throw wrong(`headers: ${JSON.stringify(name)} is not a header name`)
    if (typeof value !== 'string' || !HEADER_VALUE.test(value))
      throw wrong(`headers: the value of ${name} is not a single line of text`)
    if (/^(authorization|content-type|x-mgx-client)$/i.test(name)) throw wrong(`headers: ${name} is set by the client`)
    read[name.toLowerCase()] = value
  }
  return read
}

/** Returns only the limits that are set. */
function readLimits(options: TryOptions, wrong: (problem: string) => TypeError): Partial<Endpoint['limits']> {
  const { maxRetries, timeoutMs, deadlineMs } = options
  if (maxRetries !== undefined && !(Number.isInteger(maxRetries) && maxRetries >= 0))
    throw wrong('maxRetries must be a whole number, 0 or more')
  for (const [name, limit] of Object.entries({ timeoutMs, deadlineMs }))
    if (limit !== undefined && !(typeof limit === 'number' && limit > 0))
      throw wrong(`${name} must be a number of milliseconds above 0`)
  return {
    ...(maxRetries !== undefined && { maxRetries }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(deadlineMs !== undefined && { deadlineMs }),
  }
}

/** Returns the base URL of the server; `MGX_URL` when it is undefined. */
export function readUrl(given: string | undefined, wrong: (problem: string) => TypeError): string {
  const url = given ?? environment('MGX_URL')
  if (typeof url !== 'string' || url === '')
    throw wrong('url is missing: pass the base URL of the server, such as http://127.0.0.1:3210, or set MGX_URL')
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw wrong('url must begin with http:// or https://')
  if (parsed.username || parsed.password) throw wrong('url must not contain a user or password')
  if (parsed.search || parsed.hash) throw wrong('url must not have a query or fragment')
  // Accept the URL of the procedures, which ends in /trpc, as well as the base URL.
  return parsed.origin + parsed.pathname.replace(/\/*(\/trpc)?\/*$/, '')
}

/** Returns an environment variable; undefined when it is unset or empty, or the platform has no environment. */
export function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
  return process?.env?.[name] || undefined
}

const wrong = (problem: string) => new TypeError(`createMgxClient: ${problem}`)
