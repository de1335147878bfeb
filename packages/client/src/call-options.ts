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
