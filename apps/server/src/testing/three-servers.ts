import { openDatabase } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import type { Knex } from 'knex'
import { onTestFinished } from 'vitest'
import type { Caller } from './rpc.js'
import { emptyFolder, type ServerProcess, startServer } from './server-process.js'

const NAMES = ['first', 'second', 'third']
const API_KEY = 'the-key-of-every-server-in-this-test'

export type ThreeServers = {
  servers: (ServerProcess & Caller & { name: string })[]
  /** The database that they share. */
  db: Knex
  /** Returns the names of the servers whose statements wait for a lock now, those that have waited longest first. */
  waiting(): Promise<string[]>
}

/** Starts three server processes on a new PostgreSQL database. They are killed at the end of the test. */
export async function startThree(env: NodeJS.ProcessEnv): Promise<ThreeServers> {
  const databaseUrl = (await testDatabases.find(({ name }) => name === 'postgres')?.migratedUrl()) ?? ''
  const start = async (name: string) => {
    // PostgreSQL shows the name beside each statement, so that a test knows whose it is.
    const url = new URL(databaseUrl)
    url.searchParams.set('application_name', name)
    const server = await startServer(emptyFolder(), {
      DATABASE_URL: url.href,
      MGX_SECRET: 'the-secret-of-every-server-in-this-test',
      MGX_ADMIN_API_KEY: API_KEY,
      MGX_SEED: 'false',
      ...env,
    })
    return { ...server, name, apiKey: API_KEY }
  }
  const [first = '', ...others] = NAMES
  // One by itself first, which migrates.
  const servers = [await start(first), ...(await Promise.all(others.map(start)))]
  const db = await openDatabase(databaseUrl)
  onTestFinished(() => db.destroy())
  return {
    servers,
    db,
    waiting: () =>
      db('pg_stat_activity')
        .where('datname', db.raw('current_database()'))
        .where({ wait_event_type: 'Lock' })
        .orderBy('query_start')
        .pluck('application_name'),
  }
}
