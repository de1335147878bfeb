import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../packages/db/src/database.js'
import type { PostgresServer } from '../packages/db/src/testing/postgres-server.js'
import type { Scenario } from './scenario.js'
import { torturedServer } from './server.js'

const FROZEN_SECONDS = 20
/** Freezing takes so long that only every twentieth round does. */
const FROZEN_EVERY = 20

/** PostgreSQL is killed, loses its connections, refuses writes, is restarted or frozen, in turn. */
export async function postgresHurt(postgres: PostgresServer, databaseUrl: string, rounds: number): Promise<Scenario> {
  const { caller, start, close } = await torturedServer()
  start(databaseUrl)
  const run = async (...statements: string[]) => {
    const admin = await openDatabase(`${postgres.url}?options=-c%20default_transaction_read_only%3Doff`)
    for (const statement of statements) await admin.raw(statement)
    await admin.destroy()
  }
  const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`
  const hurts = [
    async () => {
      await postgres.crash()
      await postgres.restart()
    },
    () => run(cut),
    async () => {
      await run('ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()', cut)
      await sleep(500)
      await run('ALTER SYSTEM RESET default_transaction_read_only', 'SELECT pg_reload_conf()', cut)
    },
    async () => {
      await postgres.shutDown()
      await postgres.restart()
    },
  ]
  return {
    trouble: 'PostgreSQL is killed, loses its connections, is read-only, restarted or frozen for 20 s',
    rounds,
    caller,
    begin: () => databaseUrl,
    async hurt(round, random) {
      await sleep(random.between(5, 250))
      if (round % FROZEN_EVERY === 0) {
        postgres.freeze()
        await sleep(FROZEN_SECONDS * 1_000)
        postgres.thaw()
      } else {
        await hurts[round % hurts.length]?.()
      }
    },
    close,
  }
}
