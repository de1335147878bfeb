import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../packages/db/src/database.js'
import { startPostgres } from '../packages/db/src/testing/postgres-server.js'

/** A kind of database to measure, as durable as in production; `fresh` creates an empty one and returns its URL. */
export type BenchDatabase = { name: 'postgres' | 'sqlite'; fresh(): Promise<string>; stop(): Promise<void> }

/** Starts a PostgreSQL server with default settings: fsync on, synchronous_commit on. */
export async function postgresDatabase(): Promise<BenchDatabase> {
  const server = await startPostgres({ durable: true })
  return {
    name: 'postgres',
    async fresh() {
      const name = `bench_${randomBytes(8).toString('hex')}`
      const admin = await openDatabase(server.url)
      await admin.raw('CREATE DATABASE ??', [name])
      await admin.destroy()
      const url = new URL(server.url)
      url.pathname = `/${name}`
      return url.href
    },
    stop: server.stop,
  }
}

/** Creates SQLite files in a temporary folder; the product opens them with synchronous FULL. */
export async function sqliteDatabase(): Promise<BenchDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'mgx-bench-'))
  return {
    name: 'sqlite',
    fresh: async () => `sqlite:${join(folder, `${randomBytes(8).toString('hex')}.db`)}`,
    stop: async () => rmSync(folder, { recursive: true }),
  }
}
