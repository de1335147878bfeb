import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Knex } from 'knex'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databaseState, openDatabase, openReadOnly } from './database.js'
import { migrateLatest, migrateRollback } from './migrate.js'
import { migrationNames } from './migrations/index.js'
import { type TestDatabase, testDatabases } from './testing/index.js'
import { verifyLedger } from './verify/verify.js'

const newer = '20991231000000-from-the-future'

async function opened(url: string): Promise<Knex> {
  const db = await openDatabase(url)
  onTestFinished(() => db.destroy())
  return db
}

async function migrated(database: TestDatabase): Promise<{ url: string; db: Knex }> {
  const url = await database.url()
  const db = await opened(url)
  await migrateLatest(db)
  return { url, db }
}

const ran = (name: string) => ({ name, batch: 2, migration_time: new Date() })

describe.each(testDatabases)('the state of a $name database', (database) => {
  test('is reported when it is empty, behind, current, and rolled back', async () => {
    const url = await database.url()
    const db = await opened(url)
    expect(await databaseState(url)).toEqual({ kind: 'empty', completed: [], pending: migrationNames })
    await migrateLatest(db)
    expect(await databaseState(url)).toEqual({ kind: 'current', completed: migrationNames, pending: [] })
    const last = migrationNames.at(-1) as string
    await db.migrate.down()
    expect(await databaseState(url)).toEqual({
      kind: 'behind',
      completed: migrationNames.slice(0, -1),
      pending: [last],
    })
    await migrateLatest(db)
    await migrateRollback(db)
    await migrateRollback(db)
    expect(await databaseState(url)).toEqual({ kind: 'empty', completed: [], pending: migrationNames })
  })

  test('of a newer version names the unknown migrations, and neither migrates nor rolls back', async () => {
    const { url, db } = await migrated(database)
    await db('knex_migrations').insert(ran(newer))
    const problem = `it belongs to a newer MGX (it has ${newer}): start that version, or restore a backup`
    expect(await databaseState(url)).toMatchObject({ kind: 'newer', problem })
    // Simulates diverged branches: this version also has a migration that the database lacks.
    await db('knex_migrations')
      .where({ name: migrationNames.at(-1) })
      .delete()
    expect(await databaseState(url)).toMatchObject({ kind: 'newer', problem })
    await expect(migrateLatest(db)).rejects.toMatchObject({ reason: 'conflict', message: problem })
    await expect(migrateRollback(db)).rejects.toMatchObject({ reason: 'conflict', message: problem })
  })

  test('of another program that also uses Knex migrations is foreign and is not changed', async () => {
    const url = await database.url()
    const db = await opened(url)
    await db.schema.createTable('knex_migrations', (table) => {
      table.increments()
      table.string('name')
      table.integer('batch')
      table.timestamp('migration_time')
    })
    await db('knex_migrations').insert(ran('20240101120000_create_orders.js'))
    await db.schema.createTable('orders', (table) => table.increments())
    for (const allowances of [{}, { sharedSchema: true }]) {
      const state = await databaseState(url, allowances)
      expect(state).toMatchObject({ kind: 'foreign', completed: [], pending: [] })
      expect(state.problem).toContain('knex_migrations (20240101120000_create_orders.js)')
      await expect(migrateLatest(db, allowances)).rejects.toThrow('another program')
    }
    expect(await tables(db)).toEqual(['knex_migrations', 'orders'])
  })

  test('with a missing table is damaged', async () => {
    const { url, db } = await migrated(database)
    await db.schema.dropTable('audit_log')
    expect(await databaseState(url)).toMatchObject({ kind: 'damaged', problem: expect.stringContaining('audit_log') })
  })

  test.each(['emptied', 'dropped'])('whose record of migrations was %s is damaged', async (how) => {
    const { url, db } = await migrated(database)
    if (how === 'emptied') await db('knex_migrations').delete()
    else await db.schema.dropTable('knex_migrations')
    const problem = 'it is damaged (missing: knex_migrations): restore a backup'
    expect(await databaseState(url)).toMatchObject({ kind: 'damaged', problem })
    await expect(migrateLatest(db)).rejects.toThrow(problem)
  })

  test("with other programs' tables beside ours is still ours", async () => {
    const { url, db } = await migrated(database)
    await db.schema.createTable('notes_of_the_operator', (table) => table.increments())
    expect(await databaseState(url)).toMatchObject({ kind: 'current' })
  })

  test('is read at once while another process writes', async () => {
    const { url, db } = await migrated(database)
    await db.transaction(async (trx) => {
      await trx('knex_migrations').delete()
      expect(await databaseState(url)).toMatchObject({ kind: 'current' })
      await trx('knex_migrations').insert(migrationNames.map(ran))
    })
  })
})

async function tables(db: Knex): Promise<string[]> {
  const isSqlite = db.client.dialect === 'sqlite3'
  const names: string[] = isSqlite
    ? await db('sqlite_master').where({ type: 'table' }).pluck('name')
    : await db('information_schema.tables').where({ table_schema: 'public' }).pluck('table_name')
  return names.filter((name) => !name.startsWith('sqlite_')).sort()
}

describe('a PostgreSQL database', () => {
  const [postgres] = testDatabases.filter(({ name }) => name === 'postgres')
  const fresh = () => (postgres as TestDatabase).url()

  test('with the tables of another program is foreign, and gets none of ours', async () => {
    const url = await fresh()
    const db = await opened(url)
    await db.raw('CREATE TABLE orders (id int); CREATE TABLE parts (id int) PARTITION BY RANGE (id)')
    const { kind, problem } = await databaseState(url)
    expect({ kind, problem }).toEqual({
      kind: 'foreign',
      problem:
        'it holds the tables of another program (orders, parts): give MGX a database or a schema of its own, or set MGX_SHARED_SCHEMA=true to share this schema',
    })
    await expect(migrateLatest(db)).rejects.toMatchObject({ reason: 'conflict', message: problem })
    expect(await tables(db)).toEqual(['orders', 'parts'])
  })

  test('with such tables is migrated when the schema is shared on purpose, unless tables are named like ours', async () => {
    const url = await fresh()
    const db = await opened(url)
    await db.raw('CREATE TABLE orders (id int)')
    expect(await databaseState(url, { sharedSchema: true })).toMatchObject({ kind: 'empty' })
    await db.raw('CREATE TABLE projects (id int)')
    expect(await databaseState(url, { sharedSchema: true })).toMatchObject({ kind: 'foreign' })
    await expect(migrateLatest(db, { sharedSchema: true })).rejects.toThrow('named like ours (projects)')
    await db.raw('DROP TABLE projects')
    await migrateLatest(db, { sharedSchema: true })
    expect(await databaseState(url)).toMatchObject({ kind: 'current' })
  })

  test('with the tables of an extension, or of other schemas, is empty', async () => {
    const url = await fresh()
    const db = await opened(url)
    await db.raw('CREATE EXTENSION pg_stat_statements; CREATE SCHEMA other; CREATE TABLE other.orders (id int)')
    // No available extension has a table, so this test adds one to it.
    await db.raw('CREATE TABLE of_an_extension (id int); ALTER EXTENSION pg_stat_statements ADD TABLE of_an_extension')
    expect(await databaseState(url)).toMatchObject({ kind: 'empty' })
    await migrateLatest(db)
    expect(await databaseState(url)).toMatchObject({ kind: 'current' })
  })

  test('can be read and verified by a read-only role', async () => {
    const url = await fresh()
    const db = await opened(url)
    await migrateLatest(db)
    const role = new URL(url).pathname.slice(1)
    await db.raw(`CREATE ROLE ?? LOGIN PASSWORD 'reader'`, [role])
    await db.raw('GRANT SELECT ON ALL TABLES IN SCHEMA public TO ??', [role])
    const asReader = Object.assign(new URL(url), { username: role, password: 'reader' }).href
    expect(await databaseState(asReader)).toMatchObject({ kind: 'current' })
    const reader = await openReadOnly(asReader)
    onTestFinished(() => reader.destroy())
    expect(await verifyLedger(reader, { maxDrifts: 10 })).toMatchObject({ ok: true })
  })
})

describe('a SQLite database', () => {
  function newFile(): { folder: string; file: string; url: string } {
    const folder = mkdtempSync(join(tmpdir(), 'mgx-test-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'a % b.db')
    return { folder, file, url: `sqlite:${file}` }
  }

  /** Returns every file in the folder with its bytes and modification time. */
  function contents(folder: string): Record<string, unknown> {
    const entry = (name: string) => [
      name,
      { bytes: readFileSync(join(folder, name)).toString('base64'), at: statSync(join(folder, name)).mtimeMs },
    ]
    return Object.fromEntries(readdirSync(folder).map(entry))
  }

  async function migratedFile(): Promise<ReturnType<typeof newFile>> {
    const place = newFile()
    const db = await openDatabase(place.url)
    await migrateLatest(db)
    await db.destroy()
    return place
  }

  test('that is missing is not created, nor is its folder', async () => {
    const { folder, url } = newFile()
    expect(await databaseState(url)).toEqual({ kind: 'missing', completed: [], pending: migrationNames })
    expect(readdirSync(folder)).toEqual([])
    await expect(openReadOnly(url)).rejects.toMatchObject({ reason: 'unavailable' })
    expect(readdirSync(folder)).toEqual([])
  })

  test('that no process uses can be read and verified without changing any file', async () => {
    const { folder, url } = await migratedFile()
    const before = contents(folder)
    expect(await databaseState(url)).toMatchObject({ kind: 'current' })
    const reader = await openReadOnly(url)
    expect(await verifyLedger(reader, { maxDrifts: 10 })).toMatchObject({ ok: true })
    await expect(reader('users').insert({ username: 'zoe' })).rejects.toThrow(/readonly/)
    await reader.destroy()
    expect(contents(folder)).toEqual(before)
  })

  test('of a killed process is read with its write-ahead log, which is not changed', async () => {
    const { folder, file, url } = newFile()
    const db = await openDatabase(url)
    await migrateLatest(db)
    const copy = `${file}.copy`
    for (const end of ['', '-wal']) copyFileSync(`${file}${end}`, `${copy}${end}`)
    await db.destroy()
    const before = contents(folder)
    expect(await databaseState(`sqlite:${copy}`)).toMatchObject({ kind: 'current' })
    const { 'a % b.db.copy-shm': index, ...after } = contents(folder)
    expect(index).toBeDefined()
    expect(after).toEqual(before)
  })

  test.each([
    ['deleted', (file: string) => rmSync(file)],
    ['emptied', (file: string) => truncateSync(file)],
  ])('that was %s is said to have been there, until one says that a new one is meant', async (_, lose) => {
    const { folder, file, url } = await migratedFile()
    lose(file)
    const before = contents(folder)
    const { kind, problem } = await databaseState(url)
    expect(kind).toBe('missing')
    expect(problem).toContain(`no database in ${file}, but ${file}.migrating shows that there was one`)
    expect(problem).toContain('MGX_NEW_DATABASE=true')
    expect(contents(folder)).toEqual(before)
    expect((await databaseState(url, { newDatabase: true })).problem).toBeUndefined()
    rmSync(`${file}.migrating`)
    expect((await databaseState(url)).problem).toBeUndefined()
    writeFileSync(`${file}-wal`, 'what was written last')
    expect((await databaseState(url)).problem).toContain(`${file}-wal shows`)
  })

  test('of another program is foreign, shared or not, and is not changed', async () => {
    const { folder, file, url } = newFile()
    copyFileSync(new URL('../../../examples/software-company/data/legacy_mgx_backend.db', import.meta.url), file)
    const before = contents(folder)
    for (const allowances of [{}, { sharedSchema: true }]) {
      const { kind, problem } = await databaseState(url, allowances)
      expect(kind).toBe('foreign')
      expect(problem).toMatch(/give MGX a file of its own$/)
    }
    expect(contents(folder)).toEqual(before)
  })

  test('that is a text file or truncated is damaged, and is not changed', async () => {
    const { folder, file, url } = newFile()
    writeFileSync(file, 'text that is no database, long enough to be read as a header'.repeat(20))
    const text = contents(folder)
    expect(await databaseState(url)).toMatchObject({ kind: 'damaged', problem: expect.stringContaining('NOTADB') })
    expect(contents(folder)).toEqual(text)

    const half = await migratedFile()
    truncateSync(half.file, 6_000)
    expect(await databaseState(half.url)).toMatchObject({
      kind: 'damaged',
      problem: expect.stringContaining('CORRUPT'),
    })
  })
})
