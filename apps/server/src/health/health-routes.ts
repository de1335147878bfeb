import type { FastifyInstance } from 'fastify'
import type { Check } from './health.js'

/** `/healthz`: the process is up. `/readyz`: it should get traffic; if not, the names of the checks that fail. */
export function healthRoutes(http: FastifyInstance, failedChecks: () => Promise<Check[]>): void {
  http.get('/healthz', async () => ({ status: 'ok' }))
  http.get('/readyz', async (_request, reply) => {
    const failed = await failedChecks()
    if (failed.length === 0) return { status: 'ready' }
    return reply.code(503).send({ status: 'not_ready', failed })
  })
}
