import type { CallSignal } from './call-options.js'
import type { BodyReader } from './server-sent-events.js'

/** What the client asks of `fetch`; the platform's own is one. */
export type FetchLike = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string; signal?: CallSignal },
) => Promise<FetchedResponse>

/** What the client asks of a response. */
export interface FetchedResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
  /** For streams only. */
  readonly body?: { getReader(): BodyReader } | null
}

/** Where the server is, and who calls. */
export interface MgxClientOptions {
  /** The base address of the server, such as `http://127.0.0.1:3210`. */
  readonly url: string
  /** An API key (`mgx_key_…`) or a session token (`mgx_ses_…`). */
  readonly apiKey: string
  /** Sends the requests instead of the platform's `fetch`. */
  readonly fetch?: FetchLike | undefined
  /** Headers that go with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** Checked options: the address of the procedures, and all headers. */
export type Endpoint = { url: string; headers: Record<string, string>; fetch: FetchLike }

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/
const PRINTABLE = /^[\x21-\x7e]+$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** @throws TypeError naming the option that is missing or malformed, and never the secret in it. */
export function readOptions(options: MgxClientOptions): Endpoint {
  const { url, apiKey, headers = {}, fetch } = options ?? {}
  if (typeof apiKey !== 'string' || apiKey === '') throw wrong('apiKey is missing')
  if (!PRINTABLE.test(apiKey)) throw wrong('apiKey must be printable ASCII without spaces or line ends')
  if (fetch !== undefined && typeof fetch !== 'function') throw wrong('fetch must be a function')
  if (fetch === undefined && typeof globalThis.fetch !== 'function') throw wrong('this platform has no fetch: give one')
  for (const [name, value] of Object.entries(headers)) {
    if (!TOKEN.test(name)) throw wrong(`headers: ${JSON.stringify(name)} is not a header name`)
    if (typeof value !== 'string' || !HEADER_VALUE.test(value))
      throw wrong(`headers: the value of ${name} is not one line of text`)
    if (/^(authorization|content-type)$/i.test(name)) throw wrong(`headers: ${name} is set by the client`)
  }
  return {
    url: `${readUrl(url)}/trpc`,
    headers: { ...headers, authorization: `Bearer ${apiKey}` },
    // Looked up at each call, so that a fetch which is instrumented later is used.
    fetch: fetch ?? ((address, init) => globalThis.fetch(address, init)),
  }
}

function readUrl(url: unknown): string {
  if (typeof url !== 'string' || url === '')
    throw wrong('url is missing: give the address of the server, such as http://127.0.0.1:3210')
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw wrong('url must begin with http:// or https://')
  if (parsed.username || parsed.password) throw wrong('url must not hold a user or password')
  if (parsed.search || parsed.hash) throw wrong('url must not have a query or fragment')
  return parsed.href.replace(/\/+$/, '')
}

const wrong = (problem: string) => new TypeError(`createMgxClient: ${problem}`)
