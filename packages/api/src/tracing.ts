import type { Reason } from '@mgx/contract'
import { registeredTracer } from '@mgx/db'
import {
  context,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'

/** The headers of a request, in lower case. */
export type TraceHeaders = Readonly<Record<string, string | string[] | undefined>>

/** The trace that a request is part of. */
export type RequestTrace = {
  /** Its id, for logs. Without an SDK, that of the caller's `traceparent`; undefined when nobody traces the request. */
  readonly id: string | undefined
  /** Begins the span of one call; undefined without an SDK. */
  begin(path: string): CallSpan | undefined
}

export type CallSpan = {
  readonly context: SpanContext
  /** Runs the call with the span as the active one. */
  run<Result>(call: () => Promise<Result>): Promise<Result>
  /** Ends the span; `reason` is why the call failed. */
  end(reason: Reason | undefined): void
}

/**
 * Returns a function that finds the trace of a request. The SDK of the process must be registered before, as `node --import`
 * does, and then every call gets a span. Its parent is the active span, such as that of an instrumented HTTP server, else
 * the caller's in `traceparent`.
 */
export function traceRequests(): (headers: TraceHeaders) => RequestTrace {
  const tracer = registeredTracer()
  if (!tracer) return ({ traceparent }) => ({ id: traceIdIn(traceparent), begin: () => undefined })
  return (headers) => {
    const active = context.active()
    const parent = trace.getSpanContext(active) ? active : propagation.extract(ROOT_CONTEXT, headers)
    let id = trace.getSpanContext(parent)?.traceId
    return {
      get id() {
        return id
      },
      begin(path) {
        const attributes = { 'rpc.system.name': 'trpc', 'rpc.method': path }
        const span = tracer.startSpan(path, { kind: SpanKind.SERVER, attributes }, parent)
        id ??= span.spanContext().traceId
        return {
          context: span.spanContext(),
          run: (call) => context.with(trace.setSpan(parent, span), call),
          end(reason) {
            if (reason !== undefined) {
              span.setAttribute('error.type', reason)
              span.setStatus({ code: SpanStatusCode.ERROR })
            }
            span.end()
          },
        }
      },
    }
  }
}

/** Returns the trace id of a `traceparent` header by W3C Trace Context; undefined when it is not valid. */
function traceIdIn(traceparent: string | string[] | undefined): string | undefined {
  if (typeof traceparent !== 'string') return undefined
  const id = /^(?!ff)[\da-f]{2}-([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}/.exec(traceparent)?.[1]
  return id === undefined || /^0+$/.test(id) ? undefined : id
}
