import { argon2Proofs, createServices } from '@mgx/api'
import { dialectOf } from '@mgx/db'
import { readConfig } from './config.js'
import { createFront } from './http/front.js'
import { createHttp } from './http/http.js'
import { announceAddress, announceMissingSchema } from './process/announce.js'
import { hasSchema, migrateAsConfigured, openConfiguredDatabase } from './process/database.js'
import { prepare, serveOnceMigrated } from './process/first-start.js'
import type { Lifecycle } from './process/lifecycle.js'
import { createLog, logAddress } from './process/log.js'
import { keepNewSecret, keptSecret } from './process/secret-file.js'
import { shutDownOnSignals } from './process/shutdown.js'
import { StartupError } from './process/startup-error.js'
import { startSweeper } from './process/sweeper.js'
import { readVersion } from './process/version.js'

/** Takes the port first, then checks what may be wrong, and only then creates anything. */
async function start(): Promise<void> {
  const config = readConfig(process.argv.slice(2))
  const log = createLog(config.logLevel, config.logFormat)
  const version = readVersion()
  const logInternal = (error: unknown, requestId: string) => log.error({ err: error, requestId }, 'internal error')
  const logUnavailable = (error: unknown, requestId: string) =>
    log.warn({ err: error, requestId }, 'the database is unavailable')

  const lifecycle: Lifecycle = { phase: 'starting' }
  const front = await createFront({ lifecycle, log, logInternal, version })
  let finish = async (): Promise<void> => {}
  shutDownOnSignals({ front, log, finish: () => finish() })
  const address = await front.listen(config)

  const kept = config.secret ?? keptSecret()
  const db = await openConfiguredDatabase(config)
  const secret = kept ?? keepNewSecret()
  await migrateAsConfigured(db, config)
  finish = () => db.destroy()
  const services = createServices({ db, secret, proofs: argon2Proofs, version, logInternal, logUnavailable })

  async function serve(): Promise<void> {
    const prepared = prepare(services, config)
    // An admin who is being created must still be shown the key.
    finish = () => prepared.catch(() => {}).then(() => db.destroy())
    await prepared
    front.serve(await createHttp({ services, lifecycle, log }))
    const sweeper = startSweeper({ services, log })
    finish = async () => {
      await sweeper.stop()
      await services.ledger.drained()
      await db.destroy()
    }
  }
  if (await hasSchema(db)) {
    await serve()
  } else {
    announceMissingSchema()
    void serveOnceMigrated(services, lifecycle, serve)
  }
  announceAddress(address, version, dialectOf(db).name)
  logAddress(log, address)
}

try {
  await start()
} catch (error) {
  if (!(error instanceof StartupError)) throw error
  for (const problem of error.problems) console.error(problem)
  process.exit(1)
}
