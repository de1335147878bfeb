import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import knex, { type Knex } from 'knex'
import { openDatabase } from '../database.js'
import { migrateLatest } from '../migrate.js'
import { createWasmDatabase } from '../wasm/wasm-database.js'

export { allModels } from '../prices/catalogue-models.js'
export { breakingProxy } from './breaking-proxy.js'
export { type FailingWrites, failingWrites } from './failing-writes.js'
export { freePort } from './free-port.mjs'
export { type Invoice, invoiceNamed, invoices, oneInvoiceOfEach } from './invoices/index.js'
export { type PostgresServer, startPostgres } from './postgres-server.js'
export { mountSmallDisk, type SmallDisk } from './small-disk.js'
export { unprivileged } from './unprivileged.js'
export { type UsageCount, usageCounts } from './usage-bodies.js'

/** A kind of database that servers run on; `url` creates an empty one and returns its URL. */
export type TestDatabase = { name: 'sqlite' | 'postgres'; url(): Promise<string> }

/** The in-process database that `@mgx/testing` runs on. */
export type WasmDatabase = { name: 'wasm' }

/** SQLite and PostgreSQL, for `describe.each`. */
export const testDatabases: readonly TestDatabase[] = [
  { name: 'sqlite', url: freshSqlite },
  { name: 'postgres', url: freshPostgres },
]

/** Every kind of database, for suites that need neither another process nor a file. */
export const everyDatabase: readonly (TestDatabase | WasmDatabase)[] = [...testDatabases, { name: 'wasm' }]

/** Creates a migrated database without rows. The caller closes it with `destroy()`. */
export async function migratedDatabase(database: TestDatabase | WasmDatabase): Promise<Knex> {
  if (database.name === 'wasm') return createWasmDatabase(Date.now)
  const db = await openDatabase(await database.url())
  await migrateLatest(db)
  return db
}

const folders: string[] = []

function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}

async function freshSqlite(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'mgx-test-'))
  if (folders.push(folder) === 1) process.once('exit', removeFolders)
  return `sqlite:${join(folder, 'test.db')}`
}

async function freshPostgres(): Promise<string> {
  const server = process.env.TEST_POSTGRES_URL
  if (!server) throw new Error('TEST_POSTGRES_URL is not set, but the tests run on PostgreSQL too')
  const name = `mgx_test_${randomUUID().replaceAll('-', '')}`
  const admin = knex({ client: 'pg', connection: server })
  await admin.raw('CREATE DATABASE ??', [name])
  await admin.destroy()
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
