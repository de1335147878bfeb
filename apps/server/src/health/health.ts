import { dialectOf } from '@mgx/db'
import type { FastifyInstance } from 'fastify'
import { type Database, hasSchema } from '../process/database.js'
import type { Lifecycle, Phase } from '../process/lifecycle.js'
import { inTime } from './in-time.js'

const CHECK_MILLISECONDS = 2_000

/** A reason why a server is not ready. */
export type Check = 'starting' | 'draining' | 'database' | 'writable' | 'schema'

/** Adds `/healthz` (the process is up) and `/readyz` (it should get traffic; else 503 with the failed checks). */
export function healthRoutes(http: FastifyInstance, failedChecks: () => Promise<Check[]>): void {
  http.get('/healthz', async () => ({ status: 'ok' }))
  http.get('/readyz', async (_request, reply) => {
    const failed = await failedChecks()
    if (failed.length === 0) return { status: 'ready' }
    return reply.code(503).send({ status: 'not_ready', failed })
  })
}

/**
 * Creates a function that resolves with the failed checks, within about four seconds whatever the database does.
 * Concurrent probes share one run. A server that was told to end says so at once, also to probes that wait for a run.
 */
export function createReadiness(db: Database, lifecycle: Lifecycle): () => Promise<Check[]> {
  let running: Promise<Check[]> | undefined
  return async () => {
    if (lifecycle.phase === 'draining') return ['draining']
    running ??= failedChecks(db).finally(() => {
      running = undefined
    })
    const failed = await running
    // The phase may have changed meanwhile.
    return (lifecycle.phase as Phase) === 'draining' ? ['draining'] : failed
  }
}

/** Checks the database. Only reads: a probe must not stand in the way of a server that migrates. */
async function failedChecks(db: Database): Promise<Check[]> {
  if (!(await passes(db.raw('SELECT 1').then(() => true)))) return ['database']
  const [isWritable, isCurrent] = await Promise.all([passes(dialectOf(db).isWritable(db)), passes(hasSchema(db))])
  return [...(isWritable ? [] : ['writable' as const]), ...(isCurrent ? [] : ['schema' as const])]
}

/** Whether a check succeeds in time. */
function passes(check: Promise<boolean>): Promise<boolean> {
  return inTime(
    CHECK_MILLISECONDS,
    check.catch(() => false),
    false,
  )
}
