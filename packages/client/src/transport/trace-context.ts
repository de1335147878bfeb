type Carrier = Record<string, string>
type Setter = { set(carrier: Carrier, name: string, value: string): void }
type OpenTelemetry = {
  context?: { active(): unknown }
  propagation?: { inject(context: unknown, carrier: Carrier, setter: Setter): void }
}

/** The global under which @opentelemetry/api registers its implementation. */
const API = Symbol.for('opentelemetry.js.api.1')

type Channel = { hasSubscribers: boolean }
type NodeProcess = { getBuiltinModule?(name: string): { channel(name: string): Channel } }

/**
 * Returns the headers that make the server's spans continue the caller's trace; none when OpenTelemetry is not set up, the
 * caller set `traceparent`, or Node's fetch is instrumented. Baggage is not sent, because it is private to the caller.
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

/** An instrumented fetch sends a `traceparent` of its own; with two of them, the server could read neither. */
function fetchIsWatched(): boolean {
  const { process } = globalThis as { process?: NodeProcess }
  const channels = process?.getBuiltinModule?.('node:diagnostics_channel')
  return channels?.channel('undici:request:create').hasSubscribers ?? false
}
