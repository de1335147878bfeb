import manifest from '../package.json' with { type: 'json' }
import { contractHash } from './generated/contract-hash.js'
import type { FetchLike, MgxClientOptions, StreamOptions, TryOptions } from './options.js'
import { type Observer, observerOf } from './transport/observer.js'

/** Checked options: the address of the procedures, all headers, and the limits of every call. */
export type Endpoint = {
  url: string
  headers: Record<string, string>
  fetch: FetchLike
  limits: Required<{ [Limit in keyof TryOptions]: number }>
  batch: boolean
  observer: Observer
}

const LIMITS: Endpoint['limits'] = { maxRetries: 2, timeoutMs: 30_000, deadlineMs: 60_000 }

/** Tells the server which client calls, by its version and its contract. */
const CLIENT = `${manifest.version}/${contractHash}`

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/
const PRINTABLE = /^[\x21-\x7e]+$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** @throws TypeError naming the option that is missing or malformed, and never the secret in it. */
export function readOptions(options: MgxClientOptions = {}): Endpoint {
  const { fetch, batch = true, logger, onRequest, onResponse } = options
  const apiKey = options.apiKey ?? environment('MGX_API_KEY')
  if (typeof apiKey !== 'string' || apiKey === '') throw wrong('apiKey is missing: give it, or set MGX_API_KEY')
  if (!PRINTABLE.test(apiKey)) throw wrong('apiKey must be printable ASCII without spaces or line ends')
  for (const [name, hook] of Object.entries({ fetch, onRequest, onResponse }))
    if (hook !== undefined && typeof hook !== 'function') throw wrong(`${name} must be a function`)
  if (fetch === undefined && typeof globalThis.fetch !== 'function') throw wrong('this platform has no fetch: give one')
  if (logger && (typeof logger.debug !== 'function' || typeof logger.warn !== 'function'))
    throw wrong('logger must have debug and warn')
  return {
    url: `${readUrl(options.url ?? environment('MGX_URL'))}/trpc`,
    headers: { ...readHeaders(options.headers, wrong), authorization: `Bearer ${apiKey}`, 'x-mgx-client': CLIENT },
    // Looked up at each call, so that a fetch which is instrumented later is used.
    fetch: fetch ?? ((address, init) => globalThis.fetch(address, init)),
    limits: { ...LIMITS, ...readLimits(options, wrong) },
    batch,
    observer: observerOf({ logger, onRequest, onResponse }),
  }
}

/** @throws TypeError naming the option that is malformed. */
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

/** Those headers, by their names in lower case. */
function readHeaders(headers: StreamOptions['headers'] = {}, wrong: (problem: string) => TypeError) {
  const read: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (!TOKEN.test(name)) throw wrong(`headers: ${JSON.stringify(name)} is not a header name`)
    if (typeof value !== 'string' || !HEADER_VALUE.test(value))
      throw wrong(`headers: the value of ${name} is not one line of text`)
    if (/^(authorization|content-type|x-mgx-client)$/i.test(name)) throw wrong(`headers: ${name} is set by the client`)
    read[name.toLowerCase()] = value
  }
  return read
}

/** The limits that are given. */
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

function readUrl(url: unknown): string {
  if (typeof url !== 'string' || url === '')
    throw wrong('url is missing: give the address of the server, such as http://127.0.0.1:3210, or set MGX_URL')
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw wrong('url must begin with http:// or https://')
  if (parsed.username || parsed.password) throw wrong('url must not hold a user or password')
  if (parsed.search || parsed.hash) throw wrong('url must not have a query or fragment')
  // The address of the procedures serves as well as the base address that they are below.
  return parsed.origin + parsed.pathname.replace(/\/*(\/trpc)?\/*$/, '')
}

/** A variable of the environment, on platforms that have one; undefined when it is unset or empty. */
function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
  return process?.env?.[name] || undefined
}

const wrong = (problem: string) => new TypeError(`createMgxClient: ${problem}`)
