/** Where the client writes; `console` is one. */
export interface MgxLogger {
  debug(message: string, facts?: unknown): void
  warn(message: string, facts?: unknown): void
}

/** One HTTP request: a call, several that travel together, or a stream. Keys, tokens and the like are masked. */
export interface MgxRequest {
  readonly url: string
  /** The procedures that are called. */
  readonly paths: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  /** The input; of several calls, their inputs by their place in `paths`. */
  readonly body: unknown
}

/** What came back over HTTP; calls that travelled together share it. */
export interface MgxResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  /** Finds the call in the log of the server. */
  readonly requestId: string | undefined
}

/** An answered request. */
export interface AnsweredRequest extends MgxRequest {
  readonly durationMs: number
  readonly response: MgxResponse
  /** What was answered, masked; undefined for a stream, and for what is no JSON. */
  readonly answer: unknown
}

/** What watches the requests. It cannot change them: that is for `headers` and `fetch`. */
export interface Hooks {
  /** Hears of every request, before it is sent. */
  readonly onRequest?: ((request: MgxRequest) => void) | undefined
  /** Hears of every answer. */
  readonly onResponse?: ((answered: AnsweredRequest) => void) | undefined
  /** Told of every request and retry (`debug`), and of what should be looked at (`warn`, else on the console). */
  readonly logger?: MgxLogger | undefined
}
