import type { Hooks } from './hooks.js'
import type { BodyReader } from './transport/server-sent-events.js'

/** The platform's AbortSignal where its types are there, and otherwise as much of it as is needed. */
export type CallSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } }
  ? Signal
  : { readonly aborted: boolean; readonly reason: unknown }

/** How often a call is tried, and for how long. */
export interface TryOptions {
  /** How often a call that failed is tried again, where that is safe; 2 unless told. */
  readonly maxRetries?: number | undefined
  /** Milliseconds that one try may take; 30,000 unless told. `Infinity` sets no limit. */
  readonly timeoutMs?: number | undefined
  /** Milliseconds that a call may take with all its tries and the pauses between them; 60,000 unless told. */
  readonly deadlineMs?: number | undefined
}

/** How a stream is asked for. */
export interface StreamOptions {
  /** Gives up, at once. A call then throws the reason of the signal, and the server may have done the work; a stream ends. */
  readonly signal?: CallSignal | undefined
  /** Headers beside those of the client, or instead of them. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** How one call is made; what is not said here is as the client has it. */
export interface CallOptions extends StreamOptions, TryOptions {}

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
