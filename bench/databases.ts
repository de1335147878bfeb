import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../packages/db/src/database.js'
import { startPostgres } from '../packages/db/src/testing/postgres-server.js'

/** A database under measurement, as durable as in production; `fresh` makes an empty one. */
export type BenchDatabase = { name: 'postgres' | 'sqlite'; fresh(): Promise<string>; stop(): Promise<void> }

/** PostgreSQL of its own with the settings it comes with: fsync on, synchronous_commit on. */
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

/** Files in a folder of their own; the product opens them with synchronous FULL. */
export async function sqliteDatabase(): Promise<BenchDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'mgx-bench-'))
  return {
    name: 'sqlite',
    fresh: async () => `sqlite:${join(folder, `${randomBytes(8).toString('hex')}.db`)}`,
    stop: async () => rmSync(folder, { recursive: true }),
  }
}
