import { dialectOf } from '@mgx/db'
import type { FastifyInstance } from 'fastify'
import { type Database, hasSchema } from '../process/database.js'
import type { Lifecycle } from '../process/lifecycle.js'

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
 * Concurrent probes share one run.
 */
export function createReadiness(db: Database, lifecycle: Lifecycle): () => Promise<Check[]> {
  let running: Promise<Check[]> | undefined
  return () => {
    running ??= failedChecks(db, lifecycle).finally(() => {
      running = undefined
    })
    return running
  }
}

async function failedChecks(db: Database, lifecycle: Lifecycle): Promise<Check[]> {
  if (lifecycle.phase === 'draining') return ['draining']
  if (!(await inTime(db.raw('SELECT 1').then(() => true)))) return ['database']
  const [isWritable, isCurrent] = await Promise.all([inTime(dialectOf(db).isWritable(db)), inTime(hasSchema(db))])
  return [...(isWritable ? [] : ['writable' as const]), ...(isCurrent ? [] : ['schema' as const])]
}

/** Returns false when the check fails or takes too long. A check that takes too long is left to end by itself. */
async function inTime(check: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, CHECK_MILLISECONDS, false)
  })
  try {
    return await Promise.race([check, tooLate])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}
