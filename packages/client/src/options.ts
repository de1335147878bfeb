import type { Hooks } from './hooks.js'
import type { BodyReader } from './transport/server-sent-events.js'

/** The platform's AbortSignal if its types are installed, otherwise the part of it that the client needs. */
export type CallSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } }
  ? Signal
  : { readonly aborted: boolean; readonly reason: unknown }

/** Retries and time limits of a call. */
export interface TryOptions {
  /** How many times a failed call is retried, where retrying is safe; 2 by default. */
  readonly maxRetries?: number | undefined
  /** Time limit of one attempt in milliseconds; 30,000 by default. `Infinity` sets no limit. */
  readonly timeoutMs?: number | undefined
  /** Time limit of the whole call in milliseconds, retries and the waits between them included; 60,000 by default. */
  readonly deadlineMs?: number | undefined
}

/** Options of one stream. */
export interface StreamOptions {
  /** Cancels immediately. A call throws the signal's reason, and the server may have executed it; a stream ends. */
  readonly signal?: CallSignal | undefined
  /** Headers added to those of the client, or replacing them. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** Options of one call; they default to those of the client. */
export interface CallOptions extends StreamOptions, TryOptions {}

/** The part of `fetch` that the client uses; the platform's own `fetch` fits. */
export type FetchLike = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string; signal?: CallSignal },
) => Promise<FetchedResponse>

/** The part of a `Response` that the client uses. */
export interface FetchedResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
  /** For streams only. */
  readonly body?: { getReader(): BodyReader } | null
}

/**
 * Returns the credential for a request, such as an access token. `rejected` is the credential that the server has just
 * refused, so that one which ended early can be replaced; undefined otherwise.
 */
export type ApiKeySource = (asked: { readonly rejected: string | undefined }) => string | Promise<string>

/** Options of {@link createMgxClient}. */
export interface MgxClientOptions extends TryOptions, Hooks {
  /** The base URL of the server, such as `http://127.0.0.1:3210`. Defaults to the environment variable `MGX_URL`. */
  readonly url?: string | undefined
  /**
   * An API key (`mgx_key_…`), a session token (`mgx_ses_…`) or an access token, or a function that returns one. The function
   * is called for every request, and once more when the server refuses its credential. Defaults to the environment variable
   * `MGX_API_KEY`.
   */
  readonly apiKey?: string | ApiKeySource | undefined
  /** Sends the requests instead of the platform's `fetch`. */
  readonly fetch?: FetchLike | undefined
  /** Headers sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Whether calls made in the same tick are sent in one request; true by default. */
  readonly batch?: boolean | undefined
}
