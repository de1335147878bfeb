import type { AuthenticationFailure, Observer } from '@mgx/api'
import { Counter, type Registry } from 'prom-client'
import { createHistogram, SECONDS } from './histogram.js'

/** An observer of calls, and of the requests that carry them. */
export type CallMetrics = Omit<Observer, 'committed'> & { requested(milliseconds: number): void }

/** Adds the metrics of calls and requests to a registry. */
export function createCallMetrics(registry: Registry): CallMetrics {
  const registers = [registry]
  const failures: Record<AuthenticationFailure, number> = { missing: 0, malformed: 0, rejected: 0 }
  const calls = createHistogram(registry, {
    name: 'rpc_server_call_duration_seconds',
    help: 'Duration of calls by procedure; failed calls have the reason as error_type. A stream counts until it begins.',
    buckets: SECONDS,
    labels: ['rpc_method', 'error_type'],
  })
  const requests = createHistogram(registry, {
    name: 'http_server_request_duration_seconds',
    help: 'Duration of HTTP requests until their response has been sent. A stream counts until it ends.',
    buckets: SECONDS,
  })
  const limited = new Counter({
    name: 'mgx_rate_limited_total',
    help: 'Calls, sign-ins and requests for tokens that were refused as rate_limited.',
    registers,
  })
  new Counter({
    name: 'mgx_authentication_failures_total',
    help: 'Requests refused as unauthenticated: their credential is missing, malformed or rejected (unknown or ended).',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset()
      for (const [reason, count] of Object.entries(failures)) this.inc({ reason }, count)
    },
  })
  return {
    called({ path, reason, milliseconds }) {
      calls.observe(milliseconds / 1_000, path, reason)
      if (reason === 'rate_limited') limited.inc()
    },
    rateLimited: () => limited.inc(),
    authenticationFailed(failure) {
      failures[failure] += 1
    },
    requested: (milliseconds) => requests.observe(milliseconds / 1_000),
  }
}
