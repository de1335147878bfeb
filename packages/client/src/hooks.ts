/** Receives the client's log messages; `console` is one. */
export interface MgxLogger {
  debug(message: string, facts?: unknown): void
  warn(message: string, facts?: unknown): void
}

/** One HTTP request: a call, a batch of calls, or a stream. Secrets such as keys and tokens are masked. */
export interface MgxRequest {
  readonly url: string
  /** The procedures called. */
  readonly paths: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  /** The input; for a batch, the inputs keyed by their index in `paths`. */
  readonly body: unknown
}

/** An HTTP response; the calls of a batch share one. */
export interface MgxResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  /** Identifies the request in the server's log. */
  readonly requestId: string | undefined
}

/** A request and its response. */
export interface AnsweredRequest extends MgxRequest {
  readonly durationMs: number
  readonly response: MgxResponse
  /** The parsed response body, masked; undefined for a stream and for a body that is not JSON. */
  readonly answer: unknown
}

/** Callbacks that observe the requests. They cannot change them: use the `headers` and `fetch` options for that. */
export interface Hooks {
  /** Called before each request is sent. */
  readonly onRequest?: ((request: MgxRequest) => void) | undefined
  /** Called after each response. */
  readonly onResponse?: ((answered: AnsweredRequest) => void) | undefined
  /** Logs every request, response and retry (`debug`) and every warning (`warn`). Without it, warnings go to the console. */
  readonly logger?: MgxLogger | undefined
}
