import { startPostgres } from './packages/db/src/testing/postgres-server.js'

/** One real PostgreSQL for the whole run, unless TEST_POSTGRES_URL names one already. The workers inherit the variable. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.TEST_POSTGRES_URL) return undefined
  const server = await startPostgres()
  process.env.TEST_POSTGRES_URL = server.url
  return server.stop
}
