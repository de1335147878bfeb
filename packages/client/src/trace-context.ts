type Carrier = Record<string, string>
type Setter = { set(carrier: Carrier, name: string, value: string): void }
type OpenTelemetry = {
  context?: { active(): unknown }
  propagation?: { inject(context: unknown, carrier: Carrier, setter: Setter): void }
}

/** Where @opentelemetry/api keeps what is registered with it. */
const API = Symbol.for('opentelemetry.js.api.1')

/**
 * The headers by which the server's spans continue the caller's trace; none where OpenTelemetry is not set up, and none
 * when the caller set `traceparent`. Baggage stays here: it is the caller's own.
 */
export function traceHeaders(headers: Carrier): Carrier {
  const { context, propagation } = (globalThis as { [API]?: OpenTelemetry })[API] ?? {}
  if (!context || !propagation || 'traceparent' in headers) return {}
  const carrier: Carrier = {}
  propagation.inject(context.active(), carrier, {
    set(to, name, value) {
      if (name === 'traceparent' || name === 'tracestate') to[name] = value
    },
  })
  return carrier
}
