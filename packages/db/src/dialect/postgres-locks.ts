import { performance } from 'node:perf_hooks'
import { clearTimeout, setTimeout } from 'node:timers'
import { setTimeout as sleep } from 'node:timers/promises'
import knex, { type Knex } from 'knex'
import pg from 'pg'
import { ENDING_MILLISECONDS, type MigrationWork, type Release } from './migration-lock.js'
import { unhurriedConfig } from './postgres-connection.js'

/** An arbitrary number that only this project's migrations lock. */
const MIGRATION_LOCK = 6_043_210_118
/** SQL: the key of this schema's serving lock; servers hold it shared, a migration takes it exclusively. */
const SERVING_LOCK = `${2 ** 40} + quote_ident(current_schema())::regnamespace::oid::bigint`

const PAUSE_MILLISECONDS = 100
const RECONNECT_MILLISECONDS = 1_000

/** Makes PostgreSQL notice a vanished client machine within two minutes instead of its default of two hours. */
const NOTICE_DEATH = 'SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 5'

export async function withMigrationLock<Result>(db: Knex, work: MigrationWork<Result>): Promise<Result> {
  const migrating = knex(unhurriedConfig(db))
  const connection = await migrating.client.acquireConnection()
  try {
    await migrating.raw('SELECT pg_advisory_lock(?)', [MIGRATION_LOCK]).connection(connection)
    return await work(migrating, async () => {
      const until = performance.now() + ENDING_MILLISECONDS
      for (;;) {
        const taken = migrating.raw(`SELECT pg_try_advisory_lock(${SERVING_LOCK}) AS taken`).connection(connection)
        if ((await taken).rows[0].taken) return true
        if (performance.now() > until) return false
        await sleep(PAUSE_MILLISECONDS)
      }
    })
  } finally {
    // Closing the connection releases its locks, even if the connection is broken.
    await migrating.client.releaseConnection(connection)
    await migrating.destroy()
  }
}

/** Uses a separate connection, because locks end with their connection, and reconnects when it is lost. */
export async function holdServing(db: Knex): Promise<Release> {
  let isReleased = false
  let holding: pg.Client | undefined
  let timer: NodeJS.Timeout

  async function hold(): Promise<void> {
    const client = new pg.Client(unhurriedConfig(db).connection as pg.ClientConfig)
    // An error also ends the connection, which `end` handles.
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query(NOTICE_DEATH)
      await client.query(`SELECT pg_advisory_lock_shared(${SERVING_LOCK})`)
    } catch (error) {
      client.end().catch(() => {})
      throw error
    }
    holding = client
    client.once('end', holdAgain)
    if (isReleased) await client.end()
  }

  function holdAgain(): void {
    if (isReleased) return
    timer = setTimeout(() => hold().catch(holdAgain), RECONNECT_MILLISECONDS)
    timer.unref()
  }

  await hold()
  return async () => {
    isReleased = true
    clearTimeout(timer)
    await holding?.end()
  }
}
