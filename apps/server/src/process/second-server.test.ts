import { openDatabase } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { call } from '../testing/rpc.js'
import { emptyFolder, printedKey, runServer, startServer } from '../testing/server-process.js'

describe.each(testDatabases)(
  'a second server that would migrate a $name database',
  { timeout: 120_000 },
  (database) => {
    test('is refused while the first serves, and changes nothing; it starts once the first has ended or was killed', async () => {
      const folder = emptyFolder()
      const env = { DATABASE_URL: await database.url() }
      const first = await startServer(folder, env)
      const apiKey = printedKey(first) ?? ''
      const db = await openDatabase(env.DATABASE_URL)
      onTestFinished(() => db.destroy())
      // The schema that a server of the previous version uses.
      const names = await db('knex_migrations').orderBy('id').pluck('name')
      await db.migrate.down()
      const before = await db('knex_migrations').orderBy('id')

      // In a folder of its own, like a second checkout.
      const { code, stderr, stdout } = await runServer(emptyFolder(), env)
      expect(stderr).toMatch(/^DATABASE_URL: [^\n]*a server is using this database[^\n]*\n$/)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(await db('knex_migrations').orderBy('id')).toEqual(before)
      expect(await call({ ...first, apiKey }, 'projects.list', {})).toMatchObject({ items: { length: 1 } })

      first.signal('SIGKILL')
      await first.exited
      const second = await startServer(folder, env)
      expect(await db('knex_migrations').orderBy('id').pluck('name')).toEqual(names)
      expect(await call({ ...second, apiKey }, 'projects.list', {})).toMatchObject({ items: { length: 1 } })
    })

    test('waits, not ready, where it must not migrate by itself', async () => {
      const env = { DATABASE_URL: await database.url(), MGX_SEED: 'false' }
      await startServer(emptyFolder(), env)
      const db = await openDatabase(env.DATABASE_URL)
      onTestFinished(() => db.destroy())
      await db.migrate.down()
      const second = await startServer(emptyFolder(), { ...env, MGX_AUTO_MIGRATE: 'false' })
      expect((await fetch(`${second.url}/readyz`)).status).toBe(503)
      await db.migrate.up()
      await expect.poll(async () => (await fetch(`${second.url}/readyz`)).status, { timeout: 20_000 }).toBe(200)
    })
  },
)
