import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { databaseState, migrateLatest, openDatabase, startServing } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { mgxHere } from '../testing/run-here.js'
import { type Exit, emptyFolder } from '../testing/run-mgx.js'

type Database = Awaited<ReturnType<typeof openDatabase>>

const COMMANDS = [['status'], ['verify'], ['migrate'], ['rollback', '--yes']]
const LEGACY = new URL('../../../../examples/software-company/data/legacy_mgx_backend.db', import.meta.url)

const mgx = (args: string[], env: Record<string, string>) => mgxHere(args, { env })

/** Returns the variables for the default file in a folder. */
const inFolder = (folder: string) => ({ DATABASE_URL: `sqlite:${join(folder, 'data/mgx_backend.db')}` })

async function opened(url: string): Promise<Database> {
  const db = await openDatabase(url)
  onTestFinished(() => db.destroy())
  return db
}

/** Returns the error messages of all commands except those left out; each must exit with 1. */
async function refusals(env: Record<string, string>, without: string[] = []): Promise<string[]> {
  const said: string[] = []
  for (const words of COMMANDS.filter(([name = '']) => !without.includes(name))) {
    const { code, stderr }: Exit = await mgx(['db', ...words], env)
    expect({ words, code }).toEqual({ words, code: 1 })
    expect(stderr).toMatch(/^mgx: DATABASE_URL: [^\n]+\n$/)
    said.push(stderr)
  }
  return said
}

describe.each(testDatabases)('mgx db on $name', { timeout: 120_000 }, (database) => {
  test('reports a newer database, with no useless advice', async () => {
    const url = await database.url()
    const db = await opened(url)
    await migrateLatest(db)
    await db('knex_migrations').insert({ name: '20991231000000-newer', batch: 2, migration_time: new Date() })
    for (const said of await refusals({ DATABASE_URL: url })) {
      expect(said).toContain(
        'belongs to a newer MGX (it has 20991231000000-newer): start that version, or restore a backup',
      )
      expect(said).not.toMatch(/corrupt|migrate/)
    }
  })

  test('migrates a database that a server is using only with --yes', async () => {
    const env = { DATABASE_URL: await database.url() }
    const db = await opened(env.DATABASE_URL)
    await migrateLatest(db)
    onTestFinished(await startServing(db))
    expect(await mgx(['db', 'migrate'], env)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Nothing to run/),
    })
    await db.migrate.down()
    expect(await mgx(['db', 'migrate'], env)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^mgx: DATABASE_URL: a server is using this database[^\n]* -- --yes\n$/),
    })
    expect(await databaseState(env.DATABASE_URL)).toMatchObject({ kind: 'behind' })
    expect(await mgx(['db', 'rollback'], env)).toMatchObject({ code: 1, stderr: expect.stringContaining('a server') })
    expect(await mgx(['db', 'migrate', '--yes'], env)).toMatchObject({ code: 0 })
    expect(await databaseState(env.DATABASE_URL)).toMatchObject({ kind: 'current' })
  })
})

test.each(testDatabases.filter(({ name }) => name === 'postgres'))(
  'mgx db on $name leaves the tables of another program alone unless configured to share the schema',
  { timeout: 120_000 },
  async (database) => {
    const url = await database.url()
    const db = await opened(url)
    await db.raw('CREATE TABLE orders (id int)')
    for (const said of await refusals({ DATABASE_URL: url })) {
      expect(said).toMatch(/the tables of another program \(orders\).*MGX_SHARED_SCHEMA=true/)
    }
    expect(await db('information_schema.tables').where({ table_schema: 'public' }).pluck('table_name')).toEqual([
      'orders',
    ])
    const sharing = { DATABASE_URL: url, MGX_SHARED_SCHEMA: 'true' }
    expect(await mgx(['db', 'migrate'], sharing)).toMatchObject({ code: 0 })
    expect(await mgx(['db', 'status'], { DATABASE_URL: url })).toMatchObject({ code: 0 })
  },
)

describe('mgx db on a SQLite file', { timeout: 120_000 }, () => {
  test('that is missing is created only by migrate', async () => {
    const cwd = emptyFolder()
    mkdirSync(join(cwd, 'data'))
    for (const said of await refusals(inFolder(cwd), ['migrate'])) expect(said).toContain('there is no database yet')
    expect(readdirSync(join(cwd, 'data'))).toEqual([])
    expect(await mgx(['db', 'migrate'], inFolder(cwd))).toMatchObject({ code: 0 })
    expect(await mgx(['db', 'status'], inFolder(cwd))).toMatchObject({ code: 0 })
  })

  test('that was lost is reported, and replaced only if configured', async () => {
    const cwd = emptyFolder()
    mkdirSync(join(cwd, 'data'))
    await mgx(['db', 'migrate'], inFolder(cwd))
    rmSync(join(cwd, 'data/mgx_backend.db'))
    const before = readdirSync(join(cwd, 'data'))
    for (const said of await refusals(inFolder(cwd))) {
      expect(said).toMatch(/mgx_backend\.db\.migrating shows that there was one: restore it.*MGX_NEW_DATABASE=true/)
    }
    expect(readdirSync(join(cwd, 'data'))).toEqual(before)
    expect(await mgx(['db', 'migrate'], { ...inFolder(cwd), MGX_NEW_DATABASE: 'true' })).toMatchObject({ code: 0 })
    expect(await mgx(['db', 'status'], inFolder(cwd))).toMatchObject({ code: 0 })
  })

  test.each([
    ['another program’s', () => readFileSync(LEGACY), 'the tables of another program'],
    ['no database', () => Buffer.from('a text, and no database at all. '.repeat(50)), 'damaged'],
  ])('that is %s is refused and left unchanged', async (_, content, reason) => {
    const cwd = emptyFolder()
    mkdirSync(join(cwd, 'data'))
    const file = join(cwd, 'data/mgx_backend.db')
    writeFileSync(file, content())
    for (const said of await refusals(inFolder(cwd))) expect(said).toContain(reason)
    expect(readdirSync(join(cwd, 'data'))).toEqual(['mgx_backend.db'])
    expect(readFileSync(file).equals(content())).toBe(true)
  })

  test('that was copied with its log after a kill can be inspected and verified, and stays unchanged', async () => {
    const cwd = emptyFolder()
    const file = join(cwd, 'mgx.db')
    const db = await opened(`sqlite:${file}`)
    await migrateLatest(db)
    for (const end of ['', '-wal']) copyFileSync(`${file}${end}`, `${file}.killed${end}`)
    const env = { DATABASE_URL: `sqlite:${file}.killed` }
    expect(await mgx(['db', 'status'], env)).toMatchObject({ code: 0 })
    expect(await mgx(['db', 'verify'], env)).toMatchObject({ code: 0 })
    for (const end of ['', '-wal']) {
      expect(readFileSync(`${file}.killed${end}`).equals(readFileSync(`${file}${end}`))).toBe(true)
    }
  })
})

test('a variable that is neither true nor false is refused by name', async () => {
  expect(await mgx(['db', 'status'], { MGX_SHARED_SCHEMA: 'perhaps' })).toEqual({
    code: 1,
    stdout: '',
    stderr: 'mgx: MGX_SHARED_SCHEMA: must be true or false\n',
  })
})
