import { type ProxyTracerProvider, type Tracer, trace } from '@opentelemetry/api'

/**
 * Returns the tracer of the OpenTelemetry SDK that the process has by now; undefined when it has none, so that nothing is
 * done for spans that nobody gets.
 */
export function registeredTracer(): Tracer | undefined {
  const provider = trace.getTracerProvider()
  // Without an SDK it is the API's proxy, which would give a tracer of spans that are not recorded.
  return 'getDelegateTracer' in provider
    ? (provider as ProxyTracerProvider).getDelegateTracer('mgx')
    : provider.getTracer('mgx')
}
