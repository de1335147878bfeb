import { setTimeout as sleep } from 'node:timers/promises'
import type { Services } from '@mgx/api'
import { DomainError } from '@mgx/contract'
import { driverMessage, startServing } from '@mgx/db'
import type { Config } from '../config.js'
import { announceAdmin } from './announce.js'
import { hasSchema } from './database.js'
import type { Lifecycle } from './lifecycle.js'
import { seedSamples } from './seed.js'
import { StartupError } from './startup-error.js'

const RETRY_MILLISECONDS = 2_000

/**
 * Prepares a migrated database for the first call: keeps other processes from migrating it, ensures an admin with a
 * usable API key (a new key is printed only once) and a key that signs access tokens, and creates the samples.
 * @throws StartupError when the schema has changed meanwhile, or the configured admin key is not valid or is a member's.
 */
export async function prepare(services: Services, config: Config): Promise<void> {
  const stopServing = await startServing(services.db).catch((error: Error) => {
    throw new StartupError([`DATABASE_URL: ${driverMessage(error)}`], { cause: error })
  })
  try {
    await fill(services, config)
  } catch (error) {
    await stopServing()
    throw error
  }
}

async function fill(services: Services, config: Config): Promise<void> {
  const access = await services.credentials.ensureAdmin(config.adminApiKey).catch((error: unknown) => {
    if (!(error instanceof DomainError) || error.reason !== 'invalid_input') throw error
    throw new StartupError([`MGX_ADMIN_API_KEY: ${error.message.replace(/^apiKey: /, '')}`])
  })
  announceAdmin(access)
  await services.credentials.signingKeys.prepare()
  if (config.seed) await seedSamples(services)
}

/** Waits until another process has migrated the database, then calls `serve`. Failures are logged and retried. */
export async function serveOnceMigrated(
  services: Services,
  lifecycle: Lifecycle,
  serve: () => Promise<void>,
): Promise<void> {
  if (lifecycle.phase === 'starting') lifecycle.phase = 'unmigrated'
  while (lifecycle.phase === 'unmigrated') {
    await sleep(RETRY_MILLISECONDS)
    try {
      if (await hasSchema(services.db)) await serve()
    } catch (error) {
      services.logInternal(error, 'start')
    }
  }
}
