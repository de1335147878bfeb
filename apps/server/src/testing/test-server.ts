import { randomBytes } from 'node:crypto'
import { argon2Proofs, createServices, type Services, type ServicesOptions } from '@mgx/api'
import { migrateLatest, openDatabase } from '@mgx/db'
import manifest from '../../package.json' with { type: 'json' }
import type { OidcRegistration } from '../auth/oidc-client.js'
import { trustsOf } from '../http/forwarded.js'
import { createFront } from '../http/front.js'
import { createHttp } from '../http/http.js'
import { accessLog } from '../log/access-line.js'
import { createLog } from '../log/log.js'
import { createMetrics } from '../metrics/metrics.js'
import type { Lifecycle } from '../process/lifecycle.js'
import { startSweeper } from '../process/sweeper.js'

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
 * new database in memory, and without `limits` it accepts any number of calls and of wrong credentials. On a database that has an admin, `adminApiKey` must be that admin's.
 */
export async function startTestServer(
  options: {
    databaseUrl?: string | undefined
    adminApiKey?: string | undefined
    trustProxy?: string[]
    corsOrigins?: string[]
    /** How the server is registered at the provider of `oidc`. */
    oidcClient?: Omit<OidcRegistration, 'issuer'>
    redisUrl?: string
  } & Partial<Pick<ServicesOptions, 'limits' | 'secrets' | 'issuer' | 'publicUrl' | 'oidc' | 'now'>> = {},
): Promise<TestServer> {
  const {
    databaseUrl = 'sqlite::memory:',
    adminApiKey = randomBytes(24).toString('hex'),
    oidcClient,
    redisUrl,
    ...given
  } = options
  const log = createLog({ level: 'silent' })
  const logAccess = accessLog(log, 1)
  const db = await openDatabase(databaseUrl)
  await migrateLatest(db)
  const { version } = manifest
  const logInternal = (error: unknown, requestId: string) => console.error(`internal error ${requestId}:`, error)
  const lifecycle: Lifecycle = { phase: 'starting' }
  const callers = { trusts: trustsOf(options.trustProxy ?? []), origins: options.corsOrigins ?? [] }
  const metrics = createMetrics()
  const front = await createFront({ lifecycle, log, logAccess, logInternal, version, metrics, ...callers })
  const url = await front.listen({ host: '127.0.0.1', port: 0 })
  const secrets = given.secrets ?? { current: SECRET }
  const sharedState = redisUrl
    ? (await import('@mgx/api/redis')).redisState({ url: redisUrl, db, secret: secrets.current, log })
    : undefined
  const services = createServices({
    db,
    sharedState,
    secrets,
    issuer: url,
    ...given,
    limits: { failures: Number.MAX_SAFE_INTEGER, ...options.limits },
    proofs: argon2Proofs,
    version,
    logInternal,
    logUnavailable: () => {},
    observer: metrics.observer,
  })
  metrics.show(services)
  await services.credentials.ensureAdmin(adminApiKey)
  await services.credentials.signingKeys.prepare()
  const registration = given.oidc && oidcClient && { issuer: given.oidc.issuer, ...oidcClient }
  front.serve(await createHttp({ services, metrics, lifecycle, log, logAccess, ...callers, oidc: registration }))
  const sweeper = startSweeper({ services, log })
  return {
    url,
    adminApiKey,
    services,
    async close() {
      await front.close()
      await sweeper.stop()
      await services.ledger.drained()
      await services.failedSignIns.flush()
      await sharedState?.close()
      await db.destroy()
    },
  }
}
