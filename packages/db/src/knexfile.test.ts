import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databaseState, openDatabase } from './database.js'
import { migrateLatest } from './migrate.js'
import { migrationNames } from './migrations/index.js'
import { startServing } from './serving.js'
import { testDatabases } from './testing/index.js'

const KNEX = createRequire(import.meta.url).resolve('knex/bin/cli.js')
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const KNEXFILE = fileURLToPath(new URL('../knexfile.js', import.meta.url))

/** Runs the stock `knex` command line, which loads the migrations from the build. */
async function knex(url: string, ...command: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [KNEX, ...command, '--knexfile', KNEXFILE], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, DATABASE_URL: url },
  })
  return stdout
}

describe.each(testDatabases)('the stock knex command line on $name', (database) => {
  test('lists, runs and rolls back the same migrations as the sources', async () => {
    const url = await database.url()
    const { pending: names } = await databaseState(url)
    expect(names.length).toBeGreaterThan(0)
    const listed = `Found ${names.length} Pending Migration file/files.\n${names.join('\n')}`
    expect(await knex(url, 'migrate:list')).toContain(listed)
    expect(await knex(url, 'migrate:latest')).toContain(`Batch 1 run: ${names.length} migrations`)
    expect(await databaseState(url)).toEqual({ kind: 'current', completed: names, pending: [] })
    expect(await knex(url, 'migrate:rollback')).toContain(`Batch 1 rolled back: ${names.length} migrations`)
    expect(await databaseState(url)).toEqual({ kind: 'empty', completed: [], pending: names })

    const db = await openDatabase(url)
    await migrateLatest(db)
    await db.destroy()
    expect(await knex(url, 'migrate:status')).toContain('No Pending Migration files Found.')
    expect(await knex(url, 'migrate:latest')).toContain('Already up to date')
  })

  test('is rejected where it would do harm, with advice what to do', async () => {
    const url = await database.url()
    const db = await openDatabase(url)
    onTestFinished(() => db.destroy())
    await migrateLatest(db)
    const release = await startServing(db)
    onTestFinished(release)
    const served = /a server is using this database/
    await expect(knex(url, 'migrate:rollback')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(served),
    })
    await db.migrate.down()
    await expect(knex(url, 'migrate:latest')).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(served) })
    expect(await databaseState(url)).toMatchObject({ kind: 'behind', completed: migrationNames.slice(0, -1) })

    await db('knex_migrations').insert({ name: '20991231000000-newer', batch: 2, migration_time: new Date() })
    await expect(knex(url, 'migrate:latest')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^DATABASE_URL: it belongs to a newer MGX [^\n]+\n$/),
    })
  })
})

test('the stock knex command line creates no migration that would never run', async () => {
  const before = readdirSync(ROOT)
  await expect(knex('sqlite::memory:', 'migrate:make', 'add_tags')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^[^\n]*packages\/db\/src\/migrations\/\d{14}-<name>\.ts[^\n]*index\.ts[^\n]*\n$/),
  })
  expect(readdirSync(ROOT)).toEqual(before)
})
