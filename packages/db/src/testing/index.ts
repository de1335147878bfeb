import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
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

/** A kind of database that servers run on. */
export type TestDatabase = {
  name: 'sqlite' | 'postgres'
  /** Creates an empty database and returns its URL. */
  url(): Promise<string>
  /** Creates a database with all tables and no rows, as the migrations leave it, and returns its URL. */
  migratedUrl(): Promise<string>
}

/** The in-process database that `@mgx/testing` runs on. */
export type WasmDatabase = { name: 'wasm' }

/** SQLite and PostgreSQL, for `describe.each`. */
export const testDatabases: readonly TestDatabase[] = [
  { name: 'sqlite', url: async () => urlOf(newFile()), migratedUrl: migratedSqlite },
  { name: 'postgres', url: () => newPostgres(), migratedUrl: migratedPostgres },
]

/** Every kind of database, for suites that need neither another process nor a file. */
export const everyDatabase: readonly (TestDatabase | WasmDatabase)[] = [...testDatabases, { name: 'wasm' }]

/** Creates a migrated database without rows. The caller closes it with `destroy()`. */
export async function migratedDatabase(database: TestDatabase | WasmDatabase): Promise<Knex> {
  if (database.name === 'wasm') return createWasmDatabase(Date.now)
  return openDatabase(await database.migratedUrl())
}

/** The databases that others are copied from, because migrating takes ten times as long as copying. */
let sqliteTemplate: Promise<string> | undefined
let postgresTemplate: Promise<string> | undefined

async function migratedSqlite(): Promise<string> {
  sqliteTemplate ??= migrated(newFile(), urlOf)
  const file = newFile()
  copyFileSync(await sqliteTemplate, file)
  return urlOf(file)
}

async function migratedPostgres(): Promise<string> {
  postgresTemplate ??= newPostgres().then((url) => migrated(url, String))
  return newPostgres(new URL(await postgresTemplate).pathname.slice(1))
}

async function migrated(template: string, url: (template: string) => string): Promise<string> {
  const db = await openDatabase(url(template))
  await migrateLatest(db)
  await db.destroy()
  return template
}

const urlOf = (file: string) => `sqlite:${file}`

const folders: string[] = []

function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mgx-test-'))
  if (folders.push(folder) === 1) process.once('exit', removeFolders)
  return join(folder, 'test.db')
}

async function newPostgres(template = 'template1'): Promise<string> {
  const server = process.env.TEST_POSTGRES_URL
  if (!server) throw new Error('TEST_POSTGRES_URL is not set, but the tests run on PostgreSQL too')
  const name = `mgx_test_${randomUUID().replaceAll('-', '')}`
  const admin = knex({ client: 'pg', connection: server })
  // Copying files is faster here than writing them to the log.
  await admin.raw('CREATE DATABASE ?? TEMPLATE ?? STRATEGY FILE_COPY', [name, template])
  await admin.destroy()
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
