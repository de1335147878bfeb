import { randomBytes } from 'node:crypto'
import { argon2Proofs, createServices, type Services } from '@mgx/api'
import { migrateLatest, openDatabase } from '@mgx/db'
import { createFront } from '../http/front.js'
import { createHttp } from '../http/http.js'
import type { Lifecycle } from '../process/lifecycle.js'
import { createLog } from '../process/log.js'
import { startSweeper } from '../process/sweeper.js'
import { readVersion } from '../process/version.js'

/** Shared, so that servers on one database accept the same keys. */
const SECRET = 'the secret of every server in tests'

export type TestServer = {
  /** Where it listens: `http://127.0.0.1:<port>`. */
  url: string
  adminApiKey: string
  services: Services
  close(): Promise<void>
}

/**
 * Starts the server in this process on a free port, migrated, without samples or logs. Without a `databaseUrl` it has a
 * new database in memory. On a database that has an admin, `adminApiKey` must be that admin's.
 */
export async function startTestServer(
  options: { databaseUrl?: string | undefined; adminApiKey?: string | undefined } = {},
): Promise<TestServer> {
  const { databaseUrl = 'sqlite::memory:', adminApiKey = randomBytes(24).toString('hex') } = options
  const log = createLog('silent')
  const db = await openDatabase(databaseUrl)
  await migrateLatest(db)
  const version = readVersion()
  const logInternal = (error: unknown, requestId: string) => console.error(`internal error ${requestId}:`, error)
  const services = createServices({
    db,
    secret: SECRET,
    proofs: argon2Proofs,
    version,
    logInternal,
    logUnavailable: () => {},
  })
  await services.credentials.ensureAdmin(adminApiKey)
  const lifecycle: Lifecycle = { phase: 'starting' }
  const front = await createFront({ lifecycle, log, logInternal, version })
  const url = await front.listen({ host: '127.0.0.1', port: 0 })
  front.serve(await createHttp({ services, lifecycle, log }))
  const sweeper = startSweeper({ services, log })
  return {
    url,
    adminApiKey,
    services,
    async close() {
      await front.close()
      await sweeper.stop()
      await services.ledger.drained()
      await db.destroy()
    },
  }
}
