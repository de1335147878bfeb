import { setFlagsFromString } from 'node:v8'
import { argon2Proofs, createServices } from '@mgx/api'
import { dialectOf } from '@mgx/db'
import manifest from '../package.json' with { type: 'json' }
import { readConfig } from './config.js'
import { trustsOf } from './http/forwarded.js'
import { createFront } from './http/front.js'
import { createHttp } from './http/http.js'
import { accessLog } from './log/access-line.js'
import { createLog, logAddress } from './log/log.js'
import { createMetrics } from './metrics/metrics.js'
import { type MetricsServer, serveMetrics } from './metrics/metrics-server.js'
import { announceAddress, announceMissingSchema } from './process/announce.js'
import { hasSchema, migrateAsConfigured, openConfiguredDatabase } from './process/database.js'
import { prepare, serveOnceMigrated } from './process/first-start.js'
import type { Lifecycle } from './process/lifecycle.js'
import { keepNewSecret, keptSecret } from './process/secret-file.js'
import { shutDownOnSignals } from './process/shutdown.js'
import { StartupError } from './process/startup-error.js'
import { startSweeper } from './process/sweeper.js'
import { scheduleVerification } from './process/verification.js'

/** Takes the port first, then checks what may be wrong, and only then creates anything. */
async function start(): Promise<void> {
  const options = process.argv.slice(2)
  // `ps` shows the options to every user of the machine, and a database URL may have a password.
  process.title = 'mgx-server'
  // V8 lets a small heap grow to four times what is in use before it collects all of it; here garbage is cheap to collect.
  setFlagsFromString('--heap-growing-percent=50')
  const config = readConfig(options)
  const log = createLog({ level: config.logLevel, format: config.logFormat })
  const { version } = manifest
  const logInternal = (error: unknown, requestId: string) => log.error({ err: error, requestId }, 'internal error')
  const logUnavailable = (error: unknown, requestId: string) =>
    log.warn({ err: error, requestId }, 'the database is unavailable')

  const lifecycle: Lifecycle = { phase: 'starting' }
  const logAccess = accessLog(log, config.logSample)
  const callers = { trusts: trustsOf(config.trustProxy), origins: config.corsOrigins }
  const metrics = createMetrics()
  metrics.showProcess()
  const front = await createFront({ lifecycle, log, logAccess, logInternal, version, metrics, ...callers })
  let metricsServer: MetricsServer | undefined
  let finish = async (): Promise<void> => {}
  shutDownOnSignals({
    front,
    log,
    drainSeconds: config.drainSeconds,
    async finish() {
      await metricsServer?.close()
      await finish()
    },
  })
  const address = await front.listen(config)
  if (config.metricsPort !== undefined) metricsServer = await serveMetrics(metrics, config.host, config.metricsPort)

  const kept = config.secret ?? keptSecret()
  const db = await openConfiguredDatabase(config)
  const secret = kept ?? keepNewSecret()
  await migrateAsConfigured(db, config)
  const { redisUrl } = config
  // Imported only here, so that a server without Redis does not load its code.
  const sharedState =
    redisUrl === undefined ? undefined : (await import('@mgx/api/redis')).redisState({ url: redisUrl, db, secret, log })
  const close = async () => {
    await sharedState?.close()
    await db.destroy()
  }
  finish = close
  const services = createServices({
    db,
    secrets: { current: secret, previous: config.previousSecret },
    limits: config.limits,
    proofs: argon2Proofs,
    issuer: config.publicUrl ?? address,
    oidc: config.oidc,
    version,
    publicUrl: config.publicUrl,
    logInternal,
    logUnavailable,
    observer: metrics.observer,
    sharedState,
  })
  metrics.show(services)

  async function serve(): Promise<void> {
    const prepared = prepare(services, config)
    // An admin who is being created must still be shown the key.
    finish = () => prepared.catch(() => {}).then(close)
    await prepared
    const { oidc, oidcClient } = config
    const registration = oidc && oidcClient && { issuer: oidc.issuer, ...oidcClient }
    front.serve(
      await createHttp({
        services,
        metrics: metricsServer ? undefined : metrics,
        lifecycle,
        log,
        logAccess,
        ...callers,
        oidc: registration,
      }),
    )
    const sweeper = startSweeper({ services, log })
    const everySeconds = config.verifyEverySeconds
    const verification = everySeconds === undefined ? undefined : scheduleVerification({ services, log, everySeconds })
    finish = async () => {
      await Promise.all([sweeper.stop(), verification?.stop()])
      await services.ledger.drained()
      await services.failedSignIns.flush()
      await close()
    }
  }
  if (await hasSchema(db)) {
    await serve()
  } else {
    announceMissingSchema()
    void serveOnceMigrated(services, lifecycle, serve)
  }
  announceAddress(address, version, dialectOf(db).name)
  logAddress(log, address, metricsServer?.url)
}

try {
  await start()
} catch (error) {
  if (!(error instanceof StartupError)) throw error
  for (const problem of error.problems) console.error(problem)
  process.exit(1)
}
