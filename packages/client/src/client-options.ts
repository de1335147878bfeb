import type { CallSignal, TryOptions } from './call-options.js'
import type { Hooks } from './hooks.js'
import type { BodyReader } from './transport/server-sent-events.js'

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

/** Where the server is, who calls, and how. */
export interface MgxClientOptions extends TryOptions, Hooks {
  /** The base address of the server, such as `http://127.0.0.1:3210`; the environment's `MGX_URL` unless given. */
  readonly url?: string | undefined
  /** An API key (`mgx_key_…`) or a session token (`mgx_ses_…`); the environment's `MGX_API_KEY` unless given. */
  readonly apiKey?: string | undefined
  /** Sends the requests instead of the platform's `fetch`. */
  readonly fetch?: FetchLike | undefined
  /** Headers that go with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Whether calls that are made in the same tick travel in one request; they do unless this is false. */
  readonly batch?: boolean | undefined
}
