import type { Services } from '@mgx/api'
import type { FastifyInstance } from 'fastify'
import { Gauge, Registry } from 'prom-client'

/** `/metrics` in Prometheus' text format: what the last self-audit of this process, a call of `system.verify`, found. */
export function metricsRoutes(http: FastifyInstance, { verifier }: Services): void {
  const registry = new Registry()
  const registers = [registry]
  new Gauge({
    name: 'mgx_ledger_drifts',
    help: 'Figures of the ledger that did not add up when it was last verified; counted up to 100.',
    registers,
    collect() {
      this.set(verifier.last()?.drifts.length ?? 0)
    },
  })
  new Gauge({
    name: 'mgx_ledger_verified_timestamp_seconds',
    help: 'When the ledger was last verified, in Unix seconds; 0 while it has not been.',
    registers,
    collect() {
      const { verifiedAt } = verifier.last() ?? {}
      this.set(verifiedAt === undefined ? 0 : Date.parse(verifiedAt) / 1_000)
    },
  })
  http.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
}
