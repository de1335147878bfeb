type Carrier = Record<string, string>
type Setter = { set(carrier: Carrier, name: string, value: string): void }
type OpenTelemetry = {
  context?: { active(): unknown }
  propagation?: { inject(context: unknown, carrier: Carrier, setter: Setter): void }
}

/** Where @opentelemetry/api keeps what is registered with it. */
const API = Symbol.for('opentelemetry.js.api.1')

type Channel = { hasSubscribers: boolean }
type NodeProcess = { getBuiltinModule?(name: string): { channel(name: string): Channel } }

/**
 * The headers by which the server's spans continue the caller's trace; none where OpenTelemetry is not set up, when
 * the caller set `traceparent`, or when something watches Node's fetch. Baggage stays here: it is the caller's own.
 */
export function traceHeaders(headers: Carrier): Carrier {
  const { context, propagation } = (globalThis as { [API]?: OpenTelemetry })[API] ?? {}
  if (!context || !propagation || 'traceparent' in headers || fetchIsWatched()) return {}
  const carrier: Carrier = {}
  propagation.inject(context.active(), carrier, {
    set(to, name, value) {
      if (name === 'traceparent' || name === 'tracestate') to[name] = value
    },
  })
  return carrier
}

/** Instrumentations of Node's fetch send the header of a span of their own; with ours beside it, the server could read neither. */
function fetchIsWatched(): boolean {
  const { process } = globalThis as { process?: NodeProcess }
  const channels = process?.getBuiltinModule?.('node:diagnostics_channel')
  return channels?.channel('undici:request:create').hasSubscribers ?? false
}
