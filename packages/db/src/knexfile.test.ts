import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { openDatabase } from './database.js'
import { migrateLatest, migrationStatus } from './migrate.js'
import { testDatabases } from './testing/index.js'

const KNEX = createRequire(import.meta.url).resolve('knex/bin/cli.js')
const KNEXFILE = fileURLToPath(new URL('../knexfile.js', import.meta.url))

/** Runs the stock `knex` command line, which takes the migrations from the build. */
async function knex(url: string, command: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [KNEX, command, '--knexfile', KNEXFILE], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, DATABASE_URL: url },
  })
  return stdout
}

async function status(url: string): Promise<{ completed: string[]; pending: string[] }> {
  const db = await openDatabase(url)
  try {
    return await migrationStatus(db)
  } finally {
    await db.destroy()
  }
}

describe.each(testDatabases)('the stock knex command line on $name', (database) => {
  test('lists, runs and takes back the same migrations as the sources', async () => {
    const url = await database.url()
    const { pending: names } = await status(url)
    expect(names.length).toBeGreaterThan(0)
    const listed = `Found ${names.length} Pending Migration file/files.\n${names.join('\n')}`
    expect(await knex(url, 'migrate:list')).toContain(listed)
    expect(await knex(url, 'migrate:latest')).toContain(`Batch 1 run: ${names.length} migrations`)
    expect(await status(url)).toEqual({ completed: names, pending: [] })
    expect(await knex(url, 'migrate:rollback')).toContain(`Batch 1 rolled back: ${names.length} migrations`)
    expect(await status(url)).toEqual({ completed: [], pending: names })

    const db = await openDatabase(url)
    await migrateLatest(db)
    await db.destroy()
    expect(await knex(url, 'migrate:status')).toContain('No Pending Migration files Found.')
    expect(await knex(url, 'migrate:latest')).toContain('Already up to date')
  })
})
