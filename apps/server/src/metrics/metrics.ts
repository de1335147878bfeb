import type { Observer, Services } from '@mgx/api'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { createCallMetrics } from './call-metrics.js'
import { createDatabaseMetrics } from './database-metrics.js'
import { createLedgerMetrics } from './ledger-metrics.js'

/** The metrics of one server. */
export type Metrics = {
  /** For the services. */
  readonly observer: Observer
  /** Counts an HTTP request that has ended. */
  requested(milliseconds: number): void
  /** Adds the state of the services' ledger and database from now on. */
  show(services: Services): void
  /** Adds the metrics of the process and of Node.js. Call it once per process. */
  showProcess(): void
  readonly contentType: string
  /** Returns all metrics in Prometheus' text format, within about a second whatever the database does. */
  text(): Promise<string>
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const { requested, ...calls } = createCallMetrics(registry)
  const ledger = createLedgerMetrics(registry)
  const refresh = createDatabaseMetrics(registry, ledger)
  let shown: Services | undefined
  return {
    observer: { ...calls, committed: ledger.committed },
    requested,
    show(services) {
      shown = services
    },
    showProcess: () => collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 }),
    contentType: registry.contentType,
    async text() {
      if (shown) await refresh(shown)
      return registry.metrics()
    },
  }
}
