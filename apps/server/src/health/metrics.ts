import type { Services } from '@mgx/api'
import type { FastifyInstance } from 'fastify'
import { Gauge, Registry } from 'prom-client'

/** Adds `/metrics` in Prometheus' text format: the result of the last `system.verify` that ran in this process. */
export function metricsRoutes(http: FastifyInstance, { verifier }: Services): void {
  const registry = new Registry()
  const registers = [registry]
  new Gauge({
    name: 'mgx_ledger_drifts',
    help: 'Differences found when the ledger was last verified, counted up to 100.',
    registers,
    collect() {
      this.set(verifier.last()?.drifts.length ?? 0)
    },
  })
  new Gauge({
    name: 'mgx_ledger_verified_timestamp_seconds',
    help: 'When the ledger was last verified, in Unix seconds; 0 before the first time.',
    registers,
    collect() {
      const { verifiedAt } = verifier.last() ?? {}
      this.set(verifiedAt === undefined ? 0 : Date.parse(verifiedAt) / 1_000)
    },
  })
  http.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
}
