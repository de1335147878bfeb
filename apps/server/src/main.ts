import { createServices } from '@mgx/api'
import { dialectOf } from '@mgx/db'
import { announceAddress, announceMissingSchema } from './announce.js'
import { readConfig } from './config.js'
import { hasSchema, openConfiguredDatabase } from './database.js'
import { prepare, prepareOnceMigrated } from './first-start.js'
import { createHttp } from './http.js'
import { keptSecret } from './kept-secret.js'
import { listen } from './listen.js'
import { createLog, logAddress } from './log.js'
import type { Life } from './phase.js'
import { shutDownOnSignals } from './shutdown.js'
import { StartupError } from './startup-error.js'
import { startSweeper } from './sweeper.js'
import { readVersion } from './version.js'

async function start(): Promise<void> {
  const config = readConfig(process.argv.slice(2))
  const log = createLog(config.logLevel, config.logFormat)
  const version = readVersion()
  const secret = config.secret ?? keptSecret()

  const db = await openConfiguredDatabase(config)
  const services = createServices({
    db,
    secret,
    version,
    logInternal: (error, requestId) => log.error({ err: error, requestId }, 'internal error'),
    logUnavailable: (error, requestId) => log.warn({ err: error, requestId }, 'the database cannot serve'),
  })
  const life: Life = { phase: 'starting' }
  if (await hasSchema(db)) {
    await prepare(services, config, life)
  } else {
    announceMissingSchema()
    void prepareOnceMigrated(services, config, life)
  }

  const http = createHttp({ services, life, log })
  const sweeper = startSweeper({ services, life, log })
  shutDownOnSignals({ http, services, sweeper, life, log })
  const address = await listen(http, config)
  logAddress(log, address)
  announceAddress(address, version, dialectOf(db).name)
}

try {
  await start()
} catch (error) {
  if (!(error instanceof StartupError)) throw error
  for (const problem of error.problems) console.error(problem)
  process.exit(1)
}
